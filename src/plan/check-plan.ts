import { SyncError } from '../errors/sync-error.ts'
import { joinBlocks } from '../listing/join-streams.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import {
  type CopyOp,
  NO_TALLY,
  type Op,
  type Plan,
  type PlanHeader,
  type Tally,
  waveOf,
} from '../model/op.ts'
import type { Place } from '../model/place.ts'
import { copyOp, deleteOp, planHeader, planTrailer } from '../model/plan-schema.ts'
import { COPY_REASONS } from '../model/plan-words.ts'
import type { SelectionRequest } from '../model/request.ts'
import { visibleJson } from '../model/safe.ts'
import { WaveOrder } from '../model/waves.ts'
import type { Clock, Files } from '../ports.ts'
import { canDecide } from './decide.ts'
import { inTime, KEYS_AT_ONCE } from './in-time.ts'
import { OpLines } from './op-lines.ts'
import { readCopyBlocks, readDeleteBlocks } from './plan-file.ts'
import { PlanText } from './plan-text.ts'
import { extrasScope, type Scope, scopeOf, wavesAt } from './scope.ts'
import { Counter, count, countAt, type PlaceTallies, sumAt, type Tallies } from './tallies.ts'
import { targetsOf } from './targets.ts'

/** What a plan file must agree with. */
export interface PlanCheck {
  readonly path: string
  readonly files: Files
  readonly source: Place
  readonly destination: Place
  readonly rules: SelectionRequest
  /** As this run would write it. */
  readonly header: PlanHeader
  readonly clock: Pick<Clock, 'within'>
  readonly signal: AbortSignal
}

const ANOTHER_PLAN = 'Make a new plan with mode: plan and the same inputs, and apply that one.'

/** Throws: the plan is not one that this run may carry out. `remedy`: what is to be done, in sentences. */
export function refusePlan(path: string, why: string, remedy = ANOTHER_PLAN): never {
  throw new SyncError('guard', `The plan ${path} cannot be applied: ${why}.`, {
    title: `Plan refused: ${why}`,
    hint: `${remedy} Nothing was touched.`,
  })
}

/** Throws: no run with these inputs can have planned a copy so. */
export const refuseCopy = (path: string, { to, reason }: CopyOp): never =>
  refusePlan(
    path,
    `it copies an object that this run would not copy: ${JSON.stringify(to)} (${reason})`,
  )

const MOST_LINE_BYTES = 2 ** 16

function parsed(text: string, { path }: PlanCheck): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refusePlan(path, 'one of its lines is not JSON')
  }
}

/** So nothing stands in a line that another reader takes otherwise: a name twice, or one that every object has. */
const isAsWritten = (line: unknown, text: string | undefined): boolean =>
  visibleJson(line) === text && !text?.includes('"__proto__":')

/** Throws where a plan was made with other inputs than those of this run. */
export function checkRequest(
  path: string,
  given: Omit<PlanHeader, 'createdAt'>,
  header: PlanHeader,
): void {
  for (const input of ['compare', 'delete'] as const)
    if (given[input] !== header[input])
      refusePlan(
        path,
        `it was made with ${input}: ${given[input]}, and this run has ${input}: ${header[input]}`,
      )
  if (given.requestDigest !== header.requestDigest)
    refusePlan(
      path,
      'it was made with different filters, key-template, waves, overwrite or write options',
    )
}

function checkHeader(text: string | undefined, check: PlanCheck): PlanHeader {
  const { path, header } = check
  const line = text === undefined ? undefined : parsed(text, check)
  const read = planHeader.safeParse(line)
  if (!read.success || !isAsWritten(line, text))
    return refusePlan(path, 'its header is not that of a plan of this version')
  const { createdAt: _when, ...given } = read.data
  for (const side of ['source', 'destination'] as const)
    if (JSON.stringify(given[side]) !== JSON.stringify(header[side]))
      refusePlan(path, `its ${side} is not that of this run`)
  if (given.manifest !== header.manifest) refusePlan(path, 'it was made with a different manifest')
  checkRequest(path, given, header)
  return read.data
}

