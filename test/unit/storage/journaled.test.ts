import { beforeEach, describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import type { Files } from '../../../src/ports.ts'
import { journaled, openUploads } from '../../../src/storage/journaled.ts'
import { memoryFiles } from '../../memory-files.ts'
import { scriptedObjects } from '../../ports.ts'

const PATH = 'uploads.ndjson'
const LIMIT = { timeoutMs: 1000 }
const WRITE = { to: { bucket: 'b', key: 'k' }, only: undefined, headers: {} }

const failed = (code: string, status: number) => new ServiceError(code, 'no', { status })

let asked: string[]
let isFull: boolean
let files: ReturnType<typeof memoryFiles>
beforeEach(() => {
  asked = []
  isFull = false
  files = memoryFiles()
})

const openIn = () => openUploads({ ...files, exists: async (path) => files.texts.has(path) }, PATH)

/** A journal on a disk that may become full; `begin` may fail. */
function journal(begin = async () => {}) {
  const onDisk: Pick<Files, 'writer'> = {
    writer: async (...given) => {
      const writer = await files.writer(...given)
      const append = async (bytes: Uint8Array) => {
        if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        await writer.append(bytes)
      }
      return { ...writer, append }
    },
  }
  let begun = 0
  const objects = scriptedObjects({
    startUpload: async () => {
      await begin()
      return { ...WRITE.to, uploadId: `upload-${++begun}` }
    },
    completeUpload: async () => 'etag',
    abortUpload: async ({ uploadId }: { readonly uploadId: string }) => {
      asked.push(`abort ${uploadId}`)
    },
  })
  return journaled(objects, { files: { ...files, ...onDisk }, path: PATH, onFirst: () => {} })
}

describe('a journal of uploads', () => {
  it('has those that were begun and are not over', async () => {
    const { objects, close } = journal()
    const first = await objects.startUpload(WRITE, LIMIT)
    const second = await objects.startUpload(WRITE, LIMIT)
    await objects.completeUpload(first, { etags: [], only: undefined }, LIMIT)
    expect(await openIn()).toEqual({ begun: [second], unheard: [] })
    await objects.abortUpload(second, LIMIT)
    await close()
    expect(files.texts.has(PATH)).toBe(false)
  })

  it('has an upload before it is asked for, whose id nobody may ever hear', async () => {
    const hanging = Promise.withResolvers<void>()
    const { objects } = journal(() => hanging.promise)
    const asked = objects.startUpload(WRITE, LIMIT)
    await expect.poll(openIn).toEqual({ begun: [], unheard: [WRITE.to] })
    hanging.resolve()
    const upload = await asked
    expect(await openIn()).toEqual({ begun: [upload], unheard: [] })
  })

  it.each([
    ['has', 'was lost', new ServiceError('RequestError', 'socket hang up'), true],
    ['has', 'is a failure of the service', failed('InternalError', 500), true],
    ['has not', 'is a refusal', failed('AccessDenied', 403), false],
    ['has not', 'asks for fewer requests', failed('SlowDown', 503), false],
  ])('%s one whose answer %s', async (_, _answer, error, isThere) => {
    const { objects, open, close } = journal(() => Promise.reject(error))
    await expect(objects.startUpload(WRITE, LIMIT)).rejects.toBe(error)
    const expected = { begun: [], unheard: isThere ? [WRITE.to] : [] }
    expect(open()).toEqual(expected)
    expect(await openIn()).toEqual(expected)
    await close()
    expect(files.texts.has(PATH)).toBe(isThere)
  })

  it('is removed once nothing is left of those', async () => {
    const { objects, settleUnheard, close } = journal(() => Promise.reject(new Error('reset')))
    await expect(objects.startUpload(WRITE, LIMIT)).rejects.toThrow('reset')
    settleUnheard()
    await close()
    expect(files.texts.has(PATH)).toBe(false)
  })

  it('lets none be asked for that it cannot note', async () => {
    let requests = 0
    const { objects, close } = journal(async () => void requests++)
    isFull = true
    await expect(objects.startUpload(WRITE, LIMIT)).rejects.toThrow('ENOSPC')
    expect(requests).toBe(0)
    isFull = false
    await close()
    expect(files.texts.has(PATH)).toBe(false)
  })

  it('leaves nothing of one whose id it cannot note', async () => {
    const { objects, close } = journal(async () => {
      isFull = true
    })
    await expect(objects.startUpload(WRITE, LIMIT)).rejects.toThrow('ENOSPC')
    expect(asked).toEqual(['abort upload-1'])
    isFull = false
    await close()
    expect(files.texts.has(PATH)).toBe(false)
  })

  it('does not fail an upload that is over because it cannot note that', async () => {
    const { objects } = journal()
    const upload = await objects.startUpload(WRITE, LIMIT)
    isFull = true
    expect(await objects.completeUpload(upload, { etags: [], only: undefined }, LIMIT)).toBe('etag')
    expect(await openIn()).toEqual({ begun: [upload], unheard: [] })
  })
})
