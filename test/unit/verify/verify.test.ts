import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { HeadResult } from '../../../src/storage/store.ts'
import { NOT_PROVEN } from '../../../src/verify/findings.ts'
import { type VerifyRequest, verify } from '../../../src/verify/verify.ts'
import { listedStore } from '../../listed-store.ts'
import { memoryFiles } from '../../memory-files.ts'
import { scriptedObjects, scriptedStore } from '../../ports.ts'

const NEVER = new AbortController().signal
const byEtag = (etag: number) => ({ ...NOT_PROVEN, etag })
const byTime = (objects: number) => ({ ...NOT_PROVEN, 'size-and-time': objects })

/** A copy of five bytes that was begun at second 100; `k` has the ETag `e-k`. */
const claimOf = (key: string) => ({
  key: toKeyBytes(key),
  from: `from/${key}`,
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
  readonly asked?: VerifyRequest['asked']
  /** ETags of the source, where they are not `e-` and the key. */
  readonly etags?: Readonly<Record<string, string>>
  readonly aws?: boolean
  readonly destinationMd5?: boolean
  readonly sourceMd5?: boolean | 'refused'
  /** Full-object checksums of both sides. */
  readonly checksums?: { readonly from: string; readonly to: string }
  /** What the objects at the destination hold. */
  readonly bytes?: string
  /** Thrown instead of an answer. */
  readonly failure?: unknown
  readonly cancelled?: AbortSignal
  readonly hurried?: AbortSignal
  readonly prefix?: string
}

const checksums = (value: string | undefined, etag: string) => ({
  etag,
  values: new Map(value === undefined ? [] : [['SHA256', value]]),
})

async function verified(script: Script) {
  const { claims, found = {}, asked = 'auto', failure, prefix = 'to/' } = script
  const files = memoryFiles()
  const writer = await files.writer('/claims')
  for (const key of claims)
    await writer.write(
      JSON.stringify({
        ...claimOf(key),
        etag: script.etags?.[key] ?? `e-${key}`,
        stood: script.stood,
        oneRequest: true,
      }),
    )
  const objects = Object.entries(found).map(([key, [size, etag, second]]) => {
    return [prefix + key, { size, etag, second }] as const
  })
  const listed = listedStore({ objects: new Map(objects), pageKeys: 100 })
  const requests: string[] = []
  const refuse = (): void => {
    if (failure !== undefined) throw failure
  }
  const store = scriptedStore({
    stat: async ({ key }): Promise<HeadResult | undefined> => {
      requests.push(`HEAD ${key}`)
      refuse()
      const object = found[key.slice(prefix.length)]
      if (!object) return undefined
      const [size, etag, second] = object
      return {
        size,
        etag,
        modified: new Date(second * 1000).toISOString(),
        restored: false,
        etagIsMd5: script.destinationMd5 ?? true,
      }
    },
    checksums: async () => checksums(script.checksums?.to, ''),
    objects: scriptedObjects({
      read: async ({ etag }) => ({
        etag,
        size: 5,
        headers: {},
        bytes: Buffer.from(script.bytes ?? ''),
      }),
    }),
    page: async (query) => {
      requests.push(`LIST ${query.prefix}`)
      refuse()
      return listed.page(query)
    },
  })
  const etagOf = (key: string) => script.etags?.[key.slice('from/'.length)] ?? ''
  const source = scriptedStore({
    checksums: async (_bucket, key) => checksums(script.checksums?.from, etagOf(key)),
    stat: async ({ key }) => {
      if (script.sourceMd5 === 'refused') throw failureOf('AccessDenied', 'no')
      const modified = new Date(0).toISOString()
      const etagIsMd5 = script.sourceMd5 ?? true
      return { size: 5, etag: etagOf(key), modified, restored: false, etagIsMd5 }
    },
  })
  const verification = verify(
    {
      asked,
      claims: [{ path: '/claims', count: claims.length }],
      source: { store: source, bucket: 'a', prefix: 'from/', single: false, region: 'eu-west-1' },
      destination: {
        store,
        bucket: 'b',
        prefix,
        single: false,
        region: 'eu-west-1',
        endpoint: script.aws ? undefined : 'http://127.0.0.1',
      },
      requestTimeoutMs: 1000,
    },
    {
      files,
      scratch: '/scratch',
      cancelled: script.cancelled ?? NEVER,
      hurried: script.hurried ?? NEVER,
    },
  )
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
    expect(await verification).toEqual({
      method: 'heads',
      checked: 2,
      proven: { ...byEtag(1), 'size-and-time': 1 },
      mismatches: new Map(),
    })
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
        proven: byEtag(1),
        mismatches: new Map([
          ['to/gone', 'The destination does not have the object.'],
          [
            'to/old',
            'The destination has 5 bytes with ETag e-x instead of 5 bytes with ETag e-old.',
          ],
          [
            'to/other',
            'The destination has 6 bytes with ETag e-y instead of 5 bytes with ETag e-other.',
          ],
          ['to/é', 'The destination does not have the object.'],
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
    expect(await looked.verification).toEqual({
      method,
      checked: copies,
      proven: byEtag(copies),
      mismatches: new Map(),
    })
    expect(looked.requests.length).toBe(requests)
  })

  it('is one listing where that is asked for', async () => {
    const { verification, requests } = await verified({
      claims: ['a'],
      found: { a: [5, 'e-a', 1] },
      asked: 'listing',
    })
    expect(await verification).toEqual({
      method: 'listing',
      checked: 1,
      proven: byEtag(1),
      mismatches: new Map(),
    })
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
    expect(await verification).toEqual({
      method,
      checked: 0,
      proven: NOT_PROVEN,
      mismatches: new Map(),
    })
    expect(requests).toEqual([])
  })
})

