import { inParallel } from '../flow/pool.ts'
import { JsonLines } from '../ledger/json-lines.ts'
import type { Claim } from '../ledger/ledger.ts'
import { rowOfCopy } from '../ledger/rows.ts'
import { sameEtag } from '../model/etag.ts'
import { toKeyBytes } from '../model/key.ts'
import type { CopyOp, Plan } from '../model/op.ts'
import type { Outcome, ResultRow } from '../model/outcome.ts'
import { type Found, standingOf } from '../model/proof.ts'
import type { PlanPart } from '../model/shard-schema.ts'
import { checkPlanFile } from '../plan/check-plan.ts'
import { readCopies } from '../plan/plan-file.ts'
import { checkedFile, type PlanInParts } from '../plan/plan-index.ts'
import { lookAtEach } from '../transfer/look.ts'
import { SecondLooks } from '../verify/second-looks.ts'
import type { Run } from './pipeline.ts'
import type { Ready } from './ready.ts'

/** A shard of which nothing is to be believed. */
export interface LostShard {
  readonly inParts: PlanInParts
  readonly number: number
  /** Where the rows of its copies go. */
  readonly path: string
  /** For what does not fit into memory; the caller removes it. */
  readonly folder: string
}

const LOOKS_AT_ONCE = 32
const MOST_CHECKSUM_ASKS = 1000
const NOT_PROVEN = {
  code: 'LostShard',
  message:
    'The shard that was to copy it is lost, and the destination does not prove that it was copied.',
}

/** No engine of this run had it. */
const endedAs = (op: CopyOp, status: 'done' | 'unknown'): Outcome<CopyOp> => ({
  op,
  status,
  engine: 'direct',
  attempts: 0,
  batchBeganMs: 0,
  code: status === 'done' ? undefined : NOT_PROVEN.code,
  message: status === 'done' ? undefined : NOT_PROVEN.message,
})

/** What is to be seen of a copy; nobody knows when it began, so that no time proves it. */
interface Sought extends Claim {
  readonly op: CopyOp
}

const soughtOf = (op: CopyOp, prefix: string): Sought => ({
  key: toKeyBytes(op.to.slice(prefix.length)),
  from: op.key,
  fromVersion: op.versionId,
  etag: op.etag,
  size: op.size,
  batchBeganMs: Number.MAX_SAFE_INTEGER,
  stood: op.toEtag,
  op,
})

/** What stands there with the same content may do so since before: only what is in it was to be copied then. */
const isOfContent = ({ op }: Sought): boolean =>
  op.reason !== 'headers-differ' && op.reason !== 'always'

/** Looks at the copies of one lost shard, in its own range, and writes a row for each. */
class LostLooks {
  readonly #ready: Ready
  readonly #run: Run
  readonly #more: SecondLooks
  #asksLeft = MOST_CHECKSUM_ASKS

  constructor(run: Run, ready: Ready) {
    const { source, destination } = ready.facts
    const { requestTimeoutMs } = ready.request.transfer
    const { cancelled: signal } = run.ports.host
    this.#run = run
    this.#ready = ready
    this.#more = new SecondLooks({ source, destination, requestTimeoutMs, signal })
  }

  async rowOf(sought: Sought, found: Found | undefined): Promise<ResultRow> {
    const { hide } = this.#run.ports.host
    const proof = await this.#proofOf(sought, found)
    const { op } = sought
    if (!proof) return this.unproven(op)
    const row = rowOfCopy(op, endedAs(op, 'done'), 'proven', hide)
    return { ...row, proof }
  }

  /** The row of a copy of which nothing is known. */
  unproven(op: CopyOp): ResultRow {
    return rowOfCopy(op, endedAs(op, 'unknown'), 'believed', this.#run.ports.host.hide)
  }

  async #proofOf(
    sought: Sought,
    found: Found | undefined,
  ): Promise<'etag' | 'checksum' | undefined> {
    if (!found || !isOfContent(sought)) return undefined
    if (standingOf(sought, found) === 'etag') return 'etag'
    const mayBe = found.size === sought.size && !sameEtag(found.etag, sought.stood)
    if (!mayBe || this.#asksLeft-- <= 0) return undefined
    return (await this.#more.byChecksum(sought)) === 'checksum' ? 'checksum' : undefined
  }

  get place() {
    return this.#ready.facts.destination
  }
}

/** The part, with all that is checked before its ops are believed. */
async function planOf(
  { ports }: Run,
  { request, facts }: Ready,
  { inParts, number }: LostShard,
): Promise<Plan> {
  const { files, clock, host } = ports
  const { source, destination } = facts
  const { header } = inParts.index
  const path = await checkedFile(files, inParts, inParts.index.parts[number - 1] as PlanPart)
  const { selection: rules } = request
  const signal = host.cancelled
  const check = { path, files, source, destination, rules, header, clock, signal }
  return checkPlanFile(check, () => {})
}

/**
 * Writes a row for every copy that a lost shard was to make: done only where the destination proves it by ETag or checksum,
 * else unknown. Throws where it cannot be looked at.
 */
export async function lookAtLost(run: Run, ready: Ready, lost: LostShard): Promise<void> {
  const { files, host } = run.ports
  const plan = await planOf(run, ready, lost)
  const looks = new LostLooks(run, ready)
  const scratch = files.join(lost.folder, `looks-${lost.number}`)
  await files.makeFolder(scratch)
  const { prefix } = looks.place
  const rows = await JsonLines.open(files, lost.path)
  const records = async function* (): AsyncGenerator<Sought> {
    for await (const op of readCopies(files, plan))
      if (op.unnameable) await rows.add(looks.unproven(op))
      else yield soughtOf(op, prefix)
  }
  const sought = { records: records(), count: plan.trailer.copies.objects }
  try {
    const pairs = await lookAtEach(
      { place: looks.place, files, scratch, signal: host.cancelled },
      sought,
    )
    await inParallel(pairs, LOOKS_AT_ONCE, async ([one, found]) => {
      if (one) await rows.add(await looks.rowOf(one, found))
    })
  } finally {
    await rows.close()
  }
}
