import { describe, expect, it } from 'vitest'
import { UPLOAD_END_MS } from '../../../../src/flow/shutdown.ts'
import { compositeEtag } from '../../../../src/model/etag.ts'
import { Capabilities } from '../../../../src/storage/capabilities.ts'
import { retrying } from '../../../../src/storage/retrying.ts'
import type { Objects, PartedChecksum, Upload } from '../../../../src/storage/store.ts'
import { Uploads } from '../../../../src/transfer/direct/upload.ts'
import { scriptedObjects } from '../../../ports.ts'
import { playedTime } from '../../flow/played-time.ts'
import { refusal, silence } from './failing.ts'

const TO = { bucket: 'dst', key: 'k' }
const etagOf = (number: number): string => String(number).padStart(32, '0')
const WHOLE = compositeEtag([1, 2, 3, 4].map(etagOf))

interface Scene {
  readonly doors?: Partial<Objects>
  readonly make?: (number: number) => Promise<void>
  readonly concurrency?: number
}

/** An upload of four parts on a service that keeps what it was told. */
function scene({ doors = {}, make = async () => {}, concurrency = 2 }: Scene) {
  const clock = playedTime()
  const cancel = new AbortController()
  const { signal } = cancel
  const seen = { open: new Set<string>(), begun: [] as number[], peak: 0, inside: 0 }
  const scripted = scriptedObjects({
    startUpload: async ({ to }) => {
      const uploadId = `upload-${seen.open.size}`
      seen.open.add(uploadId)
      return { ...to, uploadId }
    },
    completeUpload: async ({ uploadId }: Upload) => {
      seen.open.delete(uploadId)
      return WHOLE
    },
    abortUpload: async ({ uploadId }) => {
      seen.open.delete(uploadId)
    },
    ...doors,
  })
  const objects = retrying(scripted, { clock, retryCount: 3, signal })
  const capabilities = new Capabilities()
  const requestTimeoutMs = 1000
  const uploads = new Uploads({
    ...{ objects, capabilities, clock, concurrency, requestTimeoutMs, signal },
  })
  const run = (whole?: PartedChecksum) =>
    clock.play(
      uploads.write(
        { to: TO, only: 'absent', headers: {}, whole },
        {
          ranges: Array.from({ length: 4 }, (_, i) => ({ first: i, last: i })),
          make: async ({ number }) => {
            seen.begun.push(number)
            seen.peak = Math.max(seen.peak, ++seen.inside)
            await clock.sleep(10)
            seen.inside--
            cancel.signal.throwIfAborted()
            await make(number)
            return etagOf(number)
          },
        },
      ),
    )
  return { run, seen, clock, cancel, capabilities }
}

describe('a write in parts', () => {
  it('makes them in parallel and puts them together in order', async () => {
    const told: (readonly string[])[] = []
    const completeUpload: Objects['completeUpload'] = async (_upload, { etags, only }) => {
      told.push(etags)
      expect(only).toBe('absent')
      return WHOLE
    }
    const { run, seen, clock } = scene({ doors: { completeUpload } })
    expect(await run()).toBe(WHOLE)
    expect(told).toEqual([[1, 2, 3, 4].map(etagOf)])
    expect(seen.peak).toBe(2)
    expect(clock.now()).toBe(20)
  })

  it('begins no further part behind one that failed, and aborts', async () => {
    const { run, seen } = scene({
      make: async (number) => {
        if (number === 2) throw refusal('AccessDenied', 403)
      },
    })
    await expect(run()).rejects.toThrow('AccessDenied')
    expect(seen.begun.toSorted()).toEqual([1, 2, 3])
    expect(seen.open.size).toBe(0)
  })

  it('aborts when its run is cancelled', async () => {
    const { run, seen, clock, cancel } = scene({})
    void clock.sleep(15).then(() => cancel.abort(new Error('cancelled')))
    await expect(run()).rejects.toThrow('cancelled')
    expect(seen.open.size).toBe(0)
  })

  it('aborts again, as parts may arrive behind an abort', async () => {
    let aborts = 0
    const abortUpload = async (): Promise<void> => {
      aborts++
      throw silence()
    }
    const make = () => Promise.reject(refusal('AccessDenied', 403))
    const { run } = scene({ doors: { abortUpload }, make })
    await expect(run()).rejects.toThrow('AccessDenied')
    expect(aborts).toBe(2)
  })

  it('waits for the upload that a cancel came across, to abort it', async () => {
    const open = new Set<string>()
    const { run, clock, cancel } = scene({
      doors: {
        startUpload: async ({ to }, { signal }) => {
          await clock.sleep(100)
          signal?.throwIfAborted()
          open.add('late')
          return { ...to, uploadId: 'late' }
        },
        abortUpload: async ({ uploadId }) => {
          open.delete(uploadId)
        },
      },
    })
    void clock.sleep(50).then(() => cancel.abort(new Error('cancelled')))
    await expect(run()).rejects.toThrow('cancelled')
    expect(open.size).toBe(0)
    expect(clock.now()).toBeLessThan(2000)
  })

  it('waits for that no longer than a moment', async () => {
    const { run, clock, cancel } = scene({
      doors: {
        startUpload: (_write, { signal }) =>
          new Promise((_, reject) =>
            signal?.addEventListener('abort', () => reject(signal.reason as Error)),
          ),
      },
    })
    void clock.sleep(50).then(() => cancel.abort(new Error('cancelled')))
    await expect(run()).rejects.toThrow('cancelled')
    expect(clock.now()).toBe(50 + UPLOAD_END_MS.begin)
  })
})

