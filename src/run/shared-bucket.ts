import type { Session } from '../credentials/session.ts'
import { adviceOf, denialIn } from '../errors/denial.ts'
import { isMissing, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { listAll } from '../listing/pages.ts'
import { s3Arn } from '../model/arn.ts'
import { toKeyBytes, toText } from '../model/key.ts'
import { s3Url } from '../model/place.ts'
import { type SyncRequest, serviceSideOf } from '../model/request.ts'
import { type BucketFolder, urlOf } from '../model/shared-folder.ts'
import type { Ports } from '../ports.ts'
import { openBucket } from '../preflight/buckets.ts'
import { fetchObject } from '../storage/fetch-object.ts'
import { retrying } from '../storage/retrying.ts'
import type { Store, WriteCondition } from '../storage/store.ts'
import { putOwnFile } from '../transfer/own-object.ts'

/** What is opened, and as whom. */
export interface SharedBucketRequest {
  readonly input: 'plan-dir' | 'shards-dir'
  readonly folder: BucketFolder
  readonly request: SyncRequest
  /** Who writes the destination. */
  readonly session: Session
  /** No request goes on behind it. */
  readonly signal: AbortSignal
}

/** What became of a file that was to be fetched; `changed`: somebody wrote over it, again and again. */
export type FetchEnd = 'read' | 'absent' | 'changed' | 'too-large'

/** A file that jobs left for one another. */
export interface LeftFile {
  /** Relative to the prefix. */
  readonly name: string
  readonly etag: string
}

/** How often an object is read that changes while it is read. */
const READS = 3

const REMEDY = {
  read: {
    action: 's3:GetObject',
    what: 'read',
    hint: 'Without s3:ListBucket, S3 denies what does not exist, too. Nothing was touched.',
  },
  list: { action: 's3:ListBucket', what: 'listed', hint: 'Nothing was touched.' },
} as const

/** A prefix of a bucket in which jobs leave files for one another, at the service of the destination, as who writes there. */
export class SharedBucket {
  readonly #asked: SharedBucketRequest
  readonly #ports: Ports
  readonly #store: Store

  /** `store`: of the folder's bucket; `open` has one. */
  constructor(asked: SharedBucketRequest, ports: Ports, store: Store) {
    this.#asked = asked
    this.#ports = ports
    this.#store = store
  }

  /** Throws SyncError where the bucket cannot be reached. */
  static async open(asked: SharedBucketRequest, ports: Ports): Promise<SharedBucket> {
    const { input, folder, request, session } = asked
    const { bucket, prefix: path } = folder
    const side = { ...request[serviceSideOf(request)], bucket, path }
    const options = { transfer: request.transfer, openStore: ports.store }
    const { store } = await openBucket(input, { side, session, folder: undefined }, options)
    return new SharedBucket(asked, ports, store)
  }

  close(): void {
    this.#store.close()
  }

  /** What lies below, at any depth. Throws SyncError. */
  async *files(below = ''): AsyncGenerator<LeftFile> {
    const { folder, signal } = this.#asked
    const { bucket } = folder
    const prefix = folder.prefix + below
    try {
      for await (const { key, etag } of listAll(
        { store: this.#store, bucket, prefix, single: false },
        signal,
      )) {
        const name = toText(key)
        if (name !== undefined) yield { name: below + name, etag }
      }
    } catch (error) {
      if (error instanceof SyncError) throw error
      throw this.#unread('list', below, error)
    }
  }

  /** Writes a file that was left to a path; what has more bytes is not read. Throws SyncError. */
  async fetch(name: string, path: string, mostBytes: number): Promise<FetchEnd> {
    const { files, clock } = this.#ports
    const { request, signal } = this.#asked
    const { requestTimeoutMs: timeoutMs, retryCount } = request.transfer
    const store = {
      stat: this.#store.stat,
      objects: retrying(this.#store.objects, { clock, retryCount, signal }),
    }
    const at = this.#at(name)
    const target = { path, mostBytes, failure: serviceFailure }
    for (let read = 1; ; read++)
      try {
        const found = await fetchObject(at, target, { store, files, timeoutMs, signal })
        return found === undefined ? 'absent' : found.isRead ? 'read' : 'too-large'
      } catch (error) {
        await files.removeFile(path)
        signal.throwIfAborted()
        const { code, status } = serviceFailure(error)
        const hasChanged = code === 'PreconditionFailed' || status === 412 || isMissing(error)
        if (!hasChanged) throw this.#unread('read', name, await this.#store.refusalOf(at, error))
        if (read === READS) return 'changed'
      }
  }

  /**
   * Leaves a file of a folder of this runner under a name, on the condition that is given where the service knows
   * conditions. Throws SyncError.
   */
  async leave(
    { folder, name }: { readonly folder: string; readonly name: string },
    as: string,
    only: WriteCondition | undefined,
  ): Promise<void> {
    const { clock } = this.#ports
    const { request, signal } = this.#asked
    const { requestTimeoutMs, retryCount } = request.transfer
    const store = this.#store
    // How the bucket encrypts is its own: what `sse` asks for is said of the destination.
    const headers = { 'content-type': contentTypeOf(name) }
    const file = await this.#ports.folder(folder).open(toKeyBytes(name))
    try {
      const deps = { store, clock, retryCount, requestTimeoutMs, signal }
      await putOwnFile(file, { to: this.#at(as), only, headers }, deps).catch(async (error) => {
        // The answer to a write of ours may have been lost.
        if (only && (await this.#holds(as, this.#ports.files.join(folder, name)))) return
        throw this.#unwritten(as, error)
      })
    } finally {
      await file.close()
    }
  }

  #at(name: string) {
    const { bucket, prefix } = this.#asked.folder
    return { bucket, key: prefix + name }
  }

  /** Whether what stands there is what a file holds. */
  async #holds(name: string, path: string): Promise<boolean> {
    const { files } = this.#ports
    const scratch = await files.temporaryFolder()
    try {
      const there = files.join(scratch, 'there')
      const end = await this.fetch(name, there, Number.MAX_SAFE_INTEGER)
      return end === 'read' && (await files.sha256(there)) === (await files.sha256(path))
    } catch {
      return false
    } finally {
      await files.remove(scratch)
    }
  }

  #unread(how: keyof typeof REMEDY, name: string, error: unknown): SyncError {
    const { input, folder } = this.#asked
    const { action, what, hint } = REMEDY[how]
    const { code, message } = serviceFailure(error)
    const url = s3Url(folder.bucket, folder.prefix + name)
    const advice = this.#advice(action, { code, message })
    return new SyncError('inputs', `${url} cannot be ${what}: ${code}: ${message}`, {
      title: `${input} cannot be ${what}: ${code}`,
      hint: `${advice ?? `Check the input ${input}, and run again.`} ${hint}`,
      cause: error,
    })
  }

  #unwritten(name: string, error: unknown): SyncError {
    const { input, folder } = this.#asked
    const { code, message, status } = serviceFailure(error)
    const url = s3Url(folder.bucket, folder.prefix + name)
    const isPlan = input === 'plan-dir'
    const kind = isPlan ? 'plan' : 'report'
    const after = isPlan
      ? 'Nothing was copied.'
      : 'What was copied stays copied: run this job again, what is done is not done twice.'
    const isMet = status === 412 || status === 409
    const what = isMet
      ? `Somebody else wrote ${url} meanwhile.`
      : `${url} cannot be written: ${code}: ${message}`
    const advice = isMet
      ? `Give each run a prefix of its own, such as ${urlOf(folder)}\${{ github.run_id }}/.`
      : (this.#advice('s3:PutObject', { code, message }) ??
        `Check the input ${input}, and run again.`)
    return new SyncError(kind, what, {
      title: isMet ? what.replace(/\.$/, '') : `${input} cannot be written: ${code}`,
      hint: `${advice} ${after}`,
      cause: error,
    })
  }

  /** What to do about a refusal; undefined: it is none for want of a permission. */
  #advice(
    action: string,
    { code, message }: { readonly code: string; readonly message: string },
  ): string | undefined {
    const { bucket, prefix } = this.#asked.folder
    const on =
      action === 's3:ListBucket'
        ? s3Arn({ bucket, region: undefined })
        : s3Arn({ bucket, region: undefined }, `${prefix}*`)
    const denial = denialIn(message)
    if (denial) return adviceOf(denial, denial.action === action ? on : undefined)
    return code === 'AccessDenied'
      ? `Allow ${action} on ${on} to the identity that writes the destination.`
      : undefined
  }
}

const contentTypeOf = (name: string): string =>
  name.endsWith('.json') ? 'application/json' : 'application/x-ndjson'
