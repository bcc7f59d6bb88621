import { beforeEach, describe, expect, it } from 'vitest'
import type { Files } from '../../../src/ports.ts'
import { journaled, openUploads } from '../../../src/storage/journaled.ts'
import { memoryFiles } from '../../memory-files.ts'
import { scriptedObjects } from '../../ports.ts'

const PATH = 'uploads.ndjson'
const LIMIT = { timeoutMs: 1000 }
const WRITE = { to: { bucket: 'b', key: 'k' }, only: undefined, headers: {} }

let asked: string[]
let isFull: boolean
let files: ReturnType<typeof memoryFiles>
beforeEach(() => {
  asked = []
  isFull = false
  files = memoryFiles()
})

const openIn = () => openUploads({ ...files, exists: async (path) => files.texts.has(path) }, PATH)

/** A journal on a disk that may become full. */
function journal() {
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
    startUpload: async () => ({ ...WRITE.to, uploadId: `upload-${++begun}` }),
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
    expect(await openIn()).toEqual([second])
    await objects.abortUpload(second, LIMIT)
    await close()
    expect(files.texts.has(PATH)).toBe(false)
  })

  it('lets none be begun that it cannot note, and leaves nothing of it', async () => {
    const { objects, close } = journal()
    isFull = true
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
    expect(await openIn()).toEqual([upload])
  })
})
