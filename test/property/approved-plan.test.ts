import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Op } from '../../src/model/op.ts'
import type { SelectionRequest } from '../../src/model/request.ts'
import { visibleJson } from '../../src/model/safe.ts'
import { adoptPlanFile } from '../../src/plan/adopt.ts'
import { type PlanLines, planStage, type StageScript } from '../unit/plan/stage.ts'

type Line = Readonly<Record<string, unknown>>
type Objects = Readonly<Record<string, string>>

const KEYS = ['a', 'a/1', 'b', 'b/../c', 'é', '\u{1f600}', 'x.tmp']
const object = fc
  .tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.constantFrom('e', 'f', 'g-2'),
    fc.integer({ min: 1, max: 4 }),
  )
  .map((parts) => parts.join(' '))
const objects: fc.Arbitrary<Objects> = fc.dictionary(fc.constantFrom(...KEYS), object)

const rules: fc.Arbitrary<Partial<SelectionRequest>> = fc
  .record({
    compare: fc.constantFrom('auto', 'size', 'newer', 'etag', 'missing', 'always'),
    overwrite: fc.constantFrom('if-different', 'if-different', 'never'),
    delete: fc.boolean(),
    exclude: fc.constantFrom<readonly string[]>([], [], ['*.tmp']),
    keys: fc.constantFrom(undefined, undefined, { template: 'all/{key}', mismatch: 'keep' }),
  } as const)
  .map((drawn) => ({ ...drawn, allowEmptySource: true, maxDelete: { percent: 100 } }))

/** What somebody changes in a plan: a field of one of its ops, an op that comes, or one that goes. */
type Edit =
  | { readonly at: number; readonly field: string; readonly value: unknown }
  | { readonly at: number; readonly without: true }
  | { readonly add: Line }

const key = fc.constantFrom(...KEYS, 'all/a', 'all/b', 'm/../top', '')
const value = fc.oneof(
  key.map((name) => `from/${name}`),
  key.map((name) => `to/${name}`),
  fc.constantFrom<unknown>(
    'e',
    'f',
    'g-2',
    0,
    1,
    2,
    true,
    'missing',
    'always',
    'newer',
    'destination-conflict',
  ),
  fc.constantFrom<unknown>('size-differs', 'etag-differs', '1970-01-01T00:00:01.000Z', undefined),
)
const FIELDS = [
  'key',
  'to',
  'size',
  'etag',
  'toEtag',
  'reason',
  'lastModified',
  'archived',
  'createdAt',
]
const added: fc.Arbitrary<Line> = fc.oneof(
  fc
    .record({
      name: key,
      size: fc.integer({ min: 0, max: 2 }),
      etag: fc.constantFrom('e', 'f', 'g-2'),
      toEtag: fc.constantFrom(undefined, 'e', 'f', 'g-2'),
      reason: fc.constantFrom('missing', 'size-differs', 'etag-differs', 'newer', 'always'),
    })
    .map(({ name, ...rest }) => ({
      ...{ op: 'copy', key: `from/${name}`, to: `to/${name}` },
      ...{ lastModified: '1970-01-01T00:00:01.000Z', ...rest },
    })),
  fc
    .record({ name: key, size: fc.integer({ min: 0, max: 2 }), etag: fc.constantFrom('e', 'f') })
    .map(({ name, ...rest }) => ({
      ...{ op: 'delete', key: `to/${name}`, reason: 'only-at-destination', ...rest },
    })),
)
const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.oneof(
    fc.record({ at: fc.nat({ max: 8 }), field: fc.constantFrom(...FIELDS), value }),
    fc.record({ at: fc.nat({ max: 8 }), without: fc.constant(true as const) }),
    fc.record({ add: added }),
  ),
  { maxLength: 3 },
)

const inOrder = (lines: readonly Line[], kind: string): Line[] =>
  lines
    .filter(({ op }) => op === kind)
    .toSorted((a, b) =>
      Buffer.compare(Buffer.from(`${a['to'] ?? a['key']}`), Buffer.from(`${b['to'] ?? b['key']}`)),
    )

/** The plan as somebody makes it who knows its form, and makes order, sums and digest fit. */
function forged(text: string, changes: readonly Edit[]): string {
  const [header = {}, ...rest] = text
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line))
  const trailer = rest.pop() ?? {}
  let ops: readonly Line[] = rest
  for (const change of changes) {
    if ('add' in change) ops = [...ops, change.add]
    else if ('without' in change) ops = ops.filter((_, at) => at !== change.at)
    else
      ops = ops.map((op, at) => (at === change.at ? { ...op, [change.field]: change.value } : op))
  }
  const lines = [header, ...inOrder(ops, 'copy'), ...inOrder(ops, 'delete')]
  const body = lines.map((line) => `${visibleJson(line)}\n`).join('')
  const tally = (field: string, wanted: unknown) => {
    const some = ops.filter((op) => op[field] === wanted)
    return { objects: some.length, bytes: some.reduce((sum, { size }) => sum + Number(size), 0) }
  }
  const reasons = [...new Set(ops.map(({ reason }) => `${reason}`))]
  const fitting = {
    copies: tally('op', 'copy'),
    deletes: tally('op', 'delete'),
    reasons: Object.fromEntries(reasons.map((reason) => [reason, tally('reason', reason)])),
    digest: createHash('sha256').update(body).digest('hex'),
  }
  return `${body}${visibleJson({ ...trailer, ...fitting })}\n`
}

