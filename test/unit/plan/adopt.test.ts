import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/clock.ts'
import type { Plan } from '../../../src/model/op.ts'
import { visibleJson } from '../../../src/model/safe.ts'
import { adoptPlanFile } from '../../../src/plan/adopt.ts'
import type { Files } from '../../../src/ports.ts'
import type { Store } from '../../../src/storage/store.ts'
import { pageOf, plainInfo } from '../../listed-store.ts'
import { type PlanStage, planStage, refusalOf, type StageScript, spoilt } from './stage.ts'

type Line = Readonly<Record<string, unknown>>

const MIRROR: StageScript = {
  source: { new: '5 e 60', newer: '6 e 60', same: '7' },
  destination: { newer: '1 f 30', old: '8 f', older: '9 f', same: '7' },
  rules: { delete: true },
}

/** The lines with a trailer that fits them, as somebody would write it who means harm. */
function withTrailer(lines: readonly Line[], trailer: Line): string {
  const text = lines.map((line) => `${visibleJson(line)}\n`).join('')
  const tally = (field: string, value: unknown) => {
    const ops = lines.filter((line) => line[field] === value)
    return { objects: ops.length, bytes: ops.reduce((sum, { size }) => sum + Number(size), 0) }
  }
  const reasons = new Set(lines.flatMap(({ reason }) => (reason ? [`${reason}`] : [])))
  const fitting = {
    copies: tally('op', 'copy'),
    deletes: tally('op', 'delete'),
    reasons: Object.fromEntries([...reasons].map((reason) => [reason, tally('reason', reason)])),
    digest: createHash('sha256').update(text).digest('hex'),
  }
  return `${text}${visibleJson({ ...trailer, ...fitting })}\n`
}

interface Adopting {
  /** How the places are by now, where they are not as they were planned. */
  readonly now?: StageScript
  /** Changes all lines before the trailer, which is made to fit. */
  readonly forge?: (lines: readonly Line[]) => readonly Line[]
  /** Changes the text of the file. */
  readonly bend?: (text: string) => string
}

const takeOver = (given: PlanStage['ground'], approvedPath: string) =>
  adoptPlanFile(given, { approvedPath, path: '/plan' }, given)

/** Plans in one run, and takes the plan over in another, which makes `/plan` of it. */
async function adopt(script: StageScript, { now, forge, bend }: Adopting = {}) {
  const first = planStage(script)
  const made = await first.make()
  let text = first.files.texts.get('/plan') ?? ''
  if (forge) {
    const lines = text.trimEnd().split('\n')
    const read = lines.map((line): Line => JSON.parse(line))
    text = withTrailer(forge(read.slice(0, -1)), read.at(-1) ?? {})
  }
  const second = planStage({ ...script, ...now, ground: { mode: 'execute', ...now?.ground } })
  second.files.texts.set('/approved', bend ? bend(text) : text)
  return { made, first, second, adopted: takeOver(second.ground, '/approved') }
}

async function refused(script: StageScript, how: Adopting): Promise<string> {
  const { adopted } = await adopt(script, how)
  const { kind, message, hint } = await refusalOf(adopted)
  expect(kind).toBe('guard')
  const [, why = message] = /^The plan \/approved cannot be applied: (.*)\.$/.exec(message) ?? []
  if (why !== message)
    expect(hint).toBe(
      'Make a new plan with mode: plan and the same inputs, and apply that one. Nothing was touched.',
    )
  return why
}

const NOTHING = { copies: 0, deletes: 0 }
const AS_APPROVED = { done: 0, outdated: NOTHING, unapproved: NOTHING }

/** What a run carries out of a plan, and what it leaves, as `kind key` with the reason why not. */
async function carried(script: StageScript, how: Adopting = {}) {
  const { adopted, second } = await adopt(script, how)
  const plan = await adopted
  const { ops, trailer } = second.lines()
  const words = ops.map((op) => {
    const why = 'outdated' in op ? ` ${op.outdated}` : ''
    return `${op.op} ${op.op === 'copy' ? op.to : op.key}${why}`
  })
  return { plan, words, ops, trailer, approval: plan.approval, second }
}

