import { SyncError } from '../errors/sync-error.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import { addTally, type DeleteOp, NO_TALLY, type WaitingExtras } from '../model/op.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import type { PlanContext, PlanRequest } from './compare.ts'
import { type KeyedExtra, type ListedExtra, readExtras, type WaitingExtra } from './extras-list.ts'
import { fetchExtrasList } from './fetch-extras.ts'
import { LineFile } from './line-file.ts'
import type { Part } from './part.ts'
import { addSample } from './samples.ts'
import { extrasScope, narrowed, type Scope } from './scope.ts'
import { count } from './tallies.ts'

const EXTRA = 'only-at-destination'
const LATER = 'delete-later'

/** Whether an extra is the object that was noted: by content and time, so that one that was restored since waits anew. */
const isNoted = (op: DeleteOp, { size, etag, lastModified }: ListedExtra): boolean =>
  op.size === size &&
  op.etag === etag &&
  op.lastModified !== undefined &&
  Date.parse(op.lastModified) === Date.parse(lastModified)

/** What is noted of extras, in the order of their keys. */
class Notes {
  readonly #entries: AsyncGenerator<KeyedExtra, undefined>
  #next: KeyedExtra | undefined
  #begun = false

  constructor(entries: AsyncGenerator<KeyedExtra, undefined>) {
    this.#entries = entries
  }

