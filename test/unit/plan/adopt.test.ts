import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../src/model/op.ts'
import { adoptPlanFile } from '../../../src/plan/adopt.ts'
import { planStage, refusalOf, type StageScript } from './stage.ts'

type Line = Readonly<Record<string, unknown>>

const MIRROR: StageScript = {
  source: { new: '5 e 60', newer: '6 e 60', same: '7' },
  destination: { newer: '1 f 30', old: '8 f', older: '9 f', same: '7' },
  rules: { delete: true },
}

/** The lines with a trailer that fits them, as somebody would write it who means harm. */
function withTrailer(lines: readonly Line[], trailer: Line): string {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
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
  return `${text}${JSON.stringify({ ...trailer, ...fitting })}\n`
}

interface Adopting {
  /** How the places are by now, where they are not as they were planned. */
  readonly now?: StageScript
  /** Changes all lines before the trailer, which is made to fit. */
  readonly forge?: (lines: readonly Line[]) => readonly Line[]
  /** Changes the text of the file. */
  readonly bend?: (text: string) => string
}

/** Plans in one run, and takes the plan over in another. */
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
  second.files.texts.set('/plan', bend ? bend(text) : text)
  // Whether a filter matches something is seen anew, or not at all.
  const adopted = adoptPlanFile(second.ground).then(({ idleGlobs: _seen, ...plan }) => plan)
  const { idleGlobs: _idle, ...same } = made
  return { made: same, second, adopted }
}

async function refused(script: StageScript, how: Adopting): Promise<string> {
  const { adopted } = await adopt(script, how)
  const { kind, message, hint } = await refusalOf(adopted)
  expect(kind).toBe('guard')
  const [, why = message] = /^The plan \/plan cannot be carried out: (.*)\.$/.exec(message) ?? []
  if (why !== message)
    expect(hint).toBe(
      'Make a new plan with mode: plan, with the same inputs, and carry out that one. Nothing was touched.',
    )
  return why
}

describe('a plan of another run', () => {
  it('is taken over as it was made, at whatever time', async () => {
    const { made, adopted, second } = await adopt(MIRROR)
    expect(await adopted).toEqual({ ...made, unnameable: undefined })
    expect([...second.files.texts.keys()]).toEqual(['/plan'])
    expect(second.unclosed).toEqual(new Set())
  })

  it('keeps the time when it was made', async () => {
    const text = { createdAt: '2026-01-02T03:04:05.000Z' }
    const { adopted } = await adopt(MIRROR, {
      forge: ([first, ...ops]) => [{ ...first, ...text }, ...ops],
    })
    expect((await adopted).header).toMatchObject(text)
  })

  it('may be one that does nothing', async () => {
    const { adopted } = await adopt({ source: { a: '1' }, destination: { a: '1' } })
    expect((await adopted).trailer).toMatchObject({
      copies: { objects: 0, bytes: 0 },
      deletes: { objects: 0, bytes: 0 },
    })
  })

  it('has to be there', async () => {
    expect(await refusalOf(adoptPlanFile(planStage(MIRROR).ground))).toEqual({
      kind: 'input',
      message: 'There is no plan at /plan.',
      hint: 'Set plan-dir to the folder that holds plan.ndjson of a run with mode: plan. Nothing was touched.',
    })
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
  ])('is taken over with %s', async (_what, script) => {
    const { made, adopted } = await adopt(script)
    expect(made.trailer.copies.objects).toBeGreaterThan(0)
    expect(await adopted).toEqual({ ...made, unnameable: undefined } as Plan)
  })

  const spoilt = {
    bend: (xml: string) => xml.replaceAll(/<Key>[^<]*/g, (key) => key.replace('%EF%BF%BD', '%FF')),
  }
  it('may name what no request can name, in any order and like another key, and tells the first', async () => {
    const { adopted } = await adopt(
      { source: { 'a\ufffd': '1', b: '1', 'c\ufffd': '1' }, from: spoilt },
      { forge: ([first, a, b, c]) => [first, c, a, a, b].map((line) => ({ ...line })) },
    )
    expect(await adopted).toMatchObject({
      unnameable: 'from/c\ufffd',
      trailer: { copies: { objects: 4 } },
    })
  })

  it('leaves where it is what no template is for', async () => {
    const keys = { template: 'all/{key}', mismatch: 'keep' } as const
    const { made, adopted, second } = await adopt({
      source: { '': '0', 'a\ufffd': '1', b: '1' },
      from: spoilt,
      rules: { keys },
    })
    const targets = second.lines().ops.map((op) => 'to' in op && op.to)
    expect(targets).toEqual(['to/', 'to/all/b', 'to/a\ufffd'])
    expect(await adopted).toEqual({ ...made, unnameable: 'from/a\ufffd' })
  })
})

