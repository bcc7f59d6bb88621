import { describe, expect, it } from 'vitest'
import { listedChecksum } from '../../../src/model/checksum.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import { ChecksumLooks } from '../../../src/plan/checksum-looks.ts'
import type { HeadResult, Objects } from '../../../src/storage/store.ts'
import { jumpingClock, recordingLog, scriptedObjects, scriptedStore } from '../../ports.ts'

const MODIFIED = '2026-01-01T00:00:00.000Z'
const NAMED =
  listedChecksum('ChecksumAlgorithm', 'CRC32') | listedChecksum('ChecksumType', 'FULL_OBJECT')

const found = (sum: string | undefined, more: Partial<HeadResult> = {}): HeadResult => ({
  ...{ size: 5, etag: 'e', modified: MODIFIED, restored: false },
  checksums: new Map(sum === undefined ? [] : [['CRC32', sum]]),
  ...more,
})

const denied = () =>
  Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })

interface Scene {
  readonly source?: Objects['stat']
  readonly destination?: Objects['stat']
  readonly listed?: number
  readonly perSecond?: number
  readonly signal?: AbortSignal
}

function scene(script: Scene) {
  const same: Objects['stat'] = async () => found('AAAAAA==')
  const { source = same, destination = same, listed = NAMED } = script
  const asked = { source: 0, destination: 0, at: 0, most: 0 }
  const log = recordingLog()
  const clock = jumpingClock()
  const side = (name: 'source' | 'destination', stat: Objects['stat']) => {
    const counted: Objects['stat'] = async (...given) => {
      asked[name]++
      asked.most = Math.max(asked.most, ++asked.at)
      await new Promise((resolve) => setImmediate(resolve))
      asked.at--
      return stat(...given)
    }
    const store = scriptedStore({ objects: scriptedObjects({ stat: counted }) })
    return { bucket: name, prefix: '', single: false, region: 'r', store }
  }
  const looks = new ChecksumLooks({
    ...{ source: side('source', source), destination: side('destination', destination) },
    rules: { requestTimeoutMs: 1000, requestsPerSecond: script.perSecond, retryCount: 0 },
    ...{ clock, log, signal: script.signal ?? new AbortController().signal },
  })
  const object: ObjectInfo = {
    ...{ key: toKeyBytes('k'), size: 5, etag: 'e', modified: MODIFIED, storageClass: '' },
    ...{ restored: false, checksums: listed || undefined },
  }
  const look = (fromVersion?: string) =>
    looks.look({ from: object, to: object, fromKey: 'a', toKey: 'b', fromVersion })
  const verdicts = async (times: number) =>
    (await Promise.all(Array.from({ length: times }, () => look()))).map(({ verdict }) => verdict)
  return { looks, look, verdicts, asked, log, clock }
}

describe('a look at the checksums of both sides', () => {
  it('takes two HEADs, and never more than 64 at a time', async () => {
    const { verdicts, asked, looks } = scene({})
    expect(new Set(await verdicts(200))).toEqual(new Set(['equal']))
    expect(asked).toMatchObject({ source: 200, destination: 200, most: 64 })
    expect(looks.taken).toEqual({ pairs: 200, source: 200, destination: 200 })
  })

  it('asks for the version of the source that is compared', async () => {
    const asked: unknown[] = []
    const source: Objects['stat'] = async ({ versionId }) => {
      asked.push(versionId)
      return found(versionId === 'v1' ? 'AAAAAA==' : 'BBBBBA==')
    }
    expect((await scene({ source }).look('v1')).verdict).toBe('equal')
    expect((await scene({ source }).look()).verdict).toBe('differs')
    expect(asked).toEqual(['v1', undefined])
  })

  it('keeps to the requests a second that were asked for', async () => {
    const { verdicts, clock } = scene({ perSecond: 10 })
    await verdicts(10)
    expect(clock.now() - 1_000_000).toBeGreaterThanOrEqual(1800)
  })

  it('ends where the run is cancelled', async () => {
    const cancel = new AbortController()
    const { look } = scene({
      signal: cancel.signal,
      source: async () => {
        cancel.abort(new Error('cancelled'))
        throw new Error('aborted')
      },
    })
    await expect(look()).rejects.toThrow('cancelled')
  })

  it('is not taken any more behind ten refusals in a row, of which one is told', async () => {
    const { look, asked, log } = scene({
      destination: async () => {
        throw denied()
      },
    })
    for (let i = 0; i < 30; i++) expect((await look()).verdict).toBe('not-asked')
    expect(asked.destination).toBe(10)
    expect(log.lines).toEqual([expect.stringMatching(/destination.*AccessDenied.*kms:Decrypt/)])
  })

  it('goes on where some are refused, and tells it once', async () => {
    let times = 0
    const { look, log } = scene({
      source: async () => {
        if (++times % 2) throw denied()
        return found('AAAAAA==')
      },
    })
    const seen: string[] = []
    for (let i = 0; i < 40; i++) seen.push((await look()).verdict)
    expect(seen.filter((verdict) => verdict === 'equal').length).toBe(20)
    expect(log.lines.length).toBe(1)
  })

  it('says nothing of what is gone, or does not tell what it is known by', async () => {
    const gone = scene({ destination: async () => undefined })
    expect((await gone.look()).verdict).toBe('not-asked')
    const sizeless = found('AAAAAA==', { etag: '', size: Number.NaN })
    expect((await scene({ source: async () => sizeless }).look()).verdict).toBe('not-asked')
  })

  it('gives an object that changed as it is by now, and refuses one that changes again', async () => {
    const changed = found('AAAAAA==', { etag: 'new', size: 9 })
    const once = await scene({ destination: async () => changed }).look()
    expect(once).toMatchObject({
      verdict: 'equal',
      from: { etag: 'e' },
      to: { etag: 'new', size: 9 },
    })
    let times = 0
    const restless = scene({ source: async () => found('AAAAAA==', { etag: `${++times}` }) })
    await expect(restless.look()).rejects.toMatchObject({
      kind: 'guard',
      message: expect.stringContaining('s3://source/a'),
    })
  })
})

describe('where listings name none', () => {
  it('one pair is asked, and where it has none no other one', async () => {
    const { verdicts, asked, looks } = scene({ listed: 0, source: async () => found(undefined) })
    expect(new Set(await verdicts(50))).toEqual(new Set(['none']))
    expect(asked).toMatchObject({ source: 1, destination: 1 })
    expect(looks.taken.pairs).toBe(1)
  })

  it('all are asked where that one has some', async () => {
    const { verdicts, asked } = scene({ listed: 0 })
    expect(new Set(await verdicts(50))).toEqual(new Set(['equal']))
    expect(asked).toMatchObject({ source: 50, destination: 50 })
  })

  it('the next pair is asked where that one was refused', async () => {
    let times = 0
    const { verdicts, asked } = scene({
      listed: 0,
      source: async () => {
        if (++times === 1) throw denied()
        return found('AAAAAA==')
      },
    })
    expect((await verdicts(20)).toSorted()).toEqual([...Array(19).fill('equal'), 'not-asked'])
    expect(asked.source).toBe(20)
  })
})