describe('the end of an upload whose answer was lost', () => {
  const end = (etag: string | undefined) => {
    let calls = 0
    const doors: Partial<Objects> = {
      completeUpload: async () => {
        throw calls++ === 0 ? silence() : refusal('NoSuchUpload', 404)
      },
      describe: async (object) => {
        if (object.etag === etag) return { size: 4, etag: object.etag, headers: {} }
        throw refusal('PreconditionFailed', 412)
      },
    }
    return scene({ doors }).run()
  }

  it('was a success when the object stands there', async () => {
    expect(await end(WHOLE)).toBe(WHOLE)
  })

  it('is not known when another one does', async () => {
    await expect(end('f'.repeat(32))).rejects.toThrow('socket hang up')
  })

  it('was none when the upload was never there', async () => {
    const completeUpload = () => Promise.reject(refusal('NoSuchUpload', 404))
    await expect(scene({ doors: { completeUpload } }).run()).rejects.toThrow('NoSuchUpload')
  })
})

describe('a checksum of the whole', () => {
  const CRC64 = { algorithm: 'CRC64NVME' } as const
  const unknown = () => refusal('InvalidArgument', 400)

  /** What each upload was begun and put together with; the service refuses what is named. */
  function service(refuses: { readonly begin?: boolean; readonly end?: boolean }) {
    const told: string[] = []
    const say = (what: string, whole: PartedChecksum | undefined) =>
      void told.push(`${what} ${whole ? [whole.algorithm, whole.value].join(' ').trim() : '-'}`)
    const doors: Partial<Objects> = {
      startUpload: async ({ to, whole }) => {
        say('begin', whole)
        if (whole && refuses.begin) throw unknown()
        return { ...to, uploadId: 'u' }
      },
      completeUpload: async (_upload, { whole }) => {
        say('end', whole)
        if (whole && refuses.end) throw unknown()
        return WHOLE
      },
    }
    return { told, ...scene({ doors }) }
  }

  it('is asked for in the beginning and in the end', async () => {
    const { run, told } = service({})
    await run({ ...CRC64, value: 'AAAA' })
    expect(told).toEqual(['begin CRC64NVME AAAA', 'end CRC64NVME AAAA'])
  })

  it('is asked for once where the service does not know it', async () => {
    const { run, told } = service({ begin: true })
    await run(CRC64)
    await run(CRC64)
    expect(told).toEqual(['begin CRC64NVME', 'begin -', 'end -', 'begin -', 'end -'])
  })

  it('is left out in the end where only that is not known', async () => {
    const { run, told, capabilities } = service({ end: true })
    await run(CRC64)
    expect(told).toEqual(['begin CRC64NVME', 'end CRC64NVME', 'end -'])
    expect(capabilities.wholeChecksums).toBe(false)
  })

  it('whose value is refused leaves no object behind', async () => {
    const { run, told, seen } = service({ end: true })
    await expect(run({ ...CRC64, value: 'AAAA' })).rejects.toThrow()
    expect(told).toEqual(['begin CRC64NVME AAAA', 'end CRC64NVME AAAA'])
    expect(seen.open.size).toBe(0)
  })
})
