import type { Session } from '../credentials/session.ts'
import { spareMs } from '../flow/shutdown.ts'
import { randomId } from '../lock/body.ts'
import { Claims } from '../lock/claims.ts'
import { HeldLock } from '../lock/held.ts'
import { LockObject } from '../lock/lock-object.ts'
import { releaseUnproven } from '../lock/release.ts'
import { takeLock } from '../lock/take.ts'
import type { NewFile, WritableFolder } from '../model/folder.ts'
import { type LockFacts, type LockRequest, lockUrl } from '../model/lock.ts'
import { orAborted } from '../model/or-aborted.ts'
import { type SyncRequest, serviceSideOf } from '../model/request.ts'
import { humanSeconds } from '../model/units.ts'
import { optionHeaders } from '../model/write-options.ts'
import type { Log, Ports } from '../ports.ts'
import { openBucket } from '../preflight/buckets.ts'
import type { Objects, Store } from '../storage/store.ts'
import type { LockTrace } from './post-request.ts'

/** Of one request, unless the inputs allow less. */
const TIMEOUT_MS = 10_000
const RELEASE_MS = 10_000

/** The page of this run; '' where the runner tells none. */
function runUrlOf({ env }: Ports['host']): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env
  return server && repository && id ? `${server}/${repository}/actions/runs/${id}` : ''
}

/** A write that is begun only while it may be. */
const guarded =
  <Args extends readonly unknown[], Found>(
    allow: () => Promise<void> | undefined,
    write: (...args: Args) => Promise<Found>,
  ) =>
  async (...args: Args): Promise<Found> => {
    const turn = allow()
    if (turn) await turn
    return write(...args)
  }

function guardedObjects(objects: Objects, allow: () => Promise<void> | undefined): Objects {
  return {
    ...objects,
    copy: guarded(allow, objects.copy),
    put: guarded(allow, objects.put),
    startUpload: guarded(allow, objects.startUpload),
    copyPart: guarded(allow, objects.copyPart),
    putPart: guarded(allow, objects.putPart),
    completeUpload: guarded(allow, objects.completeUpload),
  }
}

const guardedStore = (store: Store, allow: () => Promise<void> | undefined): Store => ({
  ...store,
  objects: guardedObjects(store.objects, allow),
  deleteObjects: guarded(allow, store.deleteObjects),
})

function guardedFile(file: NewFile, allow: () => Promise<void> | undefined): NewFile {
  return {
    handle: file.handle,
    write: (bytes, at) => file.write(bytes, at),
    read: (into, at) => file.read(into, at),
    flush: () => file.flush(),
    keep: guarded(allow, (meet) => file.keep(meet)),
    discard: () => file.discard(),
  }
}

/** Files are written beside their names as ever: what counts is when they get them. */
const guardedFolder = (
  folder: WritableFolder,
  allow: () => Promise<void> | undefined,
): WritableFolder => ({
  create: (key, temporary) => guardedFile(folder.create(key, temporary), allow),
  put: guarded(allow, (file) => folder.put(file)),
  remove: (key, meet) => {
    const turn = allow()
    turn?.catch(() => {})
    if (turn) throw new Error('the lock was not renewed in time')
    folder.remove(key, meet)
  },
  removeEmpty: (key) => folder.removeEmpty(key),
  close: () => folder.close(),
})

/** The place of a lock, and who comes to it. */
interface Opened {
  readonly object: LockObject
  readonly claims: Claims
  readonly heedsDeletes: boolean
}

/** The lock of a step: taken once for all of its transfers, and the end of them where it is lost. */
export class StepLock {
  readonly #lock: LockRequest
  readonly #ports: Ports
  readonly #log: Log
  readonly #ended = new AbortController()
  #taking: Promise<void> | undefined
  #held: HeldLock | undefined
  #facts: Omit<LockFacts, 'end'> | undefined

  constructor(lock: LockRequest, ports: Ports, log: Log) {
    this.#lock = lock
    this.#ports = ports
    this.#log = log
  }

