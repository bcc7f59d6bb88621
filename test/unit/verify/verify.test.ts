import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { HeadResult } from '../../../src/ports.ts'
import { type VerifyGround, verify } from '../../../src/verify/verify.ts'
import { listedStore } from '../../listed-store.ts'
import { memoryFiles } from '../../memory-files.ts'
import { scriptedStore } from '../../ports.ts'

/** A copy of five bytes that was begun at second 100; `k` has the ETag `e-k`. */
const claimOf = (key: string) => ({
  key: toKeyBytes(key),
  etag: `e-${key}`,
  size: 5,
  batchBeganMs: 100_000,
})

interface Script {
  readonly claims: readonly string[]
  /** ETag of what stood there when it was planned. */
  readonly stood?: string
  /** What the destination has by relative key: size, ETag, second. */
  readonly found?: Readonly<Record<string, readonly [size: number, etag: string, second: number]>>
  readonly asked?: VerifyGround['asked']
  /** Thrown instead of an answer. */
  readonly failure?: unknown
  readonly signal?: AbortSignal
  readonly prefix?: string
}

async function verified(script: Script) {
  const { claims, found = {}, asked = 'auto', failure, prefix = 'to/' } = script
  const files = memoryFiles()
  const writer = await files.writer('/claims')
  for (const key of claims)
    await writer.write(JSON.stringify({ ...claimOf(key), stood: script.stood }))
  const objects = Object.entries(found).map(([key, [size, etag, second]]) => {
    return [prefix + key, { size, etag, second }] as const
  })
  const listed = listedStore({ objects: new Map(objects), pageKeys: 100 })
  const requests: string[] = []
  const refuse = (): void => {
    if (failure !== undefined) throw failure
  }
  const store = scriptedStore({
    head: async (_bucket, key): Promise<HeadResult | undefined> => {
      requests.push(`HEAD ${key}`)
      refuse()
      const object = found[key.slice(prefix.length)]
      if (!object) return undefined
      const [size, etag, second] = object
      return { size, etag, modified: new Date(second * 1000).toISOString(), restored: false }
    },
    listPage: async (query, read) => {
      requests.push(`LIST ${query.prefix}`)
      refuse()
      return listed.listPage(query, read)
    },
  })
  const verification = verify({
    asked,
    claims: { path: '/claims', count: claims.length },
    destination: { store, bucket: 'b', prefix, single: false, region: 'eu-west-1' },
    files,
    scratch: '/scratch',
    signal: script.signal ?? new AbortController().signal,
  })
  return { verification, requests }
}

const failureOf = (name: string, message: string): Error =>
  Object.assign(new Error(message), { name })

describe('another look at the destination', () => {
  it('finds the copies that are there, by a request for each', async () => {
    const { verification, requests } = await verified({
      claims: ['a', 'é'],
      found: { a: [5, 'e-a', 1], é: [5, 'other', 100] },
    })
    expect(await verification).toEqual({ method: 'heads', checked: 2, mismatches: new Map() })
    expect(requests).toEqual(['HEAD to/a', 'HEAD to/é'])
  })

  it.each(['auto', 'listing'] as const)(
    'says of each copy that is not there what is: %s',
    async (asked) => {
      const { verification } = await verified({
        claims: ['gone', 'held', 'old', 'other', 'é'],
        found: {
          held: [5, 'e-held', 1],
          old: [5, 'e-x', 99],
          other: [6, 'e-y', 200],
          stranger: [7, 'e-z', 200],
        },
        asked,
      })
      expect(await verification).toEqual({
        method: asked === 'auto' ? 'heads' : 'listing',
        checked: 5,
        mismatches: new Map([
          ['to/gone', 'The destination does not hold the object.'],
          [
            'to/old',
            'The destination holds 5 bytes with ETag e-x instead of 5 bytes with ETag e-old.',
          ],
          [
            'to/other',
            'The destination holds 6 bytes with ETag e-y instead of 5 bytes with ETag e-other.',
          ],
          ['to/é', 'The destination does not hold the object.'],
        ]),
      })
    },
  )

  it.each([
    [1000, 'heads', 1000],
    [1001, 'listing', 11],
  ])('of %i copies is one by %s', async (copies, method, requests) => {
    const claims = Array.from({ length: copies }, (_, i) => `k${i}`)
    const found = Object.fromEntries(claims.map((key) => [key, [5, `e-${key}`, 1] as const]))
    const looked = await verified({ claims, found })
    expect(await looked.verification).toEqual({ method, checked: copies, mismatches: new Map() })
    expect(looked.requests.length).toBe(requests)
  })

  it('is one listing where that is asked for', async () => {
    const { verification, requests } = await verified({
      claims: ['a'],
      found: { a: [5, 'e-a', 1] },
      asked: 'listing',
    })
    expect(await verification).toEqual({ method: 'listing', checked: 1, mismatches: new Map() })
    expect(requests).toEqual(['LIST to/'])
  })

  it.each<[string, Script, string]>([
    ['the engines are believed', { claims: ['a'], asked: 'outcomes' }, 'none'],
    ['every answer proved its copy', { claims: [] }, 'results'],
    [
      'nothing was copied, though a listing is asked for',
      { claims: [], asked: 'listing' },
      'results',
    ],
  ])('is not taken where %s', async (_where, script, method) => {
    const { verification, requests } = await verified(script)
    expect(await verification).toEqual({ method, checked: 0, mismatches: new Map() })
    expect(requests).toEqual([])
  })
})

describe('a look that fails', () => {
  it.each([
    [
      'AccessDenied',
      'Allow s3:ListBucket or s3:GetObject on the destination; or set verify: outcomes to believe the engines.',
    ],
    [
      'NoSuchBucket',
      'What is copied stays copied: run again, and only what is missing is copied; or set verify: outcomes to believe the engines.',
    ],
  ])('with %s says what to do', async (code, hint) => {
    const failure = failureOf(code, 'so it is')
    const { verification } = await verified({ claims: ['a'], failure })
    await expect(verification).rejects.toMatchObject({
      kind: 'execute',
      message: `The copies could not be verified: ${code}: so it is`,
      hint,
      cause: failure,
    })
  })

  it('as the run was cancelled is no fault of the copies', async () => {
    const cancelled = new Error('cancelled')
    const { verification } = await verified({
      claims: ['a'],
      failure: failureOf('AbortError', 'aborted'),
      signal: AbortSignal.abort(cancelled),
    })
    await expect(verification).rejects.toBe(cancelled)
  })

  it('as the listing is not complete says so', async () => {
    const failure = new SyncError('listing', 'The listing is not complete.')
    const { verification } = await verified({ claims: ['a'], asked: 'listing', failure })
    await expect(verification).rejects.toBe(failure)
  })
})

describe('an object that had the ETag of its source before', () => {
  it.each<[string, number, string[]]>([
    ['proves nothing where it was not written since', 99, ['to/k']],
    ['is the copy where it was written since', 100, []],
  ])('%s', async (_what, second, mismatched) => {
    const found = { k: [5, 'e-k', second] } as const
    const { verification } = await verified({ claims: ['k'], stood: 'e-k', found })
    const { mismatches } = await verification
    expect([...mismatches.keys()]).toEqual(mismatched)
    for (const why of mismatches.values())
      expect(why).toBe(
        'The destination holds what it held before the copy: it was last written at 1970-01-01T00:01:39.000Z.',
      )
  })
})
