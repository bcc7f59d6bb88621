import { serviceFailure } from '../../errors/service-failure.ts'
import { inKeyOrder } from '../../listing/sort.ts'
import type { Stopped } from '../../model/engine.ts'
import type { Folder } from '../../model/folder.ts'
import { type KeyBytes, toKeyBytes } from '../../model/key.ts'
import type { Plan, WaitingExtras } from '../../model/op.ts'
import type { ResultRow } from '../../model/outcome.ts'
import { OWN_KEYS } from '../../model/own-keys.ts'
import { type Place, s3Url } from '../../model/place.ts'
import type { TransferRequest } from '../../model/request.ts'
import { optionHeaders } from '../../model/write-options.ts'
import {
  type Entries,
  mergedExtras,
  readExtras,
  withoutExtras,
  writeExtrasList,
} from '../../plan/extras-list.ts'
import { fetchExtrasList } from '../../plan/fetch-extras.ts'
import { readDeletes } from '../../plan/plan-file.ts'
import type { Clock, Files, Log } from '../../ports.ts'
import type { Store } from '../../storage/store.ts'
import { ifUnchanged, putOwnFile } from '../own-object.ts'

/** What extras are noted with. */
export interface ExtrasNoteDeps {
  readonly plan: Plan
  readonly extras: WaitingExtras
  readonly destination: Place & { readonly store: Store }
  readonly transfer: TransferRequest
  readonly files: Files
  readonly openFolder: (path: string) => Folder
  /** For the list on its way; the caller removes it. */
  readonly folder: string
  readonly context: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal }
}

/** Several runs may write at once: each sees what the other wrote, and adds to it. */
const MOST_WRITES = 4

const isTaken = (error: unknown): boolean =>
  ['PreconditionFailed', 'ConditionalRequestConflict'].includes(serviceFailure(error).code)

/**
 * Keeps at the destination since when its extras are extra. What is deleted leaves the list before that, so that a run
 * that ends in between forgets how long something waited, and never deletes anything for it.
 */
export class ExtrasNote {
  readonly #deps: ExtrasNoteDeps
  readonly #path: string
  #etag: string | undefined

  constructor(deps: ExtrasNoteDeps) {
    this.#deps = deps
    this.#path = deps.files.join(deps.folder, 'noted.ndjson')
    this.#etag = deps.extras.listEtag
  }

  /** Notes the extras that stay behind the deletes of the plan. Gives why nothing may be deleted; undefined: it may. */
  async begin(): Promise<Stopped | undefined> {
    const { plan, files, destination, context } = this.#deps
    const deletes = plan.trailer.deletes.objects > 0
    try {
      const staying = deletes ? withoutExtras(this.#all(), this.#deletes()) : this.#all()
      await writeExtrasList(files, this.#path, destination, staying)
      const isAlone = await this.#write()
      const url = s3Url(destination.bucket, destination.prefix + OWN_KEYS.extras)
      context.log.line('info', `The list of objects to delete later is at ${url}.`)
      return isAlone || !deletes ? undefined : stopped('another run wrote it at the same time')
    } catch (error) {
      const { code, message } = serviceFailure(error)
      return stopped(`${code}: ${message}`)
    }
  }

  /** Notes again what could not be deleted, by the rows of the run; else it would wait anew. */
  async end(resultsPath: string): Promise<void> {
    const { files, folder, destination, context } = this.#deps
    try {
      const gone = await inKeyOrder(this.#gone(resultsPath), {
        files,
        folder: files.join(folder, 'gone'),
      })
      await writeExtrasList(files, this.#path, destination, withoutExtras(this.#all(), gone))
      await this.#write()
    } catch (error) {
      const { code, message } = serviceFailure(error)
      const why = `${code}: ${message}`
      context.log.line(
        'warn',
        `The waiting time starts again for objects that could not be deleted, because the list of delete-after could not be updated: ${why}`,
      )
    }
  }

  #all(): Entries {
    const { extras, files } = this.#deps
    return readExtras(files, extras.path)
  }

  async *#deletes(): AsyncGenerator<{ readonly key: KeyBytes }, undefined> {
    const { plan, files, destination } = this.#deps
    for await (const { key } of readDeletes(files, plan))
      yield { key: toKeyBytes(key.slice(destination.prefix.length)) }
    return undefined
  }

  async *#gone(resultsPath: string): AsyncGenerator<{ readonly key: KeyBytes }, undefined> {
    const { files, destination } = this.#deps
    for await (const line of files.lines(resultsPath)) {
      const { op, key, status } = JSON.parse(line) as ResultRow
      if (op === 'delete' && status === 'done')
        yield { key: toKeyBytes(key.slice(destination.prefix.length)) }
    }
    return undefined
  }

  /** Writes the list in place of the one that is known. Gives whether no other run wrote one meanwhile. */
  async #write(): Promise<boolean> {
    for (let tried = 1; ; tried++)
      try {
        this.#etag = await this.#put()
        return tried === 1
      } catch (error) {
        if (!isTaken(error) || tried === MOST_WRITES) throw error
        // The answer to a write of ours may have been lost.
        if (await this.#mergeTheirs()) return tried === 1
      }
  }

  /** Adds what another run wrote to what is to be written. Gives whether that is this run's own already. */
  async #mergeTheirs(): Promise<boolean> {
    const { files, folder, destination, transfer, context } = this.#deps
    const theirs = files.join(folder, 'theirs.ndjson')
    const found = await fetchExtrasList(destination, theirs, {
      files,
      clock: context.clock,
      signal: context.signal,
      timeoutMs: transfer.requestTimeoutMs,
      retryCount: transfer.retryCount,
    })
    this.#etag = found.etag
    const isRead = found.etag !== undefined && found.flaw === undefined
    if (isRead && (await files.sha256(theirs)) === (await files.sha256(this.#path))) return true
    const ours = this.#all()
    const all = isRead ? mergedExtras(ours, readExtras(files, theirs)) : ours
    await writeExtrasList(files, this.#path, destination, all)
    return false
  }

  async #put(): Promise<string> {
    const { destination, transfer, openFolder, folder, context } = this.#deps
    const { store, bucket, prefix } = destination
    const { sse, sseKmsKeyId, acl } = transfer.write
    const { requestTimeoutMs, retryCount } = transfer
    const { clock, signal } = context
    // Nobody but this action has a use for it, so that it is shown to nobody else.
    const own = acl === 'bucket-owner-full-control' ? acl : undefined
    const headers = {
      ...optionHeaders({ storageClass: undefined, sse, sseKmsKeyId, acl: own }),
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
    }
    const only = ifUnchanged(this.#etag)
    const to = { bucket, key: prefix + OWN_KEYS.extras }
    const file = await openFolder(folder).open(toKeyBytes('noted.ndjson'))
    try {
      const deps = { store, clock, retryCount, requestTimeoutMs, signal }
      return await putOwnFile(file, { to, only, headers }, deps)
    } finally {
      await file.close()
    }
  }
}

const stopped = (why: string): Stopped => ({
  status: 'failed',
  code: 'ExtrasNotNoted',
  message: `The list of objects to delete later (delete-after) could not be written at the destination: ${why}`,
})
