import type { Files } from '../ports.ts'
import type { Objects, Upload } from './store.ts'

/** A line of the journal: an upload that was begun, or the id of one that is over. */
type Line = { readonly begun: Upload } | { readonly over: string }

/** Uploads in parts on file, from their beginning to their end. */
export interface UploadJournal {
  /** The same objects, whose uploads are entered. */
  readonly objects: Objects
  /** Removes the journal when no upload is open in it. */
  close(): Promise<void>
}

interface JournalRules {
  readonly files: Files
  readonly path: string
  /** Told when there is something to find in the journal. */
  readonly onFirst: () => void
}

/**
 * Keeps a journal of uploads: what a run leaves that is killed can be found in it and aborted. It is
 * written line by line, each before the first part of its upload.
 */
export function journaled(objects: Objects, { files, path, onFirst }: JournalRules): UploadJournal {
  const open = new Set<string>()
  let opened: ReturnType<Files['writer']> | undefined

  async function enter(line: Line): Promise<void> {
    if (!opened) onFirst()
    opened ??= files.writer(path)
    const journal = await opened
    await journal.append(Buffer.from(`${JSON.stringify(line)}\n`))
  }

  async function over({ uploadId }: Upload): Promise<void> {
    // A line too few lets the post step abort what is gone, which does nothing.
    if (open.delete(uploadId)) await enter({ over: uploadId }).catch(() => {})
  }

  return {
    objects: {
      ...objects,
      startUpload: async (write, limit) => {
        const upload = await objects.startUpload(write, limit)
        open.add(upload.uploadId)
        try {
          await enter({ begun: upload })
          return upload
        } catch (error) {
          // Nobody would find it any more.
          await objects.abortUpload(upload, limit).then(
            () => open.delete(upload.uploadId),
            () => {},
          )
          throw error
        }
      },
      completeUpload: async (upload, parts, limit) => {
        const etag = await objects.completeUpload(upload, parts, limit)
        await over(upload)
        return etag
      },
      abortUpload: async (upload, limit) => {
        await objects.abortUpload(upload, limit)
        await over(upload)
      },
    },
    close: async () => {
      if (!opened) return
      await (await opened).close()
      if (open.size === 0) await files.removeFile(path)
    },
  }
}

/** The uploads that a journal has open; its last line may have been cut off. */
export async function openUploads(
  files: Pick<Files, 'exists' | 'lines'>,
  path: string,
): Promise<readonly Upload[]> {
  const open = new Map<string, Upload>()
  if (!(await files.exists(path))) return []
  for await (const text of files.lines(path)) {
    const line = lineOf(text)
    if (line && 'begun' in line) open.set(line.begun.uploadId, line.begun)
    else if (line) open.delete(line.over)
  }
  return [...open.values()]
}

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}