describe('a plan of another run', () => {
  it('is carried out as it was made, where nothing changed, by a plan of the run itself', async () => {
    const { made, first, adopted, second } = await adopt(MIRROR)
    expect(await adopted).toEqual({ ...made, approval: AS_APPROVED })
    expect(second.lines()).toEqual(first.lines())
    expect([...second.files.texts.keys()].sort()).toEqual(['/approved', '/plan'])
    expect(second.unclosed).toEqual(new Set())
  })

  it('may be of any time', async () => {
    const { adopted, made } = await adopt(MIRROR, {
      forge: ([first, ...ops]) => [{ ...first, createdAt: '2026-01-02T03:04:05.000Z' }, ...ops],
    })
    expect((await adopted).trailer).toEqual(made.trailer)
  })

  it('may be one that does nothing', async () => {
    const { words, approval } = await carried({ source: { a: '1' }, destination: { a: '1' } })
    expect(words).toEqual([])
    expect(approval).toEqual(AS_APPROVED)
  })

  it('has to be there', async () => {
    expect(await refusalOf(takeOver(planStage(MIRROR).ground, '/gone'))).toEqual({
      kind: 'inputs',
      message: 'There is no plan at /gone.',
      hint: 'Set plan-dir to the folder that contains the plan.ndjson of a run with mode: plan; a plan in parts (plan.json) needs shard, too. Nothing was touched.',
    })
  })

  it.each([
    ['first', 1],
    ['second', 2],
    ['third', 3],
  ])('is refused when somebody writes to it behind the %s reading of it', async (_what, last) => {
    const first = planStage(MIRROR)
    await first.make()
    const other = planStage({ ...MIRROR, source: { new: '5 e 60' } })
    await other.make()
    const { ground, files } = planStage({ ...MIRROR, ground: { mode: 'execute' } })
    files.texts.set('/approved', first.files.texts.get('/plan') ?? '')
    let readings = 0
    const watched: Files = {
      ...files,
      async *lineBytes(path) {
        yield* files.lineBytes(path)
        if (path !== '/approved' || ++readings !== last) return
        files.texts.set(path, other.files.texts.get('/plan') ?? '')
      },
    }
    const { kind, message } = await refusalOf(takeOver({ ...ground, files: watched }, '/approved'))
    expect(kind).toBe('guard')
    expect(message).toBe('The plan /approved cannot be applied: it changed while it was read.')
    expect(readings).toBeGreaterThanOrEqual(last)
    expect(files.texts.has('/plan')).toBe(false)
  })

  it.each<[string, StageScript]>([
    [
      'a single object',
      {
        source: { '': '5' },
        from: { prefix: 'a/x', single: true },
        to: { prefix: 'y', single: true },
      },
    ],
    ['filters', { ...MIRROR, rules: { delete: true, include: ['*e*', 'old'], exclude: ['*r'] } }],
    [
      'an include that narrows what is listed',
      {
        source: { 'a/1': '1', 'a/2': '2', b: '3' },
        destination: { 'a/1': '2', 'a/old': '1' },
        rules: { delete: true, include: ['a/**'] },
      },
    ],
    ["a folder's own marker", { source: { '': '0', a: '1' } }],
    [
      'other keys at the destination',
      {
        source: { '': '0', 'a/1': '1', 'a/2': '1', 'b/1': '1', é: '1' },
        destination: { '1-é': '2', x: '2', 'y.keep': '2' },
        rules: {
          delete: true,
          maxDelete: { percent: 100 },
          include: ['a/**', 'é', '/'],
          exclude: ['*.keep'],
          keys: {
            pattern: '^(?<dir>[^/]+)/(?<rest>.+)$',
            template: '{rest}-{dir}',
            mismatch: 'keep',
          },
        },
      },
    ],
  ])('is carried out with %s', async (_what, script) => {
    const { made, adopted } = await adopt(script)
    expect(made.trailer.copies.objects).toBeGreaterThan(0)
    expect(await adopted).toEqual({ ...made, approval: AS_APPROVED } as Plan)
  })

  it('may name what no request can name, in any order and like another key', async () => {
    const { words } = await carried(
      { source: { 'a\ufffd': '1', b: '1', 'c\ufffd': '1' }, from: { bend: spoilt } },
      { forge: ([first, a, b, c]) => [first, c, a, a, b].map((line) => ({ ...line })) },
    )
    expect(words.sort()).toEqual([
      'copy to/a\ufffd',
      'copy to/a\ufffd',
      'copy to/b',
      'copy to/c\ufffd',
    ])
  })

  it('does not copy what no request could name and is gone', async () => {
    const { words, approval } = await carried(
      { source: { 'a\ufffd': '1', b: '1' }, from: { bend: spoilt } },
      { now: { source: { b: '1' } } },
    )
    expect(words.sort()).toEqual(['copy to/a\ufffd NoSuchKey', 'copy to/b'])
    expect(approval).toEqual({ ...AS_APPROVED, outdated: { copies: 1, deletes: 0 } })
  })

  it('tells how many came that no request can name', async () => {
    const { words, approval } = await carried(
      { source: { b: '1' }, from: { bend: spoilt } },
      { now: { source: { 'a\ufffd': '1', b: '1', 'c\ufffd': '1' }, from: { bend: spoilt } } },
    )
    expect(words).toEqual(['copy to/b'])
    expect(approval).toEqual({ ...AS_APPROVED, unapproved: { copies: 2, deletes: 0 } })
  })

  it('leaves where it is what no template is for', async () => {
    const keys = { template: 'all/{key}', mismatch: 'keep' } as const
    const { words } = await carried({
      source: { '': '0', 'a\ufffd': '1', b: '1' },
      from: { bend: spoilt },
      rules: { keys },
    })
    expect(words.sort()).toEqual(['copy to/', 'copy to/all/b', 'copy to/a\ufffd'])
  })
})

