import { inParallel } from '../flow/pool.ts'
import { JsonLines } from '../ledger/json-lines.ts'
import type { Claim } from '../ledger/ledger.ts'
import { rowOfCopy } from '../ledger/rows.ts'
import { joinStreams } from '../listing/join-streams.ts'
import { sameEtag } from '../model/etag.ts'
import { toKeyBytes } from '../model/key.ts'
import type { CopyOp, Plan } from '../model/op.ts'
import type { Outcome, ResultRow } from '../model/outcome.ts'
import { type Found, type ProofKind, standingOf } from '../model/proof.ts'
import type { PlanPart } from '../model/shard-schema.ts'
import { checkPlanFile } from '../plan/check-plan.ts'
import { readCopies } from '../plan/plan-file.ts'
import { checkedFile, type PlanInParts } from '../plan/plan-index.ts'
import { lookAtEach, lookMethod } from '../transfer/look.ts'
import type { Verification } from '../verify/findings.ts'
import { SecondLooks } from '../verify/second-looks.ts'
import { unverified } from '../verify/verify.ts'
import { ReportFlaw, type Said, shownKey } from './job-report.ts'
import type { Run } from './pipeline.ts'
import type { Ready } from './ready.ts'

/** Copies of which nothing is to be believed that the destination does not show. */
export interface UnprovenPart {
  readonly inParts: PlanInParts
  readonly part: PlanPart
  /** Names it among others. */
  readonly name: string
  /** Where the rows of its copies go. */
  readonly path: string
  /** For what does not fit into memory; the caller removes it. */
  readonly folder: string
  /** What a job reported of them, in the order of their keys at the source; undefined: nothing. */
  readonly said?: AsyncGenerator<Said> | undefined
  /** Whether the destination cannot be looked at, so that nothing is proven. */
  readonly isUnseen?: boolean | undefined
}

const LOOKS_AT_ONCE = 32
const MOST_CHECKSUM_ASKS = 1000
/** How a copy ended that no engine of this run had. */
type End =
  | { readonly status: 'done' }
  | { readonly status: 'failed' | 'unknown'; readonly code: string; readonly message: string }

const DONE: End = { status: 'done' }
const NOT_PROVEN: End = {
  status: 'unknown',
  code: 'LostShard',
  message:
    'The job of the shard that copies this object did not finish, and neither ETag nor checksum at the destination proves that it was copied.',
}
const NOT_REPORTED: End = {
  ...NOT_PROVEN,
  message:
    'The report of S3 Batch Operations has no row for this object, and neither ETag nor checksum at the destination proves that it was copied.',
}
const failed = (code: string, message: string): End => ({ status: 'failed', code, message })
const CHANGED = failed(
  'SourceChanged',
  'The source object changed after the plan was made, and the job copied the new content.',
)
const notThere = ({ size, etag }: CopyOp, found: Found | undefined): End =>
  failed(
    'NotVerified',
    found
      ? `The job reported success, but the destination has ${found.size} bytes with ETag ${found.etag} instead of ${size} bytes with ETag ${etag}.`
      : 'The job reported success, but the object is not at the destination.',
  )

const outcomeOf = (op: CopyOp, end: End, said: Said | undefined): Outcome<CopyOp> => ({
  op,
  status: end.status,
  engine: 'direct',
  route: said && 'batch-operations',
  attempts: said ? 1 : 0,
  batchBeganMs: 0,
  code: end.status === 'done' ? undefined : end.code,
  message: end.status === 'done' ? undefined : end.message,
})

/** What is to be seen of a copy. */
interface Sought extends Claim {
  readonly op: CopyOp
  readonly said: Said | undefined
}

/** Nobody knows when it began: no time proves what nobody tells of, and none speaks against what a job reported. */
const soughtOf = (op: CopyOp, said: Said | undefined, prefix: string): Sought => ({
  key: toKeyBytes(op.to.slice(prefix.length)),
  from: op.key,
  fromVersion: op.versionId,
  etag: op.etag,
  size: op.size,
  batchBeganMs: said ? 0 : Number.MAX_SAFE_INTEGER,
  stood: op.toEtag,
  op,
  said,
})

/** What stands there with the same content may do so since before: only what is in it was to be copied then. */
const isOfContent = ({ op }: Sought): boolean =>
  op.reason !== 'headers-differ' && op.reason !== 'always'

type Proof = 'etag' | 'checksum'

/** Judges copies by what the destination holds, and by what was reported of them. */
class Judge {
  readonly #more: SecondLooks
  readonly #hide: Run['ports']['host']['hide']
  /** Why nothing is known of a copy. */
  readonly #unknown: End
  readonly #proven = { etag: 0, checksum: 0, 'size-and-time': 0 }
  #checked = 0
  #asksLeft = MOST_CHECKSUM_ASKS

  constructor(run: Run, { facts, request }: Ready, unknown: End) {
    const { source, destination } = facts
    const { requestTimeoutMs } = request.transfer
    const { cancelled: signal, hide } = run.ports.host
    this.#more = new SecondLooks({ source, destination, requestTimeoutMs, signal })
    this.#hide = hide
    this.#unknown = unknown
  }

