import { isThrottling } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import type { Files } from '../ports.ts'
import type { ObjectAddress, Objects, Upload } from './store.ts'

/**
 * A line of the journal: an object whose upload is asked for; the upload that was begun, or that none was; the id of one
 * that is over. The number tells which request it was.
 */
type Line =
  | { readonly asked: ObjectAddress; readonly request: number }
  | { readonly begun: Upload; readonly request: number }
  | { readonly refused: number }
  | { readonly over: string }

/** What a journal tells of uploads that may still be there. */
export interface OpenUploads {
  readonly begun: readonly Upload[]
  /** Objects of which an upload was asked for and no answer came: it may have been begun, under an id that nobody knows. */
  readonly unheard: readonly ObjectAddress[]
}

/** Uploads in parts on file, from their beginning to their end. */
export interface UploadJournal {
  /** The same objects, whose uploads are entered. */
  readonly objects: Objects
  /** What may still be there. */
  open(): OpenUploads
  /** Nothing is left of the requests that no answer came to. */
  settleUnheard(): void
  /** Removes the journal when no upload is open in it. */
  close(): Promise<void>
}

interface JournalRules {
  readonly files: Files
  readonly path: string
  /** Told when there is something to find in the journal. */
  readonly onFirst: () => void
}

/** Whether the service may have done what was asked for all the same. */
function isUnheard(error: unknown): boolean {
  const { code, status } = serviceFailure(error)
  return (status === undefined || status >= 500) && !isThrottling(code)
}

/** What is open, as line after line says it. */
class Entries {
  readonly #asked = new Map<number, ObjectAddress>()
  readonly #begun = new Map<string, Upload>()

  take(line: Line): void {
    if ('asked' in line) this.#asked.set(line.request, line.asked)
    else if ('refused' in line) this.#asked.delete(line.refused)
    else if ('over' in line) this.#begun.delete(line.over)
    else {
      this.#asked.delete(line.request)
      this.#begun.set(line.begun.uploadId, line.begun)
    }
  }

  has(uploadId: string): boolean {
    return this.#begun.has(uploadId)
  }

  settleUnheard(): void {
    this.#asked.clear()
  }

  get open(): OpenUploads {
    return { begun: [...this.#begun.values()], unheard: [...this.#asked.values()] }
  }
}

/** The journal on file, and what is open in it. */
class Journal {
  readonly entries = new Entries()
  readonly #rules: JournalRules
  #opened: ReturnType<Files['writer']> | undefined
  #requests = 0

  constructor(rules: JournalRules) {
    this.#rules = rules
  }

  /** Notes an upload before it is asked for; gives the number of the request. Throws where it cannot be noted. */
  async ask({ bucket, key }: ObjectAddress): Promise<number> {
    const request = ++this.#requests
    const line = { asked: { bucket, key }, request }
    await this.#write(line)
    this.entries.take(line)
    return request
  }

  /** The answer names the upload. Throws where that cannot be noted. */
  async begun(upload: Upload, request: number): Promise<void> {
    const line = { begun: upload, request }
    this.entries.take(line)
    await this.#write(line)
  }

  /** The answer says that there is none. */
  refused(request: number): Promise<void> {
    return this.#close({ refused: request })
  }

  async over({ uploadId }: Upload): Promise<void> {
    if (this.entries.has(uploadId)) await this.#close({ over: uploadId })
  }

  async end(): Promise<void> {
    if (!this.#opened) return
    const { files, path } = this.#rules
    await (await this.#opened).close()
    const { begun, unheard } = this.entries.open
    if (begun.length === 0 && unheard.length === 0) await files.removeFile(path)
  }

  /** Where it cannot be noted, the post step finds an upload too many, which is gone: that does nothing. */
  async #close(line: Line): Promise<void> {
    this.entries.take(line)
    await this.#write(line).catch(() => {})
  }

  async #write(line: Line): Promise<void> {
    const { files, path, onFirst } = this.#rules
    if (!this.#opened) onFirst()
    this.#opened ??= files.writer(path)
    const writer = await this.#opened
    await writer.append(Buffer.from(`${JSON.stringify(line)}\n`))
  }
}

/**
 * Keeps a journal of uploads: what a run leaves that is killed can be found in it and aborted. It is
 * written line by line, each before what follows it is asked of the service.
 */
export function journaled(objects: Objects, rules: JournalRules): UploadJournal {
  const journal = new Journal(rules)
  return {
    objects: {
      ...objects,
      startUpload: async (write, limit) => {
        const request = await journal.ask(write.to)
        const upload = await objects.startUpload(write, limit).catch(async (error: unknown) => {
          if (!isUnheard(error)) await journal.refused(request)
          throw error
        })
        try {
          await journal.begun(upload, request)
          return upload
        } catch (error) {
          // Nobody would find it any more.
          await objects.abortUpload(upload, limit).then(
            () => journal.over(upload),
            () => {},
          )
          throw error
        }
      },
      completeUpload: async (upload, parts, limit) => {
        const etag = await objects.completeUpload(upload, parts, limit)
        await journal.over(upload)
        return etag
      },
      abortUpload: async (upload, limit) => {
        await objects.abortUpload(upload, limit)
        await journal.over(upload)
      },
    },
    open: () => journal.entries.open,
    settleUnheard: () => journal.entries.settleUnheard(),
    close: () => journal.end(),
  }
}

/** The uploads that a journal has open; its last line may have been cut off. */
export async function openUploads(
  files: Pick<Files, 'exists' | 'lines'>,
  path: string,
): Promise<OpenUploads> {
  const entries = new Entries()
  if (!(await files.exists(path))) return entries.open
  for await (const text of files.lines(path)) {
    const line = lineOf(text)
    if (line) entries.take(line)
  }
  return entries.open
}

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}