describe('a plan is refused', () => {
  it.each<[string, Adopting, string]>([
    [
      'for another source',
      { now: { from: { bucket: 'other', prefix: 'from/' } } },
      "its source is another than this run's",
    ],
    [
      'for a source of another region',
      { now: { from: { region: 'us-east-1' } } },
      "its source is another than this run's",
    ],
    [
      'for another destination',
      { now: { to: { endpoint: 'https://s3.example' } } },
      "its destination is another than this run's",
    ],
    ...(
      [
        ['filters', { rules: { delete: true, include: ['x'] } }],
        ['excludes', { rules: { delete: true, exclude: ['x'] } }],
        ['comparison', { rules: { delete: true, compare: 'size' } }],
        ['rule for what stands there', { rules: { delete: true, overwrite: 'never' } }],
        ['delete', { rules: { delete: false } }],
        ['keys', { rules: { delete: true, keys: { template: '{key}', mismatch: 'keep' } } }],
        ['write options', { ground: { write: { storageClass: 'STANDARD_IA' } } }],
      ] as const
    ).map(([what, now]): [string, Adopting, string] => [
      `for another ${what}`,
      { now },
      'it was made with other filters, another compare or delete, or other write options',
    ]),
  ])('%s', async (_for, how, why) => {
    expect(await refused(MIRROR, how)).toBe(why)
  })

  it.each<[string, (text: string) => string, string]>([
    ['empty', () => '', 'it does not begin as a plan of this version does'],
    [
      'of another version',
      (text) => text.replace('plan/1', 'plan/9'),
      'it does not begin as a plan of this version does',
    ],
    ['no JSON', () => 'PK\n', 'a line of it is not JSON'],
    [
      'cut before its trailer',
      (text) => text.slice(0, text.indexOf('{"trailer"')),
      'it has no trailer, so it is not whole',
    ],
    ['cut within a line', (text) => `${text.slice(0, -20)}\n`, 'a line of it is not JSON'],
    [
      'followed by an op',
      (text) => `${text}{"op":"copy"}\n`,
      'something stands behind its trailer',
    ],
    [
      'followed by another trailer',
      (text) => text + text.slice(text.indexOf('{"trailer"')),
      'something stands behind its trailer',
    ],
    [
      'changed in a line',
      (text) => text.replace('"missing"', '"always"'),
      'its lines are not those it was written with',
    ],
    [
      'ended by a number',
      (text) => text.replace(/\{"trailer".*/, '7'),
      'its trailer is missing or not readable',
    ],
    [
      'ended by nothing',
      (text) => text.replace(/\{"trailer".*/, 'null'),
      'its trailer is missing or not readable',
    ],
    [
      'ended by an unknown field',
      (text) => text.replace('{"trailer"', '{"more":1,"trailer"'),
      'its trailer is missing or not readable',
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
    expect(await refused(MIRROR, { bend })).toBe('its trailer counts other ops than it holds')
  })

  it('when its trailer counts other copies, though nothing is deleted', async () => {
    const bend = (text: string) => text.replace('"missing":{"objects":1', '"missing":{"objects":9')
    expect(await refused({ ...MIRROR, rules: {} }, { bend })).toBe(
      'its trailer counts other ops than it holds',
    )
  })

  it('not for what it counts beside its ops', async () => {
    const script = { ...MIRROR, rules: {} }
    const { made, adopted } = await adopt(script)
    expect(made.trailer.reasons).toHaveProperty('only-at-destination')
    expect(await adopted).toMatchObject({ trailer: made.trailer })
  })

  /** The ops of MIRROR: copies of `new` and `newer`, deletes of `old` and `older`. */
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
      'it copies another object than the source has for "to/new"',
    ],
    [
      'copies another object',
      changed(1, { key: 'from/secret' }),
      'it copies another object than the source has for "to/new"',
    ],
    [
      'copies a key that no request can name from elsewhere',
      changed(1, { key: 'from/secret', unnameable: true }),
      'it copies another object than the source has for "to/new"',
    ],
    [
      'copies the marker to elsewhere',
      changed(1, { key: 'from/' }),
      'it copies another object than the source has for "to/new"',
    ],
    [
      'has its copies in another order',
      ([first, a, b, ...deletes]) => [first, b, a, ...deletes] as Line[],
      'its keys are not in order, or one of them comes twice',
    ],
    [
      'names a delete twice',
      (lines) => [...lines, lines.at(-1) ?? {}],
      'its keys are not in order, or one of them comes twice',
    ],
    [
      'deletes first',
      ([first, a, b, c, d]) => [first, c, d, a, b] as Line[],
      'its deletes do not stand behind its copies',
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
      'a line of it is not an op of this version',
    ],
    [
      'holds an unknown field',
      changed(1, { acl: 'public-read' }),
      'a line of it is not an op of this version',
    ],
    [
      'has a delete of a copy',
      changed(3, { to: 'to/old' }),
      'a line of it is not an op of this version',
    ],
    [
      'has a copy without an ETag',
      changed(1, { etag: '' }),
      'a line of it is not an op of this version',
    ],
  ])('when it was forged and %s', async (_what, forge, why) => {
    expect(await refused(MIRROR, { forge })).toBe(why)
  })

  it('when it was forged and deletes though this run does not', async () => {
    const script = { ...MIRROR, rules: {} }
    const forge = (lines: readonly Line[]) => [
      ...lines,
      { op: 'delete', key: 'to/old', size: 8, etag: 'f', reason: 'only-at-destination' },
    ]
    expect(await refused(script, { forge })).toBe('it deletes, and this run does not')
  })

  it.each([
    ['copies', changed(1, { key: 'from/x.tmp', to: 'to/x.tmp' })],
    ['deletes', changed(4, { key: 'to/x.tmp' })],
  ])('when it was forged and %s what the filters leave out', async (_what, forge) => {
    const script = { ...MIRROR, rules: { delete: true, exclude: ['*.tmp'] } }
    expect(await refused(script, { forge })).toBe('include and exclude leave "to/x.tmp" out')
  })

  const keys = { template: 'all/{key}', mismatch: 'keep' } as const
  it('when it was forged and copies to another key than the template makes', async () => {
    const script = { source: { a: '1' }, rules: { keys } }
    expect(await refused(script, { forge: changed(1, { to: 'to/a' }) })).toBe(
      'it copies another object than the source has for "to/a"',
    )
  })

  it('when it was forged and copies to a new key what no include names', async () => {
    const script = { source: { 'a.zip': '1' }, rules: { keys, include: ['*.zip'] } }
    const forge = changed(1, { key: 'from/b', to: 'to/all/b' })
    expect(await refused(script, { forge })).toBe('include and exclude leave "to/all/b" out')
  })

  it('when it was forged and copies what a single object only begins as', async () => {
    const script = {
      source: { '': '5' },
      from: { prefix: 'a/x', single: true },
      to: { prefix: 'y', single: true },
    }
    expect(await refused(script, { forge: changed(1, { key: 'a/x2', to: 'y2' }) })).toBe(
      '"y2" is not the single object',
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
      'The source is empty: nothing lies under s3://from/from/',
    ],
    [
      'by what the plan itself cannot name',
      { forge: ([first, a, ...rest]) => [first, { ...a, unnameable: true }, ...rest] as Line[] },
      'A key is not valid UTF-8 ("from/new"), so it is not certain what may be deleted.',
    ],
  ])('%s', async (_by, how, message) => {
    const { adopted, second } = await adopt(MIRROR, how)
    expect(await refusalOf(adopted)).toMatchObject({ kind: 'guard', message })
    expect([...second.files.texts.keys()]).toEqual(['/plan'])
    expect(second.unclosed).toEqual(new Set())
  })

  it('without a listing, where it deletes nothing', async () => {
    const doors = {
      listPage: () => {
        throw new Error('Nothing is to be listed.')
      },
    }
    const { adopted } = await adopt(
      { ...MIRROR, rules: {} },
      { now: { to: { doors }, from: { doors } } },
    )
    expect(await adopted).toMatchObject({ trailer: { copies: { objects: 2 } } })
  })

  it('and ask of a single object nothing but that it is listed', async () => {
    const doors = { firstKeys: async () => [] }
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

  it('and stop where the source cannot be seen', async () => {
    const doors = {
      firstKeys: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })),
    }
    const { adopted } = await adopt(MIRROR, { now: { from: { doors } } })
    expect(await refusalOf(adopted)).toMatchObject({
      kind: 'listing',
      message: 'The bucket from could not be listed: AccessDenied: no',
    })
  })
})