/** Which ops a request allows, by relative keys. */
interface Allowed {
  readonly copy: Scope
  readonly extra: Scope
  /** Where an object of the source belongs. */
  readonly target: (relative: string) => string | undefined
  /** When what goes to a relative key is copied. */
  readonly wave: (key: KeyBytes) => number
}

function allowedBy({ source, destination, rules }: PlanCheck): Allowed {
  return {
    copy: scopeOf(source, rules),
    extra: extrasScope(destination, rules),
    target: rules.keys ? targetsOf(rules.keys).of : (relative) => relative,
    wave: rules.waves ? wavesAt(destination, new WaveOrder(rules.waves)) : () => 0,
  }
}

/** Where an op's object lies below the source, or the destination where only that has it. */
const originOf = (op: Op, { source, destination }: PlanCheck): string =>
  op.op === 'copy' ? op.key.slice(source.prefix.length) : op.key.slice(destination.prefix.length)

/** Where the object of an op belongs, relative to the destination; undefined: nowhere. */
function targetOf(op: Op, check: PlanCheck, { target }: Allowed): string | undefined {
  const origin = originOf(op, check)
  if (op.op === 'delete') return origin
  if (!op.key.startsWith(check.source.prefix)) return undefined
  // Where its rows say so, only their comparison with the plan tells what belongs where.
  if (check.rules.manifest) return op.to.slice(check.destination.prefix.length)
  return op.unnameable || origin === '' ? origin : target(origin)
}

/** Gives the key relative to the destination. */
function checkOp(
  op: Op,
  check: PlanCheck,
  { allowed, belongs }: { readonly allowed: Allowed; readonly belongs: string | undefined },
): KeyBytes {
  const { path, source, destination, header, rules } = check
  if (op.op === 'delete' && !header.delete)
    refusePlan(path, 'it deletes objects, and this run has delete: false')
  const target = op.op === 'copy' ? op.to : op.key
  const named = () => JSON.stringify(target)
  if (!target.startsWith(destination.prefix))
    refusePlan(path, `it writes outside the destination: ${named()}`)
  const relative = target.slice(destination.prefix.length)
  if (belongs !== relative) refusePlan(path, `it copies a different source object to ${named()}`)
  if (source.single && relative !== '')
    refusePlan(path, `${named()} is not the single object of source`)
  if (op.op === 'delete' && relative === '') refusePlan(path, 'it deletes the destination itself')
  const inScope = op.op === 'copy' ? allowed.copy : allowed.extra
  const key = toKeyBytes(relative)
  const origin = originOf(op, check)
  if (!inScope(origin === relative ? key : toKeyBytes(origin)))
    refusePlan(path, `include and exclude filter out ${named()}`)
  if (op.op === 'copy' && (target === '' || !canDecide(rules, op))) refuseCopy(path, op)
  if (op.op === 'copy' && waveOf(op) !== (op.unnameable ? 0 : allowed.wave(key)))
    refusePlan(path, `it copies ${named()} in a different wave than this run would`)
  return key
}

const EXTRA = 'only-at-destination'
const OP_REASONS = [...COPY_REASONS, EXTRA]

const isSame = (stated: Tally = NO_TALLY, counted: Tally = NO_TALLY): boolean =>
  stated.objects === counted.objects && stated.bytes === counted.bytes

/** What the ops of a plan come to. */
class Counted {
  readonly copies = new Counter()
  readonly deletes = new Counter()
  readonly reasons: Tallies = {}
  readonly waves: PlaceTallies = []
  hasUnnameable = false
  #lastKind: Op['op'] | undefined
  #lastKey: KeyBytes | undefined