  /** The same doors for those who work under the lock: a loss is as a cancel, and nothing is written without it. */
  get ports(): Ports {
    const { host } = this.#ports
    const allow = () => this.#held?.allow()
    return {
      ...this.#ports,
      host: {
        ...host,
        cancelled: AbortSignal.any([host.cancelled, this.#ended.signal]),
        cancelledForMs: () => Math.max(host.cancelledForMs(), this.#held?.lostForMs() ?? 0),
      },
      store: async (address) => guardedStore(await this.#ports.store(address), allow),
      writableFolder: (path) => guardedFolder(this.#ports.writableFolder(path), allow),
    }
  }

  /** Waits for the lock and takes it, as who writes the destination; once for all who ask. Throws SyncError, also when the deadline is over. */
  take(request: SyncRequest, session: Session, deadline: AbortSignal): Promise<void> {
    this.#taking ??= this.#take(request, session, deadline)
    return this.#taking
  }

  /** Gives the lock back, and tells what became of it; undefined where it was never had. */
  async release(): Promise<LockFacts | undefined> {
    if (!this.#held || !this.#facts) return undefined
    const end = (await this.#inTime(this.#held.release(RELEASE_MS))) ?? 'left'
    if (end === 'released') this.#ports.host.saveState('lock', '')
    if (end === 'left') this.#log.line('warn', `The lock ${this.#facts.url} is not released yet.`)
    return { ...this.#facts, end }
  }

  /** What gives the lock back; undefined where it takes too long. What a cancel leaves no time for, the post step repeats. */
  async #inTime<T>(releasing: Promise<T>): Promise<T | undefined> {
    const { host, clock } = this.#ports
    const over = new AbortController()
    const late = async (): Promise<undefined> => {
      await clock.sleep(RELEASE_MS, AbortSignal.any([host.cancelled, over.signal]))
      if (host.cancelled.aborted) await clock.sleep(spareMs(host.cancelledForMs()), over.signal)
    }
    const end = await Promise.race([releasing, late()])
    over.abort()
    return end
  }

  async #take(request: SyncRequest, session: Session, deadline: AbortSignal): Promise<void> {
    const { clock, host } = this.#ports
    const lock = this.#lock
    const log = this.#log
    const end = log.group()
    const opened = await orAborted(deadline, this.#open(request, session))
    const { object, claims, heedsDeletes } = opened
    const timeoutMs = Math.min(TIMEOUT_MS, request.transfer.requestTimeoutMs)
    const { cancelled: signal } = host
    try {
      const taking = { lock, object, claims, clock, log, signal, deadline, timeoutMs }
      const taken = await takeLock(taking)
      const held = new HeldLock(taken, { lock, object, claims, clock, heedsDeletes })
      held.lost.addEventListener('abort', () => this.#ended.abort(held.lost.reason))
      this.#held = held
      const { epoch, waitedMs, isTakenOver } = taken
      const waitedSeconds = Math.round(waitedMs / 100) / 10
      this.#facts = { url: lockUrl(lock), epoch, waitedSeconds, isTakenOver }
      const over = isTakenOver
        ? `, taken over from a run that stopped renewing it (epoch ${epoch})`
        : ''
      end(`lock: ${lockUrl(lock)}${over}, ${humanSeconds(waitedSeconds)}`)
    } catch (error) {
      await this.#forget(opened)
      end(`lock: not taken, ${lockUrl(lock)}`)
      throw error
    }
  }

  /** Comes to the place of the lock, and notes it for the post step. */
  async #open(request: SyncRequest, session: Session): Promise<Opened> {
    const { host, clock, store: openStore } = this.#ports
    const lock = this.#lock
    const { transfer } = request
    const service = request[serviceSideOf(request)]
    const side = { ...service, bucket: lock.bucket, path: lock.key }
    const options = { transfer, openStore }
    const { store, region, variant } = await openBucket(
      'lock',
      { side, session, folder: undefined },
      options,
    )
    const { sse, sseKmsKeyId } = transfer.write
    const headers = optionHeaders({ sse, sseKmsKeyId })
    const owner = randomId()
    const claimant = { owner, ttlSeconds: lock.ttlMs / 1000, runUrl: runUrlOf(host) }
    const { endpoint } = service
    const trace: LockTrace = { lock, owner, endpoint, region, variant, headers }
    // Before it is written, so that the post step knows it whatever becomes of this process.
    host.saveState('lock', JSON.stringify(trace))
    return {
      object: new LockObject(store, lock, headers),
      claims: new Claims(claimant, clock),
      heedsDeletes: endpoint === undefined,
    }
  }

  /**
   * Gives back what was written of a lock that was not had in the end, as not every machine has a post step. That looks once
   * more: a write that was called off may come behind this.
   */
  async #forget({ object, claims, heedsDeletes }: Opened): Promise<void> {
    const { clock } = this.#ports
    const deps = { object, clock, heedsDeletes, withinMs: RELEASE_MS }
    await this.#inTime(releaseUnproven(claims, deps).catch(() => undefined))
  }
}
