import { beforeAll, describe, expect, it } from 'vitest'
import { FAULT_NAMES, type FaultName } from '../../campaign/catalogue.ts'
import { type Invariant, judge } from '../../campaign/invariants.ts'
import { play } from '../../campaign/run.ts'
import { keysScheduleOf, type Schedule, scheduleOf } from '../../campaign/schedule.ts'
import type { Played, Seen } from '../../campaign/step.ts'
import type { StepResult } from '../../testkit/runner.ts'

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
  request: { engine: 'direct', delete: 'true', 'max-delete': '100%', exclude: 'skip/**' },
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
    ['a copy that is not there', 'no success is claimed that is not true', world('dst', 'copy/a')],
    [
      'a delete that was not done',
      'no success is claimed that is not true',
      ({ before, after }) => ({ after: { ...after, dst: new Map([...before.dst, ...after.dst]) } }),
    ],
    [
      'a plan that leaves out an object',
      'no success is claimed that is not true',
      ({ plan = [], results = [] }) => ({ plan: plan.slice(1), results: results.slice(1) }),
    ],
    ['an output of its own', 'no success is claimed that is not true', outputs({ copied: '3' })],
    [
      'a headline of its own',
      'no success is claimed that is not true',
      result({ summary: '## ✅ 5 objects copied' }),
    ],
    ['an exit code of its own', 'no success is claimed that is not true', result({ exitCode: 1 })],
    [
      'an op without a row',
      'every op is accounted for',
      ({ results = [] }) => ({ results: results.slice(1) }),
    ],
    [
      'an op with two rows',
      'every op is accounted for',
      ({ results = [] }) => ({ results: [...results, ...results.slice(0, 1)] }),
    ],
    [
      'a failed row that failed.ndjson does not have',
      'every op is accounted for',
      ({ results = [] }) => ({ results: results.map((row) => ({ ...row, status: 'failed' })) }),
    ],
    ['writes without rows', 'every op is accounted for', () => ({ results: undefined })],
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
      'text from outside stays text',
      result({ commandProblems: ['The command set-env is disabled'] }),
    ],
    [
      'a command that somebody else made the runner obey',
      'text from outside stays text',
      result({
        commands: [{ name: 'set-output', properties: { name: 'result' }, data: 'success' }],
      }),
    ],
    ['an output that nobody declared', 'text from outside stays text', outputs({ copies: '3' })],
    [
      'a summary that text from outside broke',
      'text from outside stays text',
      ({ result: { summary, ...rest } }) => ({ result: { ...rest, summary: `${summary}\n<b>` } }),
    ],
    [
      'a check that finds nothing where there is something',
      'no success is claimed that is not true',
      (seen) => ({ ...checked('nothing-to-do')(seen), after: seen.before, writes: 0 }),
    ],
    [
      'a check that writes',
      'nothing is lost',
      (seen) => ({ ...checked('drift')(seen), after: seen.before, writes: 1 }),
    ],
    ['a run that did not end', 'the user learns what to do', result({ timedOut: true })],
    [
      'a run that left the work undone',
      'the next run heals, and copies nothing that is there',
      outputs({ result: 'partial', 'failure-message': 'no' }),
    ],
    [
      'a signal that took too long',
      'a signal ends it within 6 s',
      result({ exitedWithinMs: 6001 }),
    ],
    [
      'a process that is left over',
      'a signal ends it within 6 s',
      result({ leftovers: [{ pid: 1, command: 's5cmd' }] }),
    ],
  ]
  it.each(FINDS)('finds %s', (_what, invariant, change) => {
    expect(judged(change)).toContain(invariant)
  })

  it('finds a secret in the log and in a file, and not where it is masked', () => {
    const secret = played.secrets[1] ?? ''
    expect(secret.length).toBeGreaterThan(20)
    const leak: Invariant = 'no secret is told'
    expect(judged(({ printed }) => ({ printed: `${printed}\nkey: ${secret}` }))).toContain(leak)
    const files = new Map([['report.json', `{"key":"${secret}"}`]])
    expect(judged(() => ({ files }))).toContain(leak)
    expect(judged(({ printed }) => ({ printed: `${printed}\n::add-mask::${secret}` }))).toEqual([])
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
  // Broken s5cmds, signals, quotas, somebody else who writes, a forged plan, errors that speak, a check, streamed bytes.
  it.each([23, 30, 34, 50, 56, 60, 90, 97, 113, 121])('(seed %i)', async (seed) => {
    const played = await play(scheduleOf(seed))
    expect(Math.max(...played.struck)).toBeGreaterThan(0)
    expect(judge(played)).toEqual([])
  })

  it.each([1, 2])('nor do fuzzed keys (seed %i)', async (seed) => {
    const played = await play(keysScheduleOf(seed, 400))
    expect(played.schedule.source.length).toBeGreaterThan(390)
    expect(judge(played)).toEqual([])
  })
})
