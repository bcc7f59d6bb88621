import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { FAULT_NAMES, type FaultName } from '../../campaign/catalogue.ts'
import { expectedOf, waveOf } from '../../campaign/expected.ts'
import { type Invariant, judge } from '../../campaign/invariants.ts'
import { play } from '../../campaign/run.ts'
import { keysScheduleOf, type Schedule, scheduleOf } from '../../campaign/schedule.ts'
import type { Played, Seen } from '../../campaign/step.ts'
import type { CopyOp } from '../../src/model/op.ts'
import type { ResultRow } from '../../src/model/outcome.ts'

describe('a schedule', () => {
  it('follows from its seed alone', () => {
    expect(scheduleOf(7)).toEqual(scheduleOf(7))
    expect(scheduleOf(7)).not.toEqual(scheduleOf(8))
  })

  it('has every fault sooner or later', () => {
    const drawn = new Set<FaultName>()
    for (let seed = 1; seed <= 1000; seed++)
      for (const { name } of scheduleOf(seed).faults) drawn.add(name)
    expect([...drawn].sort()).toEqual([...FAULT_NAMES].sort())
  })

  it('lets no s5cmd lie where the engines are believed', () => {
    const schedules = Array.from({ length: 1000 }, (_, seed) => scheduleOf(seed))
    const believed = schedules.filter(({ request }) => request['verify'] === 'outcomes')
    const lies = ({ faults }: Schedule) =>
      faults.some(({ name }) => name === 's5cmd prints success without copying')
    expect(believed.length).toBeGreaterThan(50)
    expect(schedules.some(lies)).toBe(true)
    expect(believed.filter(lies)).toEqual([])
  })

  it('has waves now and then', () => {
    const drawn = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed).request['waves'])
    const given = drawn.filter((waves) => waves !== undefined)
    expect(given.length).toBeGreaterThan(50)
    expect(given.length).toBeLessThan(120)
    expect(new Set(given).size).toBeGreaterThan(3)
  })

  it('has rules for headers now and then, and never where s5cmd has to carry all', () => {
    const requests = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed).request)
    const ruled = requests.filter(({ headers }) => headers !== undefined)
    expect(ruled.length).toBeGreaterThan(25)
    expect(new Set(ruled.map(({ headers }) => headers)).size).toBe(3)
    expect(ruled.filter(({ engine }) => engine === 's5cmd')).toEqual([])
  })

  it('has objects now and then that hold the same as their source under other metadata', () => {
    const owned = Array.from({ length: 20 }, (_, seed) => scheduleOf(seed)).flatMap(
      ({ source, destination }) =>
        destination.filter(({ metadata, seed, size }) => {
          const same = source.some((placed) => placed.seed === seed && placed.size === size)
          return same && metadata?.['owner'] === 'somebody else'
        }),
    )
    expect(owned.length).toBeGreaterThan(5)
  })
})

describe('what a request has to do', () => {
  it('is done in the wave that is the last one to take a key', () => {
    const request = { waves: '\n---\n*.a\n---\n---\nx/**\nb' }
    const waves = ['c', 'c.a', 'x/c.a', 'y/b'].map((key) => waveOf(request, key))
    expect(waves).toEqual([0, 1, 2, 2])
    expect(waveOf({}, 'b')).toBe(0)
  })

  it('goes by checksums of the whole where both sides have one in common', () => {
    const held = { size: 1, headers: {}, metadata: {}, tags: {}, storageClass: 'STANDARD' }
    const object = (etag: string, md5: string, modifiedMs: number, whole = ['crc32']) =>
      new Map([['data/a', { ...held, etag, md5, modifiedMs, whole }]])
    const copies = (
      compare: string,
      src: ReturnType<typeof object>,
      dst: ReturnType<typeof object>,
    ) => {
      const at = new Map([...dst].map(([, to]) => ['copy/a', to]))
      return expectedOf({ compare }, { src, dst: at }).copies.size
    }
    const old = object('e-2', 'm', 1)
    expect(copies('auto', old, object('f', 'm', 0))).toBe(0)
    expect(copies('auto', old, object('f', 'n', 2))).toBe(1)
    expect(copies('auto', old, object('f', 'm', 0, []))).toBe(1)
    expect(copies('checksum', old, object('e-2', 'n', 2))).toBe(1)
    expect(copies('checksum', old, object('f', 'm', 2, ['sha256']))).toBe(1)
  })

  it('leaves out what key-mismatch skips, and keeps its like at the destination', () => {
    const held = { size: 1, etag: 'e', md5: 'm', headers: {}, metadata: {}, tags: {} }
    const worldOf = (...keys: string[]) =>
      new Map(
        keys.map((key) => [key, { ...held, storageClass: 'STANDARD', modifiedMs: 0, whole: [] }]),
      )
    const world = { src: worldOf('data/a', 'data/1'), dst: worldOf('copy/1', 'copy/extra') }
    const moving = { 'key-pattern': '^[a-z]', 'key-template': 'by/{key}', delete: 'true' }
    const kept = expectedOf({ ...moving, compare: 'always' }, world)
    expect([...kept.copies.keys()]).toEqual(['data/a', 'data/1'])
    const skipped = expectedOf({ ...moving, compare: 'always', 'key-mismatch': 'skip' }, world)
    expect([...skipped.copies]).toEqual([['data/a', 'copy/by/a']])
    expect([...skipped.deletes]).toEqual(['copy/extra'])
  })
})