  /** What was found of copies that a job reported done. */
  verification(method: Verification['method']): Verification {
    return { method, checked: this.#checked, proven: this.#proven, mismatches: new Map() }
  }

  /** The row of a copy by what was reported of it alone. */
  ofReport(op: CopyOp, said: Said | undefined): ResultRow {
    const end = !said ? this.#unknown : said.done ? DONE : failed(said.code, said.message)
    return this.#row(op, end, said)
  }

  async seen(sought: Sought, found: Found | undefined): Promise<ResultRow> {
    const { op, said } = sought
    if (said) return this.#reported(sought, said, found)
    const proof = await this.#proofOf(sought, found)
    return proof ? this.#row(op, DONE, said, proof) : this.ofReport(op, said)
  }

  #row(op: CopyOp, end: End, said: Said | undefined, proof?: Proof): ResultRow {
    const row = rowOfCopy(op, outcomeOf(op, end, said), 'believed', this.#hide)
    return proof ? { ...row, proof } : row
  }

  async #proofOf(sought: Sought, found: Found | undefined): Promise<Proof | undefined> {
    if (!found || !isOfContent(sought)) return undefined
    if (standingOf(sought, found) === 'etag') return 'etag'
    const mayBe = found.size === sought.size && !sameEtag(found.etag, sought.stood)
    if (!mayBe || this.#asksLeft-- <= 0) return undefined
    return (await this.#more.byChecksum(sought)) === 'checksum' ? 'checksum' : undefined
  }

  /** A copy that a job reported done: what stands there has to be it, and not what stood there before. */
  async #reported(sought: Sought, said: Said, found: Found | undefined): Promise<ResultRow> {
    const { op } = sought
    this.#checked++
    const standing = await this.#standingOf(sought, found)
    if (standing === 'changed') return this.#row(op, CHANGED, said)
    if (standing === 'other') return this.#row(op, notThere(op, found), said)
    this.#proven[standing]++
    return this.#row(op, DONE, said, standing === 'size-and-time' ? undefined : standing)
  }

  async #standingOf(
    sought: Sought,
    found: Found | undefined,
  ): Promise<ProofKind | 'other' | 'changed'> {
    const first = standingOf(sought, found)
    if (!found || first === 'other') return 'other'
    if (first === 'etag') return isOfContent(sought) ? 'etag' : 'size-and-time'
    if (sameEtag(found.etag, sought.stood)) return 'other'
    if (first === 'size-and-time')
      return this.#asksLeft-- > 0 ? this.#more.byChecksum(sought) : first
    const second = await this.#more.ofSuspect(sought, found)
    // It has the ETag of the source after all, and that is another than the one that was planned.
    return second === 'etag' ? 'changed' : second
  }
}

/** The part, with all that is checked before its ops are believed. Throws where it is not the one that was planned. */
export async function planOfPart(
  { ports }: Run,
  { request, facts }: Ready,
  { inParts, part }: Pick<UnprovenPart, 'inParts' | 'part'>,
): Promise<Plan> {
  const { files, clock, host } = ports
  const { source, destination } = facts
  const { header } = inParts.index
  const path = await checkedFile(files, inParts, part)
  const { selection: rules } = request
  const signal = host.cancelled
  const check = { path, files, source, destination, rules, header, clock, signal }
  return checkPlanFile(check, () => {})
}

type Reported = readonly [op: CopyOp, said: Said | undefined]

/** Copies, and what was said of each. Throws ReportFlaw where something is said of others. */
async function* withSaid(
  copies: AsyncIterable<CopyOp>,
  said: AsyncGenerator<Said> | undefined,
): AsyncGenerator<Reported> {
  if (!said) {
    for await (const op of copies) yield [op, undefined]
    return
  }
  const keyed = async function* () {
    for await (const op of copies) yield { key: toKeyBytes(op.key), op }
  }
  for await (const [copy, told] of joinStreams(keyed(), said)) {
    if (!copy)
      throw new ReportFlaw(`contains an object that is not in the plan: ${shownKey(told?.key)}`)
    yield [copy.op, told]
  }
}

/**
 * Writes a row for every copy of a part: done only where the destination shows it, by ETag or checksum where nobody
 * reported it, else unknown. Throws SyncError of kind `verify` where it cannot be looked at, and ReportFlaw where what was
 * reported is not to be believed. Gives what the destination showed of what was reported.
 */
export async function lookAtPart(
  run: Run,
  ready: Ready,
  unproven: UnprovenPart,
): Promise<Verification> {
  const { files, host } = run.ports
  const { path, folder, name, said, part, isUnseen = false } = unproven
  const { verify: asked } = ready.request.transfer
  const { destination: place } = ready.facts
  const plan = await planOfPart(run, ready, unproven)
  const judge = new Judge(run, ready, said ? NOT_REPORTED : NOT_PROVEN)
  const scratch = files.join(folder, `looks-${name}`)
  await files.makeFolder(scratch)
  const rows = await JsonLines.open(files, path)
  const isSeen = ([{ unnameable }, told]: Reported): boolean =>
    !unnameable && (told === undefined ? !isUnseen : told.done && asked !== 'outcomes')
  const records = async function* (): AsyncGenerator<Sought> {
    for await (const one of withSaid(readCopies(files, plan), said))
      if (isSeen(one)) yield soughtOf(one[0], one[1], place.prefix)
      else await rows.add(judge.ofReport(...one))
  }
  const usual = lookMethod(part.ops)
  // Most of it may be missing, and what another service than AWS does not show is asked for one by one.
  const method = asked === 'listing' ? asked : place.endpoint === undefined ? undefined : usual
  try {
    const deps = { place, files, scratch, signal: host.cancelled, method }
    const pairs = await lookAtEach(deps, { records: records(), count: part.ops })
    await inParallel(pairs, LOOKS_AT_ONCE, async ([one, found]) => {
      if (one) await rows.add(await judge.seen(one, found))
    })
  } catch (error) {
    host.cancelled.throwIfAborted()
    throw error instanceof ReportFlaw ? error : unverified(error)
  } finally {
    await rows.close()
  }
  return judge.verification(method ?? usual)
}