/** What an op does: its bytes, and the condition that it is bound to. */
const deed = (op: Op): string =>
  op.op === 'copy'
    ? `copy ${op.key} > ${op.to} ${op.etag} ${op.size} ${op.toEtag}`
    : `delete ${op.key} ${op.etag} ${op.size}`

/** What overwrite: never keeps is never written, and lets nothing else be written. */
const carriedBy = (ops: readonly Op[]): readonly string[] =>
  ops.some(({ reason }) => reason === 'destination-conflict')
    ? []
    : ops.filter((op) => !('outdated' in op)).map(deed)

const PATHS = { approvedPath: '/approved', path: '/plan' }

const RUNS = Number(process.env['SCHEDULES'] ?? 120)

describe('a run that carries a plan out', () => {
  it('does nothing that a sync would not do now, and nothing that is not in the plan, whatever was forged and whatever changed', async () => {
    const seen = { carried: 0, refused: 0, outdated: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(objects, objects),
        fc.tuple(objects, objects, fc.constantFrom('none', 'source', 'destination', 'both')),
        rules,
        edits,
        async ([source, destination], [laterSource, laterDestination, changed], drawn, changes) => {
          const script: StageScript = { source, destination, rules: drawn }
          const planned = planStage(script)
          await planned.make()
          const text = forged(planned.files.texts.get('/plan') ?? '', changes)
          const now: StageScript = {
            ...script,
            source: changed === 'source' || changed === 'both' ? laterSource : source,
            destination:
              changed === 'destination' || changed === 'both' ? laterDestination : destination,
          }
          const sync = planStage(now)
          await sync.make()
          const wouldDo = new Set(carriedBy(sync.lines().ops))
          const run = planStage({ ...now, ground: { mode: 'execute' } })
          run.files.texts.set('/approved', text)
          const refusal = await adoptPlanFile(run.ground, PATHS, run.ground).then(
            () => undefined,
            (error: { kind: string }) => error.kind,
          )
          if (refusal !== undefined) {
            seen.refused++
            expect(refusal).toBe('guard')
            expect(run.files.texts.has('/plan')).toBe(false)
            return
          }
          const { ops, trailer } = run.lines()
          const approved = text.split('\n').filter((line) => line.startsWith('{"op"'))
          const names = new Set(
            approved.map((line) => JSON.parse(line)).map((op) => `${op.op} ${op.key} ${op.to}`),
          )
          for (const op of ops)
            expect(names).toContain(`${op.op} ${op.key} ${op.op === 'copy' ? op.to : undefined}`)
          const deeds = new Set(approved.map((line) => deed(JSON.parse(line))))
          for (const done of carriedBy(ops)) {
            expect(wouldDo).toContain(done)
            expect(deeds).toContain(done)
          }
          // What is in the plan no more is so already: it stands there, or is gone.
          const kept = new Set(ops.map((op) => `${op.op} ${op.op === 'copy' ? op.to : op.key}`))
          for (const op of approved.map((line): Op => JSON.parse(line))) {
            const at = op.op === 'copy' ? op.to : op.key
            if (kept.has(`${op.op} ${at}`)) continue
            const stands = Object.hasOwn(now.destination ?? {}, at.slice('to/'.length))
            expect(`${op.op} ${stands}`).toBe(`${op.op} ${op.op === 'copy'}`)
          }
          const { listed, inScope } = sync.lines().trailer
          expect(trailer).toMatchObject({ listed, inScope })
          seen.carried += carriedBy(ops).length
          seen.outdated += ops.filter((op) => 'outdated' in op).length
        },
      ),
      { numRuns: RUNS },
    )
    expect(Math.min(seen.carried, seen.refused, seen.outdated)).toBeGreaterThan(RUNS / 20)
  })

  it('does all that a sync would do, where nothing changed and nothing was forged', async () => {
    await fc.assert(
      fc.asyncProperty(objects, objects, rules, async (source, destination, drawn) => {
        const script: StageScript = { source, destination, rules: drawn }
        const planned = planStage(script)
        await planned.make()
        const run = planStage({ ...script, ground: { mode: 'execute' } })
        run.files.texts.set('/approved', planned.files.texts.get('/plan') ?? '')
        await adoptPlanFile(run.ground, PATHS, run.ground)
        // Only a plan asks for checksums of what it then leaves as it is.
        const comparable = ({ trailer, ...rest }: PlanLines) => ({
          ...rest,
          trailer: { ...trailer, checksums: undefined },
        })
        expect(comparable(run.lines())).toEqual(comparable(planned.lines()))
      }),
      { numRuns: RUNS / 4 },
    )
  })
})