/** Two copies, a delete, an excluded object and one beside the destination; nothing breaks. */
const PLAIN: Schedule = {
  seed: 0,
  mode: 'sync',
  who: 'keys',
  source: ['data/a', 'data/b', 'data/skip/x'].map((key, seed) => ({
    key,
    size: 10,
    seed,
    ageSeconds: 7200,
  })),
  destination: ['copy/extra', 'copy/skip/y', 'outside'].map((key, seed) => ({
    key,
    size: 5,
    seed: 100 + seed,
    ageSeconds: 7200,
  })),
  request: {
    engine: 'direct',
    delete: 'true',
    'max-delete': '100%',
    exclude: 'skip/**',
    waves: 'b',
  },
  pageKeys: 1000,
  latencyMs: 0,
  faults: [],
}

describe('the judge', () => {
  let played: Played
  beforeAll(async () => {
    played = await play(PLAIN)
  })

  /** What the judge says when the first run had been another one. */
  function judged(change: (seen: Seen) => Partial<Seen>, more: Partial<Played> = {}): string[] {
    const steps = played.steps.map((seen, at) => (at === 0 ? { ...seen, ...change(seen) } : seen))
    return judge({ ...played, ...more, steps }).map(({ invariant }) => invariant)
  }
  const result = (change: Partial<StepResult>) => (seen: Seen) => ({
    result: { ...seen.result, ...change },
  })
  const outputs = (change: Record<string, string>) => (seen: Seen) => ({
    result: { ...seen.result, outputs: { ...seen.result.outputs, ...change } },
  })
  const checked = (says: string) => (seen: Seen) => ({
    ...outputs({ result: says })(seen),
    mode: 'check',
  })
  const world = (bucket: 'src' | 'dst', key: string, seed?: number) => (seen: Seen) => {
    const objects = new Map(seen.after[bucket])
    const other = [...seen.before.dst.values()][0]
    if (seed === undefined || other === undefined) objects.delete(key)
    else objects.set(key, { ...other, md5: `another ${seed}` })
    return { after: { ...seen.after, [bucket]: objects } }
  }

  /** Rows of copies that failed, and of deletes that ended so. */
  const withoutCopies = (rows: readonly ResultRow[], deletes: 'done' | 'failed'): ResultRow[] =>
    rows.map((row) => ({ ...row, status: row.op === 'copy' ? 'failed' : deletes }))
  const asked = (request: Record<string, string>): Schedule => ({
    ...PLAIN,
    request: { ...PLAIN.request, ...request },
  })

  it('has nothing against a run that did as it was told', () => {
    expect(judge(played)).toEqual([])
    expect(played.steps.map((seen) => seen.result.outputs['result'])).toEqual([
      'success',
      'nothing-to-do',
      'nothing-to-do',
    ])
    expect(played.steps[0]?.results?.length).toBe(3)
  })

  const FINDS: [string, Invariant, (seen: Seen) => Partial<Seen>][] = [
    ['an excluded object that is gone', 'nothing is lost', world('dst', 'copy/skip/y')],
    ['an excluded object that is another', 'nothing is lost', world('dst', 'copy/skip/y', 1)],
    ['a write beside the destination', 'nothing is lost', world('dst', 'outside', 1)],
    ['an object out of nowhere', 'nothing is lost', world('dst', 'copy/new', 1)],
    ['an object that the source lost', 'nothing is lost', world('src', 'data/skip/x')],
    ['a write at the source', 'nothing is lost', world('src', 'data/a', 1)],
    ['a copy with another content', 'nothing is lost', world('dst', 'copy/a', 1)],
    ['a copy that is not there', 'no false success', world('dst', 'copy/a')],
    [
      'a delete that was not done',
      'no false success',
      ({ before, after }) => ({ after: { ...after, dst: new Map([...before.dst, ...after.dst]) } }),
    ],
    [
      'a plan that leaves out an object',
      'no false success',
      ({ plan = [], results = [] }) => ({ plan: plan.slice(1), results: results.slice(1) }),
    ],
    ['an output of its own', 'no false success', outputs({ copied: '3' })],
    ['a headline of its own', 'no false success', result({ summary: '## ✅ 5 objects copied' })],
    ['an exit code of its own', 'no false success', result({ exitCode: 1 })],
    [
      'an op without a row',
      'every operation is accounted for',
      ({ results = [] }) => ({ results: results.slice(1) }),
    ],
    [
      'an op with two rows',
      'every operation is accounted for',
      ({ results = [] }) => ({ results: [...results, ...results.slice(0, 1)] }),
    ],
    [
      'a failed row that failed.ndjson does not have',
      'every operation is accounted for',
      ({ results = [] }) => ({ results: results.map((row) => ({ ...row, status: 'failed' })) }),
    ],
    ['writes without rows', 'every operation is accounted for', () => ({ results: undefined })],
    [
      'a failure without an error',
      'the user learns what to do',
      (seen) => ({
        result: { ...seen.result, exitCode: 1, annotations: { ...seen.result.annotations } },
      }),
    ],
    [
      'an error without a remedy',
      'the user learns what to do',
      ({ result: { annotations, ...rest } }) => {
        const errors = [{ title: 'Bad', message: 'It went wrong.' }]
        return { result: { ...rest, exitCode: 1, annotations: { ...annotations, errors } } }
      },
    ],
    [
      'a command that the runner refused',
      'text from outside is not obeyed',
      result({ commandProblems: ['The command set-env is disabled'] }),
    ],
    [
      'a command that somebody else made the runner obey',
      'text from outside is not obeyed',
      result({
        commands: [{ name: 'set-output', properties: { name: 'result' }, data: 'success' }],
      }),
    ],
    ['an output that nobody declared', 'text from outside is not obeyed', outputs({ copies: '3' })],
    [
      'a summary that text from outside broke',
      'text from outside is not obeyed',
      ({ result: { summary, ...rest } }) => ({ result: { ...rest, summary: `${summary}\n<b>` } }),
    ],
    [
      'a check that finds nothing where there is something',
      'no false success',
      (seen) => ({ ...checked('nothing-to-do')(seen), after: seen.before, writes: 0 }),
    ],
    [
      'a check that writes',
      'nothing is lost',
      (seen) => ({ ...checked('drift')(seen), after: seen.before, writes: 1 }),
    ],
    [
      'a delete that is done beside a copy that is not',
      'nothing is lost',
      ({ results = [], before, after }) => ({
        results: withoutCopies(results, 'done'),
        after: { ...after, dst: new Map([...before.dst, ...after.dst]) },
      }),
    ],
    [
      'an object that is gone beside a copy that is not done',
      'nothing is lost',
      ({ results = [] }) => ({ results: withoutCopies(results, 'failed') }),
    ],
    [
      'an object that is gone though a copy is not there and no row says so',
      'nothing is lost',
      (seen) => ({ ...world('dst', 'copy/a')(seen), results: undefined }),
    ],
    [
      'a copy that is planned for another wave',
      'waves are written in order',
      ({ plan = [] }) => ({ plan: plan.map((op) => ({ ...op, wave: 1 }) as CopyOp) }),
    ],
    [
      'a wave that began before the one before it was proven',
      'waves are written in order',
      ({ requests }) => ({
        requests: requests.map((one) => (one.key === 'copy/b' ? { ...one, came: 0 } : one)),
      }),
    ],
    [
      'a copy that is done though one of an earlier wave is not',
      'waves are written in order',
      ({ results = [] }) => ({
        results: results.map((row) =>
          row.key === 'data/a' ? { ...row, status: 'failed' as const } : row,
        ),
      }),
    ],
    ['a run that did not end', 'the user learns what to do', result({ timedOut: true })],
    [
      'a run that left the work undone',
      'the next run completes the work, and copies nothing again',
      outputs({ result: 'partial', 'failure-message': 'no' }),
    ],
    [
      'a signal that took too long',
      'a signal ends the run within 6 s',
      result({ exitedWithinMs: 6001 }),
    ],
    [
      'a process that is left over',
      'a signal ends the run within 6 s',
      result({ leftovers: [{ pid: 1, command: 's5cmd' }] }),
    ],
  ]
  it.each(FINDS)('finds %s', (_what, invariant, change) => {
    expect(judged(change)).toContain(invariant)
  })

  it('finds a secret in the log, in a file and in what is saved, and not where it is masked', () => {
    const secret = played.secrets[1] ?? ''
    expect(secret.length).toBeGreaterThan(20)
    const leak: Invariant = 'no secret is leaked'
    expect(judged(({ printed }) => ({ printed: `${printed}\nkey: ${secret}` }))).toContain(leak)
    const files = new Map([['report.json', `{"key":"${secret}"}`]])
    expect(judged(() => ({ files }))).toContain(leak)
    expect(judged(result({ state: { uploads: `["${secret}"]` } }))).toContain(leak)
    expect(judged(({ printed }) => ({ printed: `${printed}\n::add-mask::${secret}` }))).toEqual([])
  })

  it.each([
    ['as base64', 'ey9hK2I9L30'],
    ['as a part of an address', '%7B%2Fa%2Bb%3D%2F%7D'],
    ['as a part of one in small letters', '%7b%2fa%2bb%3d%2f%7d'],
  ])('finds a secret that is told %s', (_how, told) => {
    const secrets = ['{/a+b=/}']
    const tells = ({ printed }: Seen) => ({ printed: `${printed}\n${told}\n` })
    expect(judged(tells, { secrets })).toEqual(['no secret is leaked'])
    expect(judged(tells)).toEqual([])
  })

  it('finds that a run took from a forged plan what a sync would not do, and not that it left something', () => {
    const fault = {
      name: 'approved plan forged',
      door: 'disk',
      nth: 1,
      times: 1,
      amount: 0,
    } as const
    const faults = [{ ...fault, key: 'data/a', trigger: 'COPY' } as const]
    const schedule: Schedule = { ...PLAIN, mode: 'plan, execute', faults }
    const untrue: Invariant = 'no false success'
    const slipped = (more: object) => (seen: Seen) => {
      const [first, ...rest] = seen.plan ?? []
      const op = { ...first, key: 'data/skip/x', to: 'copy/skip/x', ...more } as CopyOp
      return { mode: 'execute', plan: [op, ...rest] }
    }
    const planned = (change: (seen: Seen) => Partial<Seen>) => {
      const found = judged(change, { schedule })
      return found.includes(untrue)
    }
    expect(planned(slipped({}))).toBe(true)
    expect(planned(slipped({ outdated: 'SourceChanged' }))).toBe(false)
    expect(planned(({ plan = [] }) => ({ mode: 'execute', plan: plan.slice(1) }))).toBe(false)
  })

  it('finds that a run wrote which a guard had to refuse', () => {
    const schedule = asked({ 'max-delete': '0' })
    expect(judged(() => ({}), { schedule })).toContain('nothing is lost')
    expect(judged(() => ({ writes: 0 }), { schedule })).not.toContain('nothing is lost')
  })

  it('finds a refusal that a plan does not tell, or whose deletes it hides', () => {
    const schedule = asked({ 'max-delete': '0' })
    const told = { result: 'planned', 'failure-kind': 'guard', 'planned-deletes': '1' }
    const says = (change: Record<string, string>, more: Partial<Seen> = {}) =>
      judged((seen) => ({ ...outputs({ ...told, ...change })(seen), mode: 'plan', ...more }), {
        schedule,
      }).filter((invariant) => invariant === 'the user learns what to do').length
    const steps = says({})
    expect(says({ 'failure-kind': '' })).toBe(steps + 1)
    expect(says({ result: 'failed' })).toBeGreaterThan(steps)
    expect(says({ 'planned-deletes': '0' })).toBe(steps + 1)
    expect(says({}, { plan: undefined })).toBe(steps + 1)
  })

  /** What the judge says when somebody else had written an object, or deleted it, before the run ended. */
  function judgedBeside(key: string, body: 'theirs' | 'none', more: Partial<Played> = {}) {
    const other = [...(played.steps[0]?.before.dst.values() ?? [])][0]
    const held = body === 'none' || other === undefined ? undefined : { ...other, md5: 'theirs' }
    return judged(() => ({}), { acts: [{ bucket: 'dst', key, held }], ...more })
  }

  it.each<[string, Partial<Schedule>]>([
    ['the engine is the direct one', {}],
    ['a plan is executed', { ...asked({ engine: 'auto' }), mode: 'plan, execute' }],
    ['bytes are streamed', { ...asked({ engine: 'auto' }), who: 'two-identities' }],
  ])('finds that a copy took the place of what somebody else wrote, where %s', (_why, change) => {
    const schedule = { ...PLAIN, ...change }
    expect(judgedBeside('copy/a', 'theirs', { schedule })).toEqual(['nothing is lost'])
    expect(judgedBeside('copy/a', 'none', { schedule })).toEqual([])
  })

  it('expects no condition of the copies of s5cmd', () => {
    expect(judgedBeside('copy/a', 'theirs', { schedule: asked({ engine: 's5cmd' }) })).toEqual([])
  })

  it('finds that what somebody else wrote was deleted', () => {
    const schedule = asked({ engine: 's5cmd' })
    expect(judgedBeside('copy/extra', 'theirs', { schedule })).toEqual(['nothing is lost'])
    expect(judgedBeside('copy/extra', 'none', { schedule })).toEqual([])
  })

  it('finds that what a copy became under another name was deleted', () => {
    const fault = { name: 'destination changes keys', door: 'any request' } as const
    const rest = { nth: 1, times: 1, amount: 0, key: 'data/a', trigger: 'COPY' } as const
    const schedule = { ...PLAIN, faults: [{ ...fault, ...rest }] }
    const [from, as] = ['data/klines/BTC/1', 'copy/klines/btc/1']
    const spelled =
      (left: boolean) =>
      ({ before, after, plan, results, failed = [] }: Seen) => {
        const [held] = [...before.src.values()]
        if (!held) throw new Error('there is nothing at the source')
        const copy = { op: 'copy', key: from, to: 'copy/klines/BTC/1', size: held.size } as const
        const row = { ...copy, status: 'failed', engine: 'direct', attempts: 1 } as const
        const src = new Map([...before.src, [from, held]])
        const kept = left ? ([[as, held]] as const) : []
        return {
          name: 'under faults' as const,
          before: { src, dst: new Map([...before.dst, [as, held]]) },
          after: { src, dst: new Map([...after.dst, ...kept]) },
          plan,
          results: [...(results ?? []), row],
          failed: [...failed, row],
        }
      }
    const losses = (left: boolean) =>
      judge({
        ...played,
        schedule,
        steps: played.steps.slice(0, 1).map((seen) => ({ ...seen, ...spelled(left)(seen) })),
      }).filter(({ what }) => what.includes('which stood as'))
    expect(losses(false).length).toBe(1)
    expect(losses(true)).toEqual([])
  })

  it('does not blame the action for what somebody else did', () => {
    const gone = world('dst', 'copy/a')
    const act = { bucket: 'dst', key: 'copy/a', held: undefined } as const
    const copied = { ...act, held: [...(played.steps[0]?.after.dst.values() ?? [])][0] }
    const underFaults = (seen: Seen) => ({ ...gone(seen), name: 'under faults' as const })
    expect(judged(underFaults)).not.toEqual([])
    expect(judged(underFaults, { acts: [copied, act] })).toEqual([])
  })
})

describe.concurrent('a schedule of faults breaks no promise', () => {
  // In their order: a quota under streamed bytes; errors that speak; an s5cmd that lies; SIGTERM; a forged plan; SIGKILL;
  // a check; a destination that spells keys its own way. Other tests play alone what other seeds would draw.
  it.each([19, 152, 74, 172, 212, 582, 73, 62])('(seed %i)', async (seed) => {
    const played = await play(scheduleOf(seed))
    expect(Math.max(...played.struck)).toBeGreaterThan(0)
    expect(judge(played)).toEqual([])
  })

  it('nor do fuzzed keys, half of whose copies fail with errors that speak', async () => {
    const played = await play(keysScheduleOf(1, 100))
    expect(played.schedule.source.length).toBeGreaterThan(90)
    expect(judge(played)).toEqual([])
  })
})