  /** Counts an op, whose key is relative to the destination. Throws where it has another place in the order of a plan. */
  add(op: Op, key: KeyBytes, { path }: PlanCheck): void {
    const isBehind = this.#lastKind === op.op
    if (op.op === 'copy' && this.#lastKind === 'delete')
      refusePlan(path, 'its deletes are not after its copies')
    if (op.unnameable) this.hasUnnameable = true
    else {
      if (isBehind && this.#lastKey !== undefined && key <= this.#lastKey)
        refusePlan(path, 'its keys are not in order, or a key occurs twice')
      this.#lastKind = op.op
      this.#lastKey = key
    }
    const tally = { objects: 1, bytes: op.size }
    count(this.reasons, op.reason, tally)
    if (op.op === 'copy') {
      this.copies.add(op.size)
      countAt(this.waves, waveOf(op), tally)
    } else this.deletes.add(op.size)
  }
}

/** Whether the waves of a trailer are those of this run, with the copies that were counted. */
function sameWaves(
  stated: readonly Tally[] | undefined,
  { waves }: Counted,
  { rules }: PlanCheck,
): boolean {
  if (!stated || !rules.waves) return stated === undefined && rules.waves === undefined
  const counted = sumAt([waves], rules.waves.globs.length + 1)
  return (
    stated.length === counted.length && counted.every((tally, wave) => isSame(stated[wave], tally))
  )
}

function checkTrailer(text: string, counted: Counted, check: PlanCheck & { digest: string }) {
  const line = parsed(text, check)
  const trailer = planTrailer.safeParse(line)
  if (!trailer.success || !isAsWritten(line, text))
    return refusePlan(check.path, 'its trailer is missing or unreadable')
  const { copies, deletes, waves, reasons, digest } = trailer.data
  if (digest !== check.digest) refusePlan(check.path, 'its lines were changed after it was written')
  const ofOps = OP_REASONS.filter((reason) => check.header.delete || reason !== EXTRA)
  const same =
    isSame(copies, counted.copies) &&
    isSame(deletes, counted.deletes) &&
    sameWaves(waves, counted, check) &&
    ofOps.every((reason) => isSame(reasons[reason], counted.reasons[reason]))
  if (!same) refusePlan(check.path, 'its trailer counts do not match its operations')
  return trailer.data
}

/** The op of a line that is not as plain as nearly all are; undefined: it is none. */
function strictOp(text: string, check: PlanCheck): Op | undefined {
  const line = parsed(text, check)
  const kind = typeof line === 'object' && line !== null && 'op' in line ? line.op : undefined
  if (kind === undefined) return undefined
  const op = (kind === 'delete' ? deleteOp : copyOp).safeParse(line)
  return op.success && isAsWritten(line, text)
    ? op.data
    : refusePlan(check.path, 'one of its lines is not an operation of this version')
}

const named = async function* <T extends Op>(
  blocks: AsyncIterable<readonly T[]>,
  keyOf: (op: T) => string | undefined,
): AsyncGenerator<readonly { readonly key: KeyBytes }[]> {
  for await (const ops of blocks)
    yield ops.flatMap((op) => {
      const key = keyOf(op)
      return key === undefined ? [] : [{ key: toKeyBytes(key) }]
    })
}

/** A plan that was checked. */
export interface CheckedPlan extends Plan {
  /** Of the bytes that were checked, in hex. */
  readonly sha256: string
  /** Whether it has ops whose keys no request can name. */
  readonly hasUnnameable: boolean
}

/**
 * Gives what work made of a file that was checked before it is read again. Throws SyncError of kind `guard` where somebody
 * wrote to it meanwhile: what was checked has to be what is carried out.
 */
export async function unchanged<T>(
  { path, sha256 }: Pick<CheckedPlan, 'path' | 'sha256'>,
  { files, signal }: Pick<PlanCheck, 'files' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const changed = async (): Promise<boolean> => (await files.sha256(path)) !== sha256
  const refuse = (): never => refusePlan(path, 'it changed while it was read')
  const made = await work().catch(async (error: unknown) => {
    if (!signal.aborted && (await changed())) refuse()
    throw error
  })
  return (await changed()) ? refuse() : made
}

/** Refuses a plan that deletes what it copies. */
async function checkApart({ files, path }: PlanCheck, plan: Plan): Promise<void> {
  const copied = named(readCopyBlocks(files, plan), ({ to, unnameable }) =>
    unnameable ? undefined : to,
  )
  const deleted = named(readDeleteBlocks(files, plan), ({ key, unnameable }) =>
    unnameable ? undefined : key,
  )
  for await (const pairs of joinBlocks(copied, deleted))
    for (const [copy, extra] of pairs)
      if (copy && extra)
        refusePlan(path, `it copies and deletes ${JSON.stringify(toText(copy.key))}`)
}

/** Gets the key of every op, relative to the destination. */
type OnKey = (key: KeyBytes, kind: Op['op']) => void

/** Checks ops as they are read. */
class OpChecker {
  readonly #check: PlanCheck
  readonly #onKey: OnKey
  readonly #allowed: Allowed
  /** Ops that are given to the user's pattern together. */
  #waiting: Op[] = []
  readonly counted = new Counted()

  constructor(check: PlanCheck, onKey: OnKey) {
    this.#check = check
    this.#onKey = onKey
    this.#allowed = allowedBy(check)
  }

  add(op: Op): void {
    // Only a pattern of the user's may take long: to watch over the rest would take longer than it does.
    if (!this.#check.rules.keys) this.#take(op, targetOf(op, this.#check, this.#allowed))
    else if (this.#waiting.push(op) === KEYS_AT_ONCE) this.flush()
  }

  /** Checks what was added and not yet looked at. */
  flush(): void {
    const ops = this.#waiting
    this.#waiting = []
    const { clock } = this.#check
    const place = (op: Op) => targetOf(op, this.#check, this.#allowed)
    const targets = inTime(clock, ops, place, ({ key }) => key)
    for (const [at, op] of ops.entries()) this.#take(op, targets[at])
  }

  #take(op: Op, belongs: string | undefined): void {
    const key = checkOp(op, this.#check, { allowed: this.#allowed, belongs })
    this.counted.add(op, key, this.#check)
    this.#onKey(key, op.op)
  }
}

/**
 * Reads a whole plan file and checks all of it: that it belongs to this run's request, is whole, and names nothing
 * outside this run's places or against its rules; `onKey` gets the destination's relative key of every op.
 * What its trailer counts beside its ops is not to be believed. Throws SyncError of kind `guard` with the reason.
 */
export async function checkPlanFile(check: PlanCheck, onKey: OnKey): Promise<CheckedPlan> {
  const { files, path } = check
  const text = new PlanText((why) => refusePlan(path, why))
  const ops = new OpChecker(check, onKey)
  let header: PlanHeader | undefined
  let end: string | undefined
  for await (const block of text.blocks(files.lineBytes(path))) {
    check.signal.throwIfAborted()
    for (const lines = new OpLines(block, (line) => strictOp(line, check)); lines.next(); ) {
      if (end !== undefined) refusePlan(path, 'there is data after its trailer')
      if (lines.bytes.length > MOST_LINE_BYTES) refusePlan(path, 'one of its lines is too long')
      if (!header) header = checkHeader(lines.text, check)
      else {
        const { op } = lines
        if (op) ops.add(op)
        else end = lines.text
      }
    }
  }
  ops.flush()
  if (!header) header = checkHeader(undefined, check)
  if (end === undefined) return refusePlan(path, 'it has no trailer, so it is truncated')
  const digests = text.digests()
  const trailer = checkTrailer(end, ops.counted, { ...check, digest: digests.lines })
  const { hasUnnameable } = ops.counted
  const plan = { path, header, trailer, samples: {}, sha256: digests.file, hasUnnameable }
  if (trailer.deletes.objects > 0) await unchanged(plan, check, () => checkApart(check, plan))
  return plan
}
