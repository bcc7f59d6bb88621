import type { Session } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { SyncRequest } from '../model/request.ts'
import { type BucketFolder, isOfBucket, urlOf } from '../model/shared-folder.ts'
import type { Files } from '../ports.ts'
import type { Run } from './pipeline.ts'
import type { SharedBucket } from './shared-bucket.ts'

/** The folder that a plan is read from, as it is on this machine. */
export interface PlanDir {
  readonly path: string
  /** Sees that a file of it is here, where it is anywhere; one of more bytes is refused. Throws SyncError. */
  bring(name: string, mostBytes: number): Promise<void>
  /** An error as it is told: what lies elsewhere is named by where that is. */
  told(error: unknown): unknown
}

/** A line of ours has fewer bytes, whatever the keys in it. */
const LINE_BYTES = 2 ** 16

/** More bytes no file of so many ops has, and by default no plan at all. */
export const bytesOf = (ops = 10 ** 8): number => (ops + 2) * LINE_BYTES

/** The folder that a plan of a request is read from. */
export async function planDirOf(
  run: Run,
  request: SyncRequest,
  { session, deadline }: { readonly session: Session; readonly deadline: AbortSignal },
): Promise<PlanDir> {
  const { planDir: folder } = request
  if (!isOfBucket(folder))
    return { path: folder.path, bring: async () => {}, told: (error) => error }
  const { files, host } = run.ports
  const path = await files.temporaryFolder()
  run.scratch.push(path)
  const signal = AbortSignal.any([host.cancelled, deadline])
  const asked = { input: 'plan-dir', folder, request, session, signal } as const
  return new BroughtPlan(folder, path, files, async () => {
    const { SharedBucket } = await import('./shared-bucket.ts')
    return SharedBucket.open(asked, run.ports)
  })
}

/** A plan that lies in a bucket: of its files those are here that were asked for. */
class BroughtPlan implements PlanDir {
  readonly path: string
  readonly #folder: BucketFolder
  readonly #files: Pick<Files, 'join'>
  readonly #open: () => Promise<SharedBucket>
  #bucket: Promise<SharedBucket> | undefined

  constructor(
    folder: BucketFolder,
    path: string,
    files: Pick<Files, 'join'>,
    open: () => Promise<SharedBucket>,
  ) {
    this.#folder = folder
    this.path = path
    this.#files = files
    this.#open = open
  }

  async bring(name: string, mostBytes: number): Promise<void> {
    this.#bucket ??= this.#open()
    const bucket = await this.#bucket
    const end = await bucket.fetch(name, this.#files.join(this.path, name), mostBytes)
    if (end === 'read' || end === 'absent') return
    const why = end === 'changed' ? 'it changed while it was read' : 'it is larger than any plan is'
    throw new SyncError(
      'guard',
      `The plan ${urlOf(this.#folder)}${name} cannot be applied: ${why}.`,
      {
        title: `Plan refused: ${why}`,
        hint: 'Make a new plan with mode: plan under a prefix that no other run writes to, and apply that one. Nothing was touched.',
      },
    )
  }

  told(error: unknown): unknown {
    if (!(error instanceof SyncError)) return error
    const { kind, message, title, hint, retryable, cause } = error
    if (!message.includes(this.path)) return error
    const url = urlOf(this.#folder).replace(/\/$/, '')
    // Windows has its own slash before the name of the file.
    const named = message.replaceAll(this.path, url).replaceAll(`${url}\\`, `${url}/`)
    return new SyncError(kind, named, { title, hint, retryable, cause })
  }
}