  /** What is noted of a key, once all before it were given to `passed`; undefined for the end of all keys. */
  async at(
    key: KeyBytes | undefined,
    passed: (entry: KeyedExtra) => Promise<void>,
  ): Promise<ListedExtra | undefined> {
    if (!this.#begun) await this.#step()
    this.#begun = true
    while (this.#next && (key === undefined || this.#next.key < key)) {
      await passed(this.#next)
      await this.#step()
    }
    if (this.#next?.key !== key) return undefined
    const { extra } = this.#next ?? {}
    await this.#step()
    return extra
  }

  async #step(): Promise<void> {
    this.#next = (await this.#entries.next()).value
  }
}

interface JudgeDeps {
  readonly notes: Notes
  readonly writer: LineWriter
  readonly files: Files
  readonly prefix: string
  readonly nowMs: number
  readonly afterMs: number
  /** Whether a key that is no extra now would be seen by this run if it were. */
  readonly isSeen: Scope
}

/** Tells extras that are deleted now from those that wait. */
class Judge {
  readonly #deps: JudgeDeps
  waiting = NO_TALLY
  firstMs = Number.POSITIVE_INFINITY
  lastMs = Number.NEGATIVE_INFINITY
  isNews = false

  constructor(deps: JudgeDeps) {
    this.#deps = deps
  }

  /** Leaves in a part only what is deleted now. */
  async sift(part: Part): Promise<void> {
    const { files } = this.#deps
    const all = part.deletes
    if (all.objects === 0) return
    const due = new LineFile<DeleteOp>(files, `${all.path}.due`)
    delete part.samples[EXTRA]
    for await (const block of files.lineBlocks(all.path)) {
      for (const text of block) await this.#siftOne(JSON.parse(text) as DeleteOp, part, due)
      await due.flush()
      await part.waits.flush()
    }
    await due.close()
    await part.waits.close()
    part.deletes = due
  }

  async #siftOne(op: DeleteOp, part: Part, due: LineFile<DeleteOp>): Promise<void> {
    const { notes, prefix, nowMs, afterMs } = this.#deps
    const { size, etag, lastModified = '' } = op
    // What no request can name has no place among the keys: a guard refuses all deletes where there is one.
    const key = op.unnameable ? undefined : toKeyBytes(op.key.slice(prefix.length))
    if (key === undefined) return due.add(op, size)
    const noted = await notes.at(key, (entry) => this.#passed(entry))
    const known = noted && isNoted(op, noted) ? Date.parse(noted.since) : nowMs
    // Nobody can have seen it before it was written, nor later than now.
    const sinceMs = Math.min(nowMs, Math.max(known, Date.parse(lastModified)))
    const since = new Date(sinceMs).toISOString()
    const extra: ListedExtra = { key: op.key.slice(prefix.length), size, etag, lastModified, since }
    await this.#keep(extra)
    const dueMs = sinceMs + afterMs
    this.isNews ||= noted?.since !== since || dueMs <= nowMs
    if (dueMs <= nowMs) {
      addSample(part.samples, EXTRA, { key: op.key, size })
      due.add(op, size)
      return
    }
    const one = { objects: 1, bytes: size }
    this.waiting = addTally(this.waiting, one)
    this.firstMs = Math.min(this.firstMs, dueMs)
    this.lastMs = Math.max(this.lastMs, dueMs)
    count(part.reasons, EXTRA, { objects: -1, bytes: -size })
    count(part.reasons, LATER, one)
    addSample(part.samples, LATER, { key: op.key, size, due: new Date(dueMs).toISOString() })
    const wait: WaitingExtra = { key, waits: true }
    part.waits.add(wait, size)
  }

  /** What is noted and no extra any more is forgotten; of what lies beyond this run's filters another run may know. */
  async #passed({ key, extra }: KeyedExtra): Promise<void> {
    if (this.#deps.isSeen(key)) this.isNews = true
    else await this.#keep(extra)
  }

  /** Takes what is noted behind the last extra. */
  async end(): Promise<void> {
    await this.#deps.notes.at(undefined, (entry) => this.#passed(entry))
  }

  #keep(extra: ListedExtra): Promise<void> | undefined {
    return this.#deps.writer.write(visibleJson(extra))
  }
}

/** Whether a run with these filters sees a key of the destination, which is relative to all of it. */
function seenBy({ destination, rules }: PlanRequest): Scope {
  const inScope = extrasScope(destination, rules)
  const start = toKeyBytes(narrowed(destination, rules).within)
  return (key) => key.startsWith(start) && inScope(key)
}

const NO_TIME = 'The destination sends no Date header, so the time for delete-after is unknown.'

async function* nothing(): AsyncGenerator<never, undefined> {}

/**
 * Leaves in the parts of a plan only the deletes of what was an extra for long enough, by the list that lies at the
 * destination. An object that is not in it is an extra since now: whatever becomes of the list, nothing is deleted too
 * early. undefined: extras do not wait. Throws SyncError where the list cannot be read.
 */
export async function judgeExtras(
  request: PlanRequest,
  parts: readonly Part[],
  { files, clock, signal, extrasFolder }: PlanContext,
): Promise<WaitingExtras | undefined> {
  const { rules, destination, looks } = request
  const { deleteAfterMs: afterMs } = rules
  if (!rules.delete || afterMs === undefined || extrasFolder === undefined) return undefined
  const nowMs = destination.store.serverTimeMs()
  if (nowMs === undefined)
    throw new SyncError('list', NO_TIME, {
      hint: 'Check the service or the proxy in front of it, or remove delete-after. Nothing was touched.',
    })
  const listPath = files.join(extrasFolder, 'list.ndjson')
  const reading = {
    files,
    clock,
    signal,
    timeoutMs: looks.requestTimeoutMs,
    retryCount: looks.retryCount,
  }
  const { etag, flaw } = await fetchExtrasList(destination, listPath, reading)
  const isBelieved = etag !== undefined && flaw === undefined
  const path = files.join(extrasFolder, 'extras.ndjson')
  const writer = await files.writer(path)
  const judge = new Judge({
    notes: new Notes(isBelieved ? readExtras(files, listPath) : nothing()),
    writer,
    files,
    prefix: destination.prefix,
    nowMs,
    afterMs,
    isSeen: seenBy(request),
  })
  try {
    for (const part of parts) await judge.sift(part)
    await judge.end()
  } finally {
    await writer.close()
  }
  const { waiting, firstMs, lastMs, isNews } = judge
  const iso = (ms: number): string => new Date(ms).toISOString()
  return {
    waiting,
    due: waiting.objects > 0 ? { first: iso(firstMs), last: iso(lastMs) } : undefined,
    path,
    listEtag: etag,
    flaw,
    isNews: isNews || flaw !== undefined,
  }
}
