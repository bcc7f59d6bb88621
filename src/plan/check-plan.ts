import { createHash } from 'node:crypto'
import { SyncError } from '../errors/sync-error.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import {
  addTally,
  copyOp,
  copyReason,
  deleteOp,
  NO_TALLY,
  type Op,
  type Plan,
  type PlanHeader,
  planHeader,
  planTrailer,
  type Tally,
} from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'
import type { Files } from '../ports.ts'
import { pairUp } from './pair.ts'
import { readCopies, readDeletes } from './plan-file.ts'
import { addSample, type Collected } from './samples.ts'
import { extrasScope, type Scope, scopeOf } from './scope.ts'
import { count, type Tallies } from './tallies.ts'
import { targetsOf } from './targets.ts'

/** What a plan file must agree with. */
export interface PlanCheck {
  readonly path: string
  readonly files: Files
  readonly source: Place
  readonly destination: Place
  readonly rules: PlanRules
  /** As this run would write it. */
  readonly header: PlanHeader
}

/** A checked plan, and a key in it that no request can name. */
export interface CheckedPlan extends Plan {
  readonly unnameable: string | undefined
}

/** Throws: the plan is not one that this run may carry out. */
export function refusePlan(path: string, why: string): never {
  throw new SyncError('guard', `The plan ${path} cannot be carried out: ${why}.`, {
    title: `Plan refused: ${why}`,
    hint: 'Make a new plan with mode: plan, with the same inputs, and carry out that one. Nothing was touched.',
  })
}

function parsed(text: string, { path }: PlanCheck): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refusePlan(path, 'a line of it is not JSON')
  }
}

function checkHeader(text: string | undefined, check: PlanCheck): PlanHeader {
  const { path, header } = check
  const read = planHeader.safeParse(text === undefined ? undefined : parsed(text, check))
  if (!read.success) return refusePlan(path, 'it does not begin as a plan of this version does')
  const { createdAt: _when, ...given } = read.data
  for (const side of ['source', 'destination'] as const)
    if (JSON.stringify(given[side]) !== JSON.stringify(header[side]))
      refusePlan(path, `its ${side} is another than this run's`)
  for (const field of ['requestDigest', 'compare', 'delete'] as const)
    if (given[field] !== header[field])
      refusePlan(
        path,
        'it was made with other filters, another compare or delete, or other write options',
      )
  return read.data
}

/** Which ops a request allows, by relative keys. */
interface Allowed {
  readonly copy: Scope
  readonly extra: Scope
  /** Where an object of the source belongs. */
  readonly target: (relative: string) => string | undefined
}

function allowedBy({ source, destination, rules }: PlanCheck): Allowed {
  return {
    copy: scopeOf(source, rules),
    extra: extrasScope(destination, rules),
    target: rules.keys ? targetsOf(rules.keys).of : (relative) => relative,
  }
}

/** Gives the key relative to the destination. */
function checkOp(
  op: Op,
  { path, source, destination, header }: PlanCheck,
  allowed: Allowed,
): KeyBytes {
  if (op.op === 'delete' && !header.delete) refusePlan(path, 'it deletes, and this run does not')
  const target = op.op === 'copy' ? op.to : op.key
  const named = JSON.stringify(target)
  if (!target.startsWith(destination.prefix))
    refusePlan(path, `it writes outside the destination: ${named}`)
  const relative = target.slice(destination.prefix.length)
  const origin = op.op === 'copy' ? op.key.slice(source.prefix.length) : relative
  const belongs =
    op.op === 'delete' ||
    (op.key.startsWith(source.prefix) &&
      (op.unnameable || origin === '' ? origin : allowed.target(origin)) === relative)
  if (!belongs) refusePlan(path, `it copies another object than the source has for ${named}`)
  if (source.single && relative !== '') refusePlan(path, `${named} is not the single object`)
  if (op.op === 'delete' && relative === '') refusePlan(path, `it deletes the destination itself`)
  const inScope = op.op === 'copy' ? allowed.copy : allowed.extra
  if (!inScope(toKeyBytes(origin))) refusePlan(path, `include and exclude leave ${named} out`)
  return toKeyBytes(relative)
}

const EXTRA = 'only-at-destination'
const OP_REASONS = [...copyReason.options, EXTRA]

const isSame = (stated: Tally = NO_TALLY, counted: Tally = NO_TALLY): boolean =>
  stated.objects === counted.objects && stated.bytes === counted.bytes