/** The ops of MIRROR: copies of `new` and `newer`, deletes of `old` and `older`. */
const { source: SOURCE = {}, destination: DESTINATION = {} } = MIRROR
const without = (objects: Readonly<Record<string, string>>, ...gone: readonly string[]) =>
  Object.fromEntries(Object.entries(objects).filter(([key]) => !gone.includes(key)))

describe('of what was approved', () => {
  it.each<[string, StageScript, readonly string[]]>([
    [
      'a copy of what is another object by now is not made',
      { source: { ...SOURCE, new: '5 other 60' } },
      ['copy to/new SourceChanged', 'copy to/newer', 'delete to/old', 'delete to/older'],
    ],
    [
      'a copy of what has another size by now is not made, though its ETag is the same',
      { source: { ...SOURCE, new: '50 e 60' } },
      ['copy to/new SourceChanged', 'copy to/newer', 'delete to/old', 'delete to/older'],
    ],
    [
      'a copy of what is gone is not made',
      { source: without(SOURCE, 'newer') },
      ['copy to/new', 'copy to/newer NoSuchKey', 'delete to/old', 'delete to/older'],
    ],
    [
      'a copy onto what nobody saw is not made',
      { destination: { ...DESTINATION, new: '3 theirs 70' } },
      ['copy to/new DestinationChanged', 'copy to/newer', 'delete to/old', 'delete to/older'],
    ],
    [
      'a copy onto another object than was seen is not made',
      { destination: { ...DESTINATION, newer: '2 theirs 30' } },
      ['copy to/new', 'copy to/newer DestinationChanged', 'delete to/old', 'delete to/older'],
    ],
    [
      'a copy in the place of what somebody removed is not made',
      { destination: without(DESTINATION, 'newer') },
      ['copy to/new', 'copy to/newer DestinationChanged', 'delete to/old', 'delete to/older'],
    ],
    [
      'a delete of what the source has by now is not made',
      { source: { ...SOURCE, old: '8 f' } },
      ['copy to/new', 'copy to/newer', 'delete to/old ExistsAtSource', 'delete to/older'],
    ],
    [
      'a delete of what the source has another of by now is not made',
      { source: { ...SOURCE, old: '9 new 90' } },
      ['copy to/new', 'copy to/newer', 'delete to/old ExistsAtSource', 'delete to/older'],
    ],
    [
      'a delete of what is another object by now is not made',
      { destination: { ...DESTINATION, old: '8 theirs', older: '90 f' } },
      [
        'copy to/new',
        'copy to/newer',
        'delete to/old DestinationChanged',
        'delete to/older DestinationChanged',
      ],
    ],
  ])('%s', async (_what, now, expected) => {
    const { words, approval, trailer } = await carried(MIRROR, { now })
    expect(words).toEqual(expected)
    const stale = (kind: string) =>
      words.filter((word) => new RegExp(`^${kind} \\S+ \\S`).test(word)).length
    expect(approval?.outdated).toEqual({ copies: stale('copy'), deletes: stale('delete') })
    expect(trailer).toMatchObject({ copies: { objects: 2 }, deletes: { objects: 2 } })
  })

  it.each<[string, StageScript, readonly string[], number]>([
    [
      'what was copied as it is now needs no copy',
      { destination: { ...DESTINATION, new: '5 e 90' } },
      ['copy to/newer', 'delete to/old', 'delete to/older'],
      1,
    ],
    [
      'what was deleted already needs no delete',
      { destination: without(DESTINATION, 'old') },
      ['copy to/new', 'copy to/newer', 'delete to/older'],
      1,
    ],
    [
      'all of it may be so already',
      { destination: { new: '5 e 90', newer: '6 e 90', same: '7' } },
      [],
      4,
    ],
    [
      'what was copied in parts, and so has an ETag of its own, needs no copy',
      { destination: { ...DESTINATION, new: '5 parts-2 90' } },
      ['copy to/newer', 'delete to/old', 'delete to/older'],
      1,
    ],
  ])('%s', async (_what, now, expected, done) => {
    const { words, approval } = await carried(MIRROR, { now })
    expect(words).toEqual(expected)
    expect(approval).toEqual({ ...AS_APPROVED, done })
  })

  it('a copy is done though its source is gone behind it: that delete was not approved', async () => {
    const now = { source: without(SOURCE, 'new'), destination: { ...DESTINATION, new: '5 e 90' } }
    const { words, approval } = await carried(MIRROR, { now })
    expect(words).toEqual(['copy to/newer', 'delete to/old', 'delete to/older'])
    expect(approval).toEqual({ ...AS_APPROVED, done: 1, unapproved: { copies: 0, deletes: 1 } })
  })

  it('a copy is done though its source changed behind it: that change was not approved', async () => {
    const now = {
      source: { ...SOURCE, new: '9 again 95' },
      destination: { ...DESTINATION, new: '5 e 90' },
    }
    const { words, approval, trailer } = await carried(MIRROR, { now })
    expect(words).toEqual(['copy to/newer', 'delete to/old', 'delete to/older'])
    expect(approval).toEqual({ ...AS_APPROVED, done: 1, unapproved: { copies: 1, deletes: 0 } })
    expect(trailer.reasons['not-approved']).toEqual({ objects: 1, bytes: 9 })
  })

  it('what came since is left, counted and shown by an example', async () => {
    const now = {
      source: { ...SOURCE, late: '40', later: '2' },
      destination: { ...DESTINATION, zzz: '1' },
    }
    const { words, approval, trailer, plan } = await carried(MIRROR, { now })
    expect(words).toEqual(['copy to/new', 'copy to/newer', 'delete to/old', 'delete to/older'])
    expect(approval).toEqual({
      ...AS_APPROVED,
      unapproved: { copies: 2, deletes: 1 },
      missing: ['to/late', 'to/later'],
    })
    expect(trailer.reasons).toEqual({
      missing: { objects: 1, bytes: 5 },
      'size-differs': { objects: 1, bytes: 6 },
      'same-etag': { objects: 1, bytes: 7 },
      'not-approved': { objects: 2, bytes: 42 },
      'only-at-destination': { objects: 2, bytes: 17 },
    })
    expect(plan.samples['not-approved']).toEqual([
      { key: 'from/late', size: 40 },
      { key: 'from/later', size: 2 },
    ])
    expect(trailer).toMatchObject({ listed: { source: 5, destination: 5 }, inScope: 5 })
  })

  it('an op has the reason that this run has for it, and no word of the plan is taken over', async () => {
    const forge = (lines: readonly Line[]) =>
      lines.with(2, {
        ...lines[2],
        reason: 'etag-differs',
        storageClass: 'GLACIER',
        archived: true,
      })
    const { ops } = await carried(MIRROR, { forge })
    expect(ops[1]).toMatchObject({ to: 'to/newer', reason: 'size-differs' })
    expect(ops[1]).not.toHaveProperty('archived')
    expect(ops[1]).not.toHaveProperty('storageClass')
  })

  it('an object is counted once: as failed, not as left, where the rules leave it', async () => {
    const script: StageScript = { source: { a: '1 e 50' }, rules: { compare: 'missing' } }
    const now = { destination: { a: '2 theirs 70' } }
    const { words, trailer } = await carried(script, { now })
    expect(words).toEqual(['copy to/a DestinationChanged'])
    expect(trailer.reasons).toEqual({ missing: { objects: 1, bytes: 1 } })
  })

  it('counts of a forged trailer are not taken over', async () => {
    const bend = (text: string) =>
      text
        .replace(/"same-etag":\{[^}]*\}/, '"filtered":{"objects":99,"bytes":99}')
        .replace(
          /"listed":\{[^}]*\},"inScope":4/,
          '"listed":{"source":9,"destination":99},"inScope":99',
        )
    const { trailer } = await carried(MIRROR, { bend })
    expect(trailer).toMatchObject({ listed: { source: 3, destination: 4 }, inScope: 4 })
    expect(trailer.reasons).not.toHaveProperty('filtered')
    expect(trailer.reasons['same-etag']).toEqual({ objects: 1, bytes: 7 })
  })
})