describe('a look that fails', () => {
  it.each([
    [
      'AccessDenied',
      'Allow s3:ListBucket or s3:GetObject on the destination; or set verify: outcomes to rely on the results of the copy requests.',
    ],
    [
      'NoSuchBucket',
      'Copied objects stay copied: run again, and only missing objects are copied; or set verify: outcomes to rely on the results of the copy requests.',
    ],
  ])('with %s says what to do', async (code, hint) => {
    const failure = failureOf(code, 'so it is')
    const { verification } = await verified({ claims: ['a'], failure })
    await expect(verification).rejects.toMatchObject({
      kind: 'verify',
      message: `The copies could not be verified: ${code}: so it is`,
      hint,
      cause: failure,
    })
  })

  it('as the listing is not complete says so', async () => {
    const failure = new SyncError('list', 'The listing is not complete.')
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
        'The destination still has the old object: it was last modified at 1970-01-01T00:01:39.000Z.',
      )
  })
})

describe('looks that a cancel cuts short', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `k${1000 + i}`)
  const held = (keys: readonly string[]) =>
    Object.fromEntries(keys.map((key) => [key, [5, `e-${key}`, 1] as const]))

  it.each([
    ['few', 128, 128],
    ['many', 300, 3],
  ])('take few requests and tell what they saw: of %s copies', async (_how, count, requests) => {
    const claims = many(count)
    const cancelled = AbortSignal.abort()
    const looked = await verified({ claims, found: held(claims), cancelled })
    const { checked, proven, inTime } = await looked.verification
    expect({ checked, proven, named: inTime?.size }).toEqual({
      checked: count,
      proven: byEtag(count),
      named: count,
    })
    expect(looked.requests.length).toBe(requests)
  })

  it('list nothing that lies between crowds of copies', async () => {
    const claims = ['a', 'z'].flatMap((crowd) => many(100).map((key) => `${crowd}/${key}`))
    const between = Array.from({ length: 5000 }, (_, i) => `m/${1000 + i}`)
    const cancelled = AbortSignal.abort()
    const looked = await verified({ claims, found: held([...claims, ...between]), cancelled })
    expect(await looked.verification).toMatchObject({ checked: 200, proven: byEtag(200) })
    expect(looked.requests.length).toBe(2)
  })

  it('leave open what there was no time for, and what only time proves of a suspect', async () => {
    const md5 = 'd'.repeat(32)
    const looked = await verified({
      claims: ['a', md5],
      etags: { [md5]: 'c'.repeat(32) },
      found: { [md5]: [5, md5, 200] },
      cancelled: AbortSignal.abort(),
    })
    const { mismatches, inTime } = await looked.verification
    expect([...mismatches.keys()]).toEqual(['to/a'])
    expect([...(inTime ?? [])]).toEqual(['to/a'])
  })

  it('are none where no time is left', async () => {
    const gone = AbortSignal.abort(new Error('hurried'))
    const looked = await verified({ claims: ['a'], cancelled: gone, hurried: gone })
    expect(await looked.verification).toMatchObject({ checked: 0, inTime: new Set() })
  })
})

describe('a copy of the right size and time whose ETag is another', () => {
  const [planned, other] = ['a'.repeat(32), 'b'.repeat(32)]
  const suspect = (script: Partial<Script>) =>
    verified({ claims: ['k'], etags: { k: planned }, found: { k: [5, other, 200] }, ...script })

  it('is another object where both ETags are MD5s', async () => {
    const looked = await suspect({ aws: true })
    const { mismatches } = await looked.verification
    expect([...mismatches.keys()]).toEqual(['to/k'])
  })

  it.each<[string, Partial<Script>]>([
    ['its encryption hides the MD5', { destinationMd5: false }],
    ['the encryption of the source hides the MD5', { sourceMd5: false }],
    ['the source cannot be looked at', { sourceMd5: 'refused' }],
    ['the service has ETags of its own', { aws: false, bytes: 'other' }],
  ])('is known by size and time where %s', async (_where, script) => {
    const looked = await suspect({ aws: true, ...script })
    expect(await looked.verification).toMatchObject({ proven: byTime(1), mismatches: new Map() })
  })

  it('is another object where the bytes of one prove that ETags are MD5s', async () => {
    const found = { k: [5, createHash('md5').update('hello').digest('hex'), 200] } as const
    const looked = await suspect({ aws: false, found, bytes: 'hello' })
    const { mismatches } = await looked.verification
    expect([...mismatches.keys()]).toEqual(['to/k'])
  })

  it.each([
    ['proven where the checksums are equal', 'AAAA', { ...NOT_PROVEN, checksum: 1 }, 0],
    ['another object where they are not', 'BBBB', NOT_PROVEN, 1],
  ])('is %s', async (_what, checksum, proven, mismatched) => {
    const looked = await suspect({ aws: true, checksums: { to: 'AAAA', from: checksum } })
    const { proven: by, mismatches } = await looked.verification
    expect([by, mismatches.size]).toEqual([proven, mismatched])
  })
})
