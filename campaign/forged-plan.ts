import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { CopyOp, DeleteOp, PlanTrailer, Tally } from '../src/model/op.ts'
import { visibleJson } from '../src/model/safe.ts'
import type { FaultSpec } from './catalogue.ts'
import type { Stand } from './stand.ts'
import { FROM } from './world.ts'

type Op = CopyOp | DeleteOp

/** What a forger knows of one object of the source. */
interface Target {
  /** Full key at the source. */
  readonly key: string
  /** Full key at the destination. */
  readonly to: string
  /** Of what is at the destination now. */
  readonly toEtag: string
  /** An object of the source that stands at the destination with other content, where there is one. */
  readonly over: Standing | undefined
}

/** An object of both places. */
interface Standing extends Pick<CopyOp, 'key' | 'to' | 'size' | 'etag' | 'lastModified'> {
  readonly toEtag: string
}

const copy = (key: string, to: string): CopyOp => ({
  ...{ op: 'copy', key, to, size: 1, etag: '0cc175b9c0f1b6a831c399e269772661' },
  ...{ lastModified: '2026-01-01T00:00:00.000Z', reason: 'missing' },
})

const extra = (key: string, etag: string): DeleteOp => ({
  ...{ op: 'delete', key, size: 1, etag, reason: 'only-at-destination' },
})

/** A copy onto what stands at the destination, as if this run's rules asked for it. */
const overwrite =
  (reason: CopyOp['reason']) =>
  ({ key, to, over }: Target): Op =>
    over ? { op: 'copy', ...over, reason } : copy(key, to)

/** No pattern of a request finds an end with it, where one repeats what repeats itself. */
const ENDLESS = `${'~'.repeat(60)}!`

/** What somebody might slip into a plan that is to be approved, in the place of what it has for that key. */
const SLIPPED_IN: readonly ((target: Target) => Op)[] = [
  overwrite('size-differs'),
  overwrite('etag-differs'),
  overwrite('newer'),
  overwrite('always'),
  overwrite('headers-differ'),
  // It holds back all copies where overwrite: never is asked for.
  overwrite('destination-conflict'),
  (target) => ({ ...overwrite('missing')(target), toEtag: undefined }) as Op,
  () => extra('copy/m/../top', 'e'),
  () => copy(`data/${ENDLESS}`, `copy/${ENDLESS}`),
  ({ to, toEtag }) => extra(to, toEtag),
  ({ toEtag }) => extra('copyX/1', toEtag),
  ({ toEtag }) => extra('copy/../outside', toEtag),
  ({ key }) => copy(key, 'copy/somewhere else'),
  ({ to }) => copy('dataX/1', to),
  ({ key }) => copy(key, 'zzz/outside'),
]

const tallyOf = (ops: readonly Op[]): Tally => ({
  objects: ops.length,
  bytes: ops.reduce((sum, { size }) => sum + size, 0),
})

const targetOf = (op: Op): string => (op.op === 'copy' ? op.to : op.key)

const inOrder = (ops: readonly Op[]): Op[] =>
  ops.toSorted((a, b) => Buffer.compare(Buffer.from(targetOf(a)), Buffer.from(targetOf(b))))

function trailerOf(lines: readonly string[], ops: readonly Op[], old: PlanTrailer): PlanTrailer {
  const digest = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex')
  const { copy: copies = [], delete: deletes = [] } = Object.groupBy(ops, ({ op }) => op)
  const counted = Object.groupBy(ops, ({ reason }) => reason)
  const reasons = Object.fromEntries(
    Object.entries(counted).map(([reason, those]) => [reason, tallyOf(those)]),
  )
  return {
    ...old,
    ...{ copies: tallyOf(copies), deletes: tallyOf(deletes), digest },
    reasons: { ...old.reasons, ...reasons },
  }
}

/** The plan with one more op, in its order, with sums and a digest that agree. */
function slipIn(plan: string, op: Op): string {
  const [header = '', ...rest] = plan.trimEnd().split('\n')
  const trailer = JSON.parse(rest.pop() ?? '') as PlanTrailer
  const others = rest
    .map((line) => JSON.parse(line) as Op)
    .filter((one) => targetOf(one) !== targetOf(op))
  const ops = [...others, op]
  const sorted = ['copy', 'delete'].flatMap((kind) => inOrder(ops.filter((one) => one.op === kind)))
  const lines = [header, ...sorted.map((one) => visibleJson(one))]
  return `${[...lines, visibleJson(trailerOf(lines, sorted, trailer))].join('\n')}\n`
}

const LONG_CHARS = 5e6

/** A plan as somebody else hands it over: with an op slipped in, a character flipped, or a line without end. */
function forged(plan: string, at: number, target: Target): string {
  const slipped = SLIPPED_IN[at % (SLIPPED_IN.length + 2)]
  if (slipped) return slipIn(plan, slipped(target))
  const middle = Math.floor(plan.length / 2)
  return at % 2
    ? `${plan.slice(0, middle)}${'x'.repeat(LONG_CHARS)}${plan.slice(middle)}`
    : `${plan.slice(0, middle)}~${plan.slice(middle + 1)}`
}

/** Objects of the source that stand at the destination with other content. */
function standing({ kit: { store }, imageOf }: Stand): Standing[] {
  return store.keys('src').flatMap((key) => {
    const to = imageOf(key)
    const [from, there] = [store.facts('src', key), store.facts('dst', to)]
    if (!key.startsWith(FROM) || !from || !there || from.etag === there.etag) return []
    const lastModified = new Date(store.lastModifiedMs('src', key) ?? 0).toISOString()
    const { size, etag } = from
    return [{ key, to, size, etag, lastModified, toEtag: there.etag }]
  })
}

/** Forges the plan that is to be executed. */
export function forgePlan({ amount, key }: FaultSpec, stand: Stand): () => number {
  const { planFile = '', imageOf, kit } = stand
  // Where a listing failed there is no plan.
  if (!existsSync(planFile)) return () => 0
  const to = imageOf(key)
  const toEtag = kit.store.facts('dst', to)?.etag ?? 'e'
  const all = standing(stand)
  const target = { key, to, toEtag, over: all[amount % Math.max(1, all.length)] }
  writeFileSync(planFile, forged(readFileSync(planFile, 'utf8'), amount, target))
  return () => 1
}