const NEVER: StageScript = { source: { a: '1', b: '2' }, rules: { overwrite: 'never' } }
describe('with overwrite: never', () => {
  it('what stands in the way of an approved copy by now is in the plan, so that nothing is copied', async () => {
    const { ops } = await carried(NEVER, { now: { destination: { a: '9 theirs' } } })
    expect(ops).toMatchObject([
      { to: 'to/a', reason: 'destination-conflict', toEtag: 'theirs' },
      { to: 'to/b', reason: 'missing' },
    ])
  })

  it('what stands in the way of another object is a refusal, as nothing could be copied', async () => {
    const { adopted } = await adopt(NEVER, {
      now: { source: { a: '1', b: '2', c: '3' }, destination: { c: '9 theirs' } },
    })
    expect(await refusalOf(adopted)).toMatchObject({
      kind: 'guard',
      message:
        'Another object was written to "to/c" after the plan was made, and overwrite: never protects it.',
    })
  })
})

describe('a plan is refused', () => {
  it.each<[string, Adopting, string]>([
    [
      'for another source',
      { now: { from: { bucket: 'other', prefix: 'from/' } } },
      'its source is not that of this run',
    ],
    [
      'for a source of another region',
      { now: { from: { region: 'us-east-1' } } },
      'its source is not that of this run',
    ],
    [
      'for another destination',
      { now: { to: { endpoint: 'https://s3.example' } } },
      'its destination is not that of this run',
    ],
    ...(
      [
        ['filters', { rules: { delete: true, include: ['x'] } }],
        ['excludes', { rules: { delete: true, exclude: ['x'] } }],
        ['rule for what stands there', { rules: { delete: true, overwrite: 'never' } }],
        ['keys', { rules: { delete: true, keys: { template: '{key}', mismatch: 'keep' } } }],
        ['waves', { rules: { delete: true, waves: { globs: [['x']] } } }],
        ['write options', { ground: { write: { storageClass: 'STANDARD_IA' } } }],
      ] as const
    ).map(([what, now]): [string, Adopting, string] => [
      `for another ${what}`,
      { now },
      'it was made with different filters, key-template, waves, overwrite or write options',
    ]),
    [
      'for another comparison',
      { now: { rules: { delete: true, compare: 'size' } } },
      'it was made with compare: auto, and this run has compare: size',
    ],
    [
      'for another delete',
      { now: { rules: { delete: false } } },
      'it was made with delete: true, and this run has delete: false',
    ],
  ])('%s', async (_for, how, why) => {
    expect(await refused(MIRROR, how)).toBe(why)
  })

  it.each<[string, (text: string) => string, string]>([
    ['empty', () => '', 'its header is not that of a plan of this version'],
    [
      'of another version',
      (text) => text.replace('plan/1', 'plan/9'),
      'its header is not that of a plan of this version',
    ],
    ['no JSON', () => 'PK\n', 'one of its lines is not JSON'],
    ['begun by a mark of its encoding', (text) => `\ufeff${text}`, 'one of its lines is not JSON'],
    [
      'one of a header that names a field twice',
      (text) => text.replace('"compare":', '"compare":"size","compare":'),
      'its header is not that of a plan of this version',
    ],
    [
      'nested without end',
      (text) => `${'['.repeat(60_000)}\n${text}`,
      'one of its lines is not JSON',
    ],
    [
      'nested without end, in its place',
      (text) =>
        text.replace('"key":"from/new"', `"key":${'['.repeat(20_000)}${']'.repeat(20_000)}`),
      'one of its lines is not an operation of this version',
    ],
    [
      'one of a line that is longer than any object needs',
      (text) => text.replace('"key":"from/new"', `"key":"from/${'n'.repeat(70_000)}"`),
      'one of its lines is too long',
    ],
    ['followed by an empty line', (text) => `${text}\n`, 'there is data after its trailer'],
    [
      'written with blanks',
      (text) => text.replace('"op":"copy"', '"op": "copy"'),
      'one of its lines is not an operation of this version',
    ],
    [
      'written with other ends of lines',
      (text) => text.replaceAll('\n', '\r\n'),
      'its header is not that of a plan of this version',
    ],
    [
      'one of a line that names a field twice',
      (text) => text.replace('"size":5', '"size":50,"size":5'),
      'one of its lines is not an operation of this version',
    ],
    [
      'one of a number without end',
      (text) => text.replace('"size":5', '"size":1e999'),
      'one of its lines is not an operation of this version',
    ],
    [
      'one of a number that is not exact',
      (text) => text.replace('"size":5', '"size":9007199254740993'),
      'one of its lines is not an operation of this version',
    ],
    [
      'one of a field that every object has',
      (text) => text.replace('"size":5', '"__proto__":{"size":5},"size":5'),
      'one of its lines is not an operation of this version',
    ],
    [
      'one of an op that every object has',
      (text) => text.replace('"op":"copy"', '"op":"__proto__"'),
      'one of its lines is not an operation of this version',
    ],
    [
      'ended by a reason that every object has',
      (text) => text.replace('"reasons":{', '"reasons":{"__proto__":{"objects":1,"bytes":1},'),
      'its trailer is missing or unreadable',
    ],
    [
      'cut before its trailer',
      (text) => text.slice(0, text.indexOf('{"trailer"')),
      'it has no trailer, so it is truncated',
    ],
    ['cut within a line', (text) => `${text.slice(0, -20)}\n`, 'one of its lines is not JSON'],
    ['followed by an op', (text) => `${text}{"op":"copy"}\n`, 'there is data after its trailer'],
    [
      'followed by another trailer',
      (text) => text + text.slice(text.indexOf('{"trailer"')),
      'there is data after its trailer',
    ],
    [
      'changed in a line',
      (text) => text.replace('"size":5', '"size":6'),
      'its lines were changed after it was written',
    ],
    [
      'ended by a number',
      (text) => text.replace(/\{"trailer".*/, '7'),
      'its trailer is missing or unreadable',
    ],
    [
      'ended by nothing',
      (text) => text.replace(/\{"trailer".*/, 'null'),
      'its trailer is missing or unreadable',
    ],
    [
      'ended by an unknown field',
      (text) => text.replace('{"trailer"', '{"more":1,"trailer"'),
      'its trailer is missing or unreadable',
    ],
  ])('when it is %s', async (_how, bend, why) => {
    expect(await refused(MIRROR, { bend })).toBe(why)
  })

  it.each<[string, string, string]>([
    ['copies', '"copies":{"objects":2,"bytes":11}', '"copies":{"objects":1,"bytes":11}'],
    ['bytes of copies', '"copies":{"objects":2,"bytes":11}', '"copies":{"objects":2,"bytes":12}'],
    ['deletes', '"deletes":{"objects":2,"bytes":17}', '"deletes":{"objects":1,"bytes":17}'],
    ['bytes of deletes', '"deletes":{"objects":2,"bytes":17}', '"deletes":{"objects":2,"bytes":1}'],
    ['a reason', '"missing":{"objects":1,"bytes":5}', '"missing":{"objects":2,"bytes":5}'],
    ['bytes of a reason', '"missing":{"objects":1,"bytes":5}', '"missing":{"objects":1,"bytes":6}'],
    ['no reason', '"missing":{"objects":1,"bytes":5},', ''],
    ['a reason it has no op of', '"missing":', '"always":{"objects":1,"bytes":1},"missing":'],
    ['extra objects', '"only-at-destination":{"objects":2', '"only-at-destination":{"objects":3'],
  ])('when its trailer counts other ops: %s', async (_what, stated, instead) => {
    const bend = (text: string): string => {
      const bent = text.replace(stated, instead)
      expect(bent).not.toBe(text)
      return bent
    }
    expect(await refused(MIRROR, { bend })).toBe('its trailer counts do not match its operations')
  })

  it('when its trailer counts other copies, though nothing is deleted', async () => {
    const bend = (text: string) => text.replace('"missing":{"objects":1', '"missing":{"objects":9')
    expect(await refused({ ...MIRROR, rules: {} }, { bend })).toBe(
      'its trailer counts do not match its operations',
    )
  })

  const changed =
    (at: number, change: Line) =>
    (lines: readonly Line[]): readonly Line[] =>
      lines.with(at, { ...lines[at], ...change })
  it.each<[string, (lines: readonly Line[]) => readonly Line[], string]>([
    ['deletes outside', changed(4, { key: 'out/x' }), 'it writes outside the destination: "out/x"'],
    [
      'copies to outside',
      changed(1, { to: 'out/new' }),
      'it writes outside the destination: "out/new"',
    ],
    [
      'deletes the destination itself',
      changed(3, { key: 'to/' }),
      'it deletes the destination itself',
    ],
    [
      'copies from outside',
      changed(1, { key: 'out//new' }),
      'it copies a different source object to "to/new"',
    ],
    [
      'copies another object',
      changed(1, { key: 'from/secret' }),
      'it copies a different source object to "to/new"',
    ],
    [
      'copies a key that no request can name from elsewhere',
      changed(1, { key: 'from/secret', unnameable: true }),
      'it copies a different source object to "to/new"',
    ],
    [
      'copies the marker to elsewhere',
      changed(1, { key: 'from/' }),
      'it copies a different source object to "to/new"',
    ],
    [
      'has its copies in another order',
      ([first, a, b, ...deletes]) => [first, b, a, ...deletes] as Line[],
      'its keys are not in order, or a key occurs twice',
    ],
    [
      'names a delete twice',
      (lines) => [...lines, lines.at(-1) ?? {}],
      'its keys are not in order, or a key occurs twice',
    ],
    [
      'deletes first',
      ([first, a, b, c, d]) => [first, c, d, a, b] as Line[],
      'its deletes are not after its copies',
    ],
    ['deletes what it copies', changed(3, { key: 'to/newer' }), 'it copies and deletes "to/newer"'],
    [
      'deletes what it copies, in any alphabet',
      (lines) =>
        [
          lines[0],
          ...['a', 'é'].map((key) => ({ ...lines[1], key: `from/${key}`, to: `to/${key}` })),
          ...['b', 'é'].map((key) => ({ ...lines[3], key: `to/${key}` })),
        ] as Line[],
      'it copies and deletes "to/é"',
    ],
    [
      'holds an unknown op',
      (lines) => [...lines, { op: 'chmod', key: 'to/z' }],
      'one of its lines is not an operation of this version',
    ],
    [
      'holds an unknown field',
      changed(1, { acl: 'public-read' }),
      'one of its lines is not an operation of this version',
    ],
    [
      'has a delete of a copy',
      changed(3, { to: 'to/old' }),
      'one of its lines is not an operation of this version',
    ],
  ])('when it was forged and %s', async (_what, forge, why) => {
    expect(await refused(MIRROR, { forge })).toBe(why)
  })

  const WAVED: StageScript = {
    source: { a: '1', index: '2' },
    rules: { waves: { globs: [['index']] } },
  }
  it.each<[string, (lines: readonly Line[]) => readonly Line[], string]>([
    ['an index goes first', (lines) => lines.map(({ wave: _none, ...line }) => line), '"to/index"'],
    ['an object waits', changed(1, { wave: 1 }), '"to/a"'],
  ])('when it was forged so that %s', async (_what, forge, key) => {
    // What is written last in a line decides its order.
    const ordered = (lines: readonly Line[]) =>
      forge(lines).map(({ reason, ...line }) => (reason ? { ...line, reason } : line))
    expect(await refused(WAVED, { forge: ordered })).toBe(
      `it copies ${key} in a different wave than this run would`,
    )
  })

  it.each([
    ['other copies in a wave', '"waves":[{"objects":1,', '"waves":[{"objects":2,'],
    ['fewer waves', ',{"objects":1,"bytes":2}]', ']'],
    ['no waves', '"waves":[{"objects":1,"bytes":1},{"objects":1,"bytes":2}],', ''],
  ])('when its trailer counts %s', async (_what, stated, instead) => {
    const bend = (text: string): string => {
      expect(text).toContain(stated)
      return text.replace(stated, instead)
    }
    expect(await refused(WAVED, { bend })).toBe('its trailer counts do not match its operations')
  })

  it('when it was forged and deletes though this run does not', async () => {
    const script = { ...MIRROR, rules: {} }
    const forge = (lines: readonly Line[]) => [
      ...lines,
      { op: 'delete', key: 'to/old', size: 8, etag: 'f', reason: 'only-at-destination' },
    ]
    expect(await refused(script, { forge })).toBe(
      'it deletes objects, and this run has delete: false',
    )
  })

  it.each([
    ['copies', changed(1, { key: 'from/x.tmp', to: 'to/x.tmp' })],
    ['deletes', changed(4, { key: 'to/x.tmp' })],
  ])('when it was forged and %s what the filters leave out', async (_what, forge) => {
    const script = { ...MIRROR, rules: { delete: true, exclude: ['*.tmp'] } }
    expect(await refused(script, { forge })).toBe('include and exclude filter out "to/x.tmp"')
  })

  const noRun = (key: string, reason: string) =>
    `it copies an object that this run would not copy: "to/${key}" (${reason})`
  const held = { source: { a: '1 e 50' }, destination: { a: '2 old 90' } }
  const copyOf = (more: Line) => (lines: readonly Line[]) => [
    lines[0] ?? {},
    {
      ...{ op: 'copy', key: 'from/a', to: 'to/a', size: 1, etag: 'e' },
      ...{ lastModified: '1970-01-01T00:00:50.000Z', ...more },
    },
  ]
  it.each<[string, StageScript, Line]>([
    [
      'overwrites in spite of overwrite: never',
      { rules: { overwrite: 'never' } },
      { toEtag: 'old', reason: 'size-differs' },
    ],
    [
      'overwrites with compare: missing',
      { rules: { compare: 'missing' } },
      { toEtag: 'old', reason: 'size-differs' },
    ],
    ['overwrites always, where nobody asked for that', {}, { toEtag: 'old', reason: 'always' }],
    ['overwrites as newer, where nobody asked for that', {}, { toEtag: 'old', reason: 'newer' }],
    ['calls missing what it overwrites', {}, { toEtag: 'old', reason: 'missing' }],
    ['overwrites what it does not name', {}, { reason: 'size-differs' }],
    [
      'overwrites the same by another ETag',
      { rules: { compare: 'etag' } },
      { toEtag: 'e', reason: 'etag-differs' },
    ],
    [
      'brings back an older object',
      { destination: { a: '1 old 90' } },
      { toEtag: 'old', reason: 'etag-differs' },
    ],
    [
      'brings back an older object, with compare: newer',
      { rules: { compare: 'newer' } },
      { toEtag: 'old', reason: 'newer' },
    ],
    [
      'calls another size what has the same',
      { destination: { a: '1 old 90' }, rules: { compare: 'size' } },
      { toEtag: 'old', reason: 'size-differs' },
    ],
  ])('when it was forged and %s', async (_what, script, line) => {
    const forge = copyOf(line)
    expect(await refused({ ...held, ...script }, { forge })).toBe(noRun('a', `${line['reason']}`))
  })

  it('when it was forged and copies the marker of a folder to a bucket that has no key for it', async () => {
    const script: StageScript = { source: { '': '0', a: '1' }, to: { prefix: '' } }
    const marker = { key: 'from/', to: '', size: 0, etag: 'e', reason: 'missing' }
    const forge = ([first, a]: readonly Line[]) => [first ?? {}, { ...a, ...marker }, a ?? {}]
    expect(await refused(script, { forge })).toBe(
      'it copies an object that this run would not copy: "" (missing)',
    )
  })

  it('when it is no text', async () => {
    const { second } = await adopt(MIRROR)
    const bytes = Buffer.from(second.files.texts.get('/approved') ?? '').fill(0xff, 300, 301)
    const files = {
      ...second.files,
      lineBytes: async function* () {
        yield bytes
      },
    }
    const adopted = takeOver({ ...second.ground, files }, '/approved')
    expect((await refusalOf(adopted)).message).toContain('it is not UTF-8')
  })

  const keys = { template: 'all/{key}', mismatch: 'keep' } as const
  it('when it was forged and names a key that the pattern finds no end with', async () => {
    const endless = { pattern: '^(?<d>(a+)+)b/', template: '{d}/{name}', mismatch: 'keep' } as const
    const script: StageScript = { source: { b: '1' }, rules: { keys: endless } }
    const key = `${'a'.repeat(60)}!`
    const forge = ([first, b]: readonly Line[]) => [
      first ?? {},
      { ...b, key: `from/${key}`, to: `to/${key}` },
    ]
    const { adopted } = await adopt(script, { forge, now: { ground: { clock: systemClock } } })
    expect(await refusalOf(adopted)).toMatchObject({
      kind: 'guard',
      message: `key-pattern takes too long with "from/${key}".`,
    })
  })

  it('when it was forged and copies to another key than the template makes', async () => {
    const script = { source: { a: '1' }, rules: { keys } }
    expect(await refused(script, { forge: changed(1, { to: 'to/a' }) })).toBe(
      'it copies a different source object to "to/a"',
    )
  })

  it('when it was forged and copies to a new key what no include names', async () => {
    const script = { source: { 'a.zip': '1' }, rules: { keys, include: ['*.zip'] } }
    const forge = changed(1, { key: 'from/b', to: 'to/all/b' })
    expect(await refused(script, { forge })).toBe('include and exclude filter out "to/all/b"')
  })

  it('when it was forged and copies what a single object only begins as', async () => {
    const script = {
      source: { '': '5' },
      from: { prefix: 'a/x', single: true },
      to: { prefix: 'y', single: true },
    }
    expect(await refused(script, { forge: changed(1, { key: 'a/x2', to: 'y2' }) })).toBe(
      '"y2" is not the single object of source',
    )
  })
})

describe('the guards judge a plan again', () => {
  it.each<[string, Adopting, string]>([
    [
      'by what this run allows',
      { now: { rules: { delete: true, maxDelete: { objects: 1 } } } },
      '2 of 4 objects in scope at the destination would be deleted; max-delete is 1.',
    ],
    [
      'by what is at the destination now',
      { now: { destination: { old: '8 f', older: '9 f' } } },
      'Every object in scope under s3://to/to/ would be deleted (2), and 1 new one copied.',
    ],
    [
      'by what is at the source now',
      { now: { source: {} } },
      'The source is empty: there is no object under s3://from/from/',
    ],
    [
      'by what no request can name now',
      {
        now: {
          source: { ...SOURCE, 'x\ufffd': '1' },
          from: { bend: spoilt },
        },
      },
      'A key is not valid UTF-8 ("x\ufffd"), so it is unclear which objects may be deleted.',
    ],
  ])('%s', async (_by, how, message) => {
    const { adopted, second } = await adopt(MIRROR, how)
    expect(await refusalOf(adopted)).toMatchObject({ kind: 'guard', message })
    expect([...second.files.texts.keys()]).toEqual(['/approved', '/plan'])
    expect(second.unclosed).toEqual(new Set())
  })

  it('by the deletes that are left of it', async () => {
    const now = {
      destination: without(DESTINATION, 'older'),
      rules: { delete: true, maxDelete: { objects: 1 } },
    }
    const { words } = await carried(MIRROR, { now })
    expect(words).toEqual(['copy to/new', 'copy to/newer', 'delete to/old'])
  })

  it('and ask of a single object nothing but that it is listed', async () => {
    const page: Store['page'] = async ({ mostKeys }) =>
      pageOf(mostKeys ? [] : [{ ...plainInfo(''), size: 5 }])
    const doors = { page }
    const { adopted } = await adopt(
      {
        source: { '': '5' },
        from: { prefix: 'a/x', single: true },
        to: { prefix: 'y', single: true },
      },
      { now: { from: { prefix: 'a/x', single: true, doors } } },
    )
    expect(await adopted).toMatchObject({ trailer: { copies: { objects: 1 } } })
  })

  it('and stop where a place cannot be listed', async () => {
    const doors = {
      page: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })),
    }
    const { adopted } = await adopt(MIRROR, { now: { from: { doors } } })
    expect(await refusalOf(adopted)).toMatchObject({
      kind: 'list',
      message: 'The bucket from could not be listed: AccessDenied: no',
    })
  })
})