interface Counted {
  readonly allowed: Allowed
  copies: typeof NO_TALLY
  deletes: typeof NO_TALLY
  readonly reasons: Tallies
  unnameable: string | undefined
  readonly samples: Collected
  last: { readonly kind: Op['op']; readonly key: KeyBytes } | undefined
}

function countOp(op: Op, counted: Counted, check: PlanCheck): void {
  const key = checkOp(op, check, counted.allowed)
  const { last } = counted
  if (op.op === 'copy' && last?.kind === 'delete')
    refusePlan(check.path, 'its deletes do not stand behind its copies')
  const named = !('unnameable' in op)
  if (named && last?.kind === op.op && key <= last.key)
    refusePlan(check.path, 'its keys are not in order, or one of them comes twice')
  const tally = { objects: 1, bytes: op.size }
  addSample(counted.samples, op.reason, { key: op.key, size: op.size })
  count(counted.reasons, op.reason, tally)
  if (op.op === 'copy') counted.copies = addTally(counted.copies, tally)
  else counted.deletes = addTally(counted.deletes, tally)
  if (named) counted.last = { kind: op.op, key }
  else counted.unnameable ??= op.key
}

function checkTrailer(text: string, counted: Counted, check: PlanCheck & { digest: string }) {
  const trailer = planTrailer.safeParse(parsed(text, check))
  if (!trailer.success) return refusePlan(check.path, 'its trailer is missing or not readable')
  const { copies, deletes, reasons, digest } = trailer.data
  if (digest !== check.digest) refusePlan(check.path, 'its lines are not those it was written with')
  const ofOps = OP_REASONS.filter((reason) => check.header.delete || reason !== EXTRA)
  const same =
    isSame(copies, counted.copies) &&
    isSame(deletes, counted.deletes) &&
    ofOps.every((reason) => isSame(reasons[reason], counted.reasons[reason]))
  if (!same) refusePlan(check.path, 'its trailer counts other ops than it holds')
  return trailer.data
}

function opOf(text: string, check: PlanCheck): Op | undefined {
  const line = parsed(text, check)
  const kind = typeof line === 'object' && line !== null && 'op' in line ? line.op : undefined
  if (kind === undefined) return undefined
  const op = (kind === 'delete' ? deleteOp : copyOp).safeParse(line)
  return op.success ? op.data : refusePlan(check.path, 'a line of it is not an op of this version')
}

const named = async function* <T extends Op>(
  ops: AsyncIterable<T>,
  keyOf: (op: T) => string | undefined,
): AsyncGenerator<{ readonly key: KeyBytes }> {
  for await (const op of ops) {
    const key = keyOf(op)
    if (key !== undefined) yield { key: toKeyBytes(key) }
  }
}

/** Refuses a plan that deletes what it copies. */
async function checkApart({ files, path }: PlanCheck, plan: Plan): Promise<void> {
  const copied = named(readCopies(files, plan), ({ to, unnameable }) =>
    unnameable ? undefined : to,
  )
  const deleted = named(readDeletes(files, plan), ({ key, unnameable }) =>
    unnameable ? undefined : key,
  )
  for await (const [copy, extra] of pairUp(copied, deleted))
    if (copy && extra) refusePlan(path, `it copies and deletes ${JSON.stringify(toText(copy.key))}`)
}

/**
 * Reads a whole plan file and checks all of it: that it belongs to this run's request, is whole, and
 * names nothing outside this run's places. Throws SyncError of kind `guard` with the reason.
 */
export async function checkPlanFile(check: PlanCheck): Promise<CheckedPlan> {
  const { files, path } = check
  const hash = createHash('sha256')
  const counted: Counted = {
    allowed: allowedBy(check),
    copies: NO_TALLY,
    deletes: NO_TALLY,
    reasons: {},
    unnameable: undefined,
    samples: {},
    last: undefined,
  }
  let header: PlanHeader | undefined
  let end: string | undefined
  for await (const text of files.lines(path)) {
    if (end !== undefined) refusePlan(path, 'something stands behind its trailer')
    if (!header) header = checkHeader(text, check)
    else {
      const op = opOf(text, check)
      if (op) countOp(op, counted, check)
      else end = text
    }
    if (end === undefined) hash.update(`${text}\n`)
  }
  if (!header) header = checkHeader(undefined, check)
  if (end === undefined) return refusePlan(path, 'it has no trailer, so it is not whole')
  const trailer = checkTrailer(end, counted, { ...check, digest: hash.digest('hex') })
  const { unnameable, samples } = counted
  const plan = { path, header, trailer, samples, unnameable }
  if (trailer.deletes.objects > 0) await checkApart(check, plan)
  return plan
}
