import fc from 'fast-check'
import {
  type TimedRequest,
  type WavedCopy,
  waveBreaches,
} from 's3-direct-sync-testkit/wave-order.ts'
import { expect, it } from 'vitest'
import { SyncError } from '../../src/errors/sync-error.ts'
import { RateBudget } from '../../src/flow/throttle.ts'
import { amendRows } from '../../src/ledger/amend.ts'
import { toKeyBytes } from '../../src/model/key.ts'
import { type CopyOp, type PlanTrailer, type Tally, waveOf } from '../../src/model/op.ts'
import type { ResultRow } from '../../src/model/outcome.ts'
import type { Clock, Processes } from '../../src/ports.ts'
import { Copying, copyInWaves } from '../../src/run/copy-in-waves.ts'
import type { Ready } from '../../src/run/ready.ts'
import { reportPaths } from '../../src/run/report-paths.ts'
import type { HeadResult, Objects } from '../../src/storage/store.ts'
import { Executor } from '../../src/transfer/executor.ts'
import { survey } from '../../src/transfer/workload.ts'
import { pageOf } from '../listed-store.ts'
import { scriptedObjects, scriptedStore } from '../ports.ts'
import { runs } from '../runs.ts'
import { factsOf, planOf, requestOf, sessionsOf, stageOf } from '../unit/report/stage.ts'
import { splitWords } from './shell-words.ts'

/** What becomes of one attempt at a copy; behind the last one all are done. */
const FATES = [
  'done',
  'done, and the answer names no ETag',
  'done, and the answer is lost',
  'done, and somebody removes it',
  'not done, though the answer says so',
  'refused for now',
  'refused for good',
  's5cmd dies',
] as const
type Fate = (typeof FATES)[number]

interface Copy {
  /** The plan that it is of: one, or another one for the same place. */
  readonly plan: 0 | 1
  readonly wave: number
  readonly fates: readonly Fate[]
}

interface Schedule {
  readonly copies: readonly Copy[]
  readonly engine: 'direct' | 's5cmd'
  readonly verify: 'auto' | 'outcomes' | 'listing'
  readonly maxRetries: number
  readonly numworkers: number
  /** Turns that each answer waits, in the order of the requests. */
  readonly waits: readonly number[]
  /** The request at which somebody cancels the run. */
  readonly cancelAt: number | undefined
}

const failure = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } })

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const DATE = Date.UTC(2026, 2, 1, 12)
const etagOf = (key: string): string =>
  Buffer.from(key).toString('hex').padStart(32, '0').slice(-32)

/** Stands still. Who waits for long waits until it is called off. */
const clock: Clock = {
  now: () => DATE,
  steadyMs: () => DATE,
  random: () => 0.5,
  within: (_limitMs, work) => work(),
  sleep: (ms, signal) =>
    ms < 100
      ? turn()
      : new Promise((resolve) => {
          if (signal?.aborted) resolve()
          signal?.addEventListener('abort', () => resolve(), { once: true })
        }),
}

/** A server with two buckets, and what it saw. */
class Server {
  readonly requests: TimedRequest[] = []
  readonly held = new Map<string, string>()
  /** Copies whose answer proves them. */
  readonly proven = new Set<string>()
  readonly #schedule: Schedule
  readonly #attempts = new Map<string, number>()
  readonly #onRequest: (count: number) => void
  #ticks = 0

  constructor(schedule: Schedule, onRequest: (count: number) => void) {
    this.#schedule = schedule
    this.#onRequest = onRequest
  }

  async request<T>(operation: string, key: string | undefined, handle: () => T): Promise<T> {
    const request: TimedRequest = { operation, key, came: ++this.#ticks, answered: 0, status: 0 }
    const count = this.requests.push(request)
    this.#onRequest(count)
    const { waits } = this.#schedule
    for (let left = waits[count % waits.length] ?? 0; left > 0; left--) await turn()
    try {
      const answer = handle()
      request.status = 200
      return answer
    } finally {
      request.answered = ++this.#ticks
    }
  }

  /** The fate of the next attempt at a copy. */
  fateOf(to: string): Fate {
    const attempt = this.#attempts.get(to) ?? 0
    this.#attempts.set(to, attempt + 1)
    const { fates } = this.#schedule.copies[Number(/\d+$/.exec(to)?.[0])] as Copy
    return fates[attempt] ?? 'done'
  }

  /** Copies an object; gives the ETag that the answer names. */
  copy(to: string, fate: Fate): Promise<string> {
    return this.request('CopyObject', to, () => {
      const etag = etagOf(to)
      if (fate === 'refused for now') throw failure('InternalError', 500)
      if (fate === 'refused for good') throw failure('AccessDenied', 403)
      if (fate !== 'not done, though the answer says so' && fate !== 's5cmd dies')
        this.held.set(to, etag)
      if (fate === 'done, and somebody removes it') this.held.delete(to)
      if (fate === 'done, and the answer is lost') throw new Error('socket hang up')
      if (fate === 'done, and the answer names no ETag') return ''
      this.proven.add(to)
      return etag
    })
  }

  head(key: string): Promise<HeadResult | undefined> {
    return this.request('HeadObject', key, () => {
      const etag = this.held.get(key)
      return etag === undefined
        ? undefined
        : { size: 1, etag, modified: new Date(DATE).toISOString(), restored: false }
    })
  }

  list(prefix: string): Promise<ReturnType<typeof pageOf>> {
    return this.request('ListObjectsV2', undefined, () =>
      pageOf(
        [...this.held]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, etag]) => ({
            key: toKeyBytes(key.slice(prefix.length)),
            size: 1,
            etag,
            modified: new Date(DATE).toISOString(),
            storageClass: '',
            restored: false,
          })),
      ),
    )
  }
}

/** An s5cmd that copies what it is fed, all at once, and may die of it. */
const s5cmdOf = (server: Server): Processes => ({
  run: () => Promise.reject(new Error('This test runs nothing.')),
  spawn: (_spec, onLine) => {
    const { promise: exit, resolve } = Promise.withResolvers<{ code: number; signal: null }>()
    const open = new Set<Promise<void>>()
    let isDead = false
    const end = (code: number): void => {
      void Promise.all(open).then(() => resolve({ code, signal: null }))
    }
    const carry = async (line: string): Promise<void> => {
      const [source = '', destination = ''] = splitWords(line).slice(-2)
      const to = destination.replace(/^s3:\/\/dst\//, '')
      const fate = server.fateOf(to)
      const said = await server.copy(to, fate).then(
        () => ({ operation: 'cp', success: true, source, destination }),
        ({ name, message }: Error) => ({
          operation: 'cp',
          command: `cp ${source} ${destination}`,
          error: name === 'Error' ? `RequestError: send request failed: ${message}` : `${name}: no`,
        }),
      )
      if (fate === 's5cmd dies') {
        isDead = true
        end(1)
      }
      if (!isDead) onLine('stdout', JSON.stringify(said))
    }
    return {
      exit,
      write: async (text) => {
        if (isDead) return
        const work: Promise<void> = carry(text.trimEnd()).finally(() => open.delete(work))
        open.add(work)
      },
      endInput: () => end(0),
      kill: () => {
        isDead = true
        end(1)
      },
    }
  },
})

const opOf = ({ wave }: Copy, at: number): CopyOp => ({
  op: 'copy',
  key: `a/${at}`,
  to: `b/${at}`,
  size: 1,
  etag: etagOf(`b/${at}`),
  lastModified: new Date(DATE - 10_000).toISOString(),
  ...(wave > 0 ? { wave } : {}),
  reason: 'missing',
})

const CANCELLED = new SyncError('cancelled', 'The run was ended by SIGINT.')

/** What carries out some copies of a schedule, and what it has told when all is over. */
async function copyingOf(
  { engine, verify, numworkers, maxRetries }: Schedule,
  server: Server,
  { ops, cancelled }: { readonly ops: readonly CopyOp[]; readonly cancelled: AbortSignal },
) {
  const objects: Objects = scriptedObjects({
    copy: (_from, { to }) => server.copy(to.key, server.fateOf(to.key)),
    tags: async () => '',
  })
  const store = scriptedStore({
    objects,
    serverTimeMs: () => DATE,
    stat: ({ key }) => server.head(key),
    page: ({ prefix }) => server.list(prefix),
    checksums: async () => undefined,
  })
  const source = scriptedStore({
    objects,
    stat: async ({ key }) => ({
      size: 1,
      etag: etagOf(key.replace('a/', 'b/')),
      modified: new Date(DATE - 10_000).toISOString(),
      restored: false,
    }),
  })
  const places = factsOf()
  const facts = factsOf({
    source: { ...places.source, store: source },
    destination: { ...places.destination, store },
    transferPath: { carrier: store, streamed: undefined, readBy: 'destination' },
  })
  const request = await requestOf({
    engine,
    verify,
    numworkers: String(numworkers),
    'max-retries': String(maxRetries),
    'retry-count': '0',
    'retry-delay': '10ms',
  })
  const { run, ports, texts, put } = stageOf({
    cancelled,
    ports: { clock, processes: s5cmdOf(server) },
  })
  const tally = (some: readonly CopyOp[]): Tally => ({ objects: some.length, bytes: some.length })
  const waves = [0, 1, 2, 3].map((wave) => tally(ops.filter((op) => waveOf(op) === wave)))
  const trailer: Partial<PlanTrailer> = {
    copies: tally(ops),
    waves,
    reasons: { missing: tally(ops) },
  }
  const plan = planOf(trailer)
  const lines = [plan.header, ...ops, plan.trailer]
  await put(plan.path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const tool = { path: '/s5cmd', version: '2.3.0', reported: '2.3.0', sha256: '' }
  const toolchain =
    engine === 'direct' ? undefined : { ...tool, metadataDirective: true, origin: 'path' as const }
  const paths = reportPaths(ports.files, '/r')
  const deadline = new AbortController().signal
  const sessions = sessionsOf({ source: 'inputs' })
  const manifest = undefined
  const planDir = { path: '/r', bring: async () => {}, told: (error: unknown) => error }
  const ready: Ready = {
    ...{ request, paths, toolchain, sessions },
    ...{ facts, manifest, deadline, planDir },
  }
  const known = await survey(
    (async function* () {
      yield ops
    })(),
    {
      routes: {
        transfer: request.transfer,
        s5cmd: toolchain,
        destination: facts.destination,
        fewPorts: false,
      },
      transfer: request.transfer,
      work: { averageBytes: 1, streamed: false, sameRegion: true, cores: 2, memoryBytes: 2 ** 33 },
    },
  )
  const executor = new Executor(
    {
      ...{ log: run.log, clock, budget: new RateBudget({}) },
      ...{ signal: cancelled, deadline, cancelledForMs: () => 0 },
    },
    {
      files: ports.files,
      system: ports.system,
      hide: (text) => text,
      transfer: request.transfer,
      destinationPrefix: 'b/',
      resultsPath: paths.results,
      onStanding: undefined,
      scratch: '/t',
    },
  )
  const onStanding = () => {}
  const copying = new Copying(run, ready, {
    ...{ plan, survey: known, executor, scratch: '/t', onStanding },
  })
  const rows = async (): Promise<readonly ResultRow[]> => {
    run.over.abort()
    await amendRows(ports.files, paths, {
      proofOf: (wave) => run.record.proofs.get(wave) ?? 'unproven',
      claimed: true,
      sourcePrefix: 'a/',
      isLate: () => false,
    })
    const text = texts.get(paths.results) ?? ''
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ResultRow)
  }
  return { run, copying, rows, record: run.record }
}

/** Carries the copies of a schedule out, and gives what the server saw and how each op ended. */
async function play(schedule: Schedule) {
  const { copies, cancelAt } = schedule
  const cancel = new AbortController()
  const server = new Server(schedule, (count) => {
    if (count === cancelAt) cancel.abort(CANCELLED)
  })
  const cancelled = cancel.signal
  const ops = copies.map(opOf).sort((a, b) => (a.to < b.to ? -1 : 1))
  const planOfOp = ({ to }: CopyOp) => copies[Number(/\d+$/.exec(to)?.[0])]?.plan
  const ofPlans = [0, 1].map((plan) => ops.filter((op) => planOfOp(op) === plan))
  const plans = await Promise.all(
    ofPlans
      .filter((some) => some.length > 0)
      .map((some) => copyingOf(schedule, server, { ops: some, cancelled })),
  )
  const cleared = await copyInWaves(
    plans.map(({ copying }) => copying),
    { cleared: true, runs: plans.map(({ run }) => run) },
  )
  for (const { record } of plans)
    if (record.failure !== CANCELLED) expect(record.failure).toBe(undefined)
  const rows = (await Promise.all(plans.map((plan) => plan.rows()))).flat()
  const stages = plans.map(({ record }) => record.stages)
  return { server, ops, rows, cleared, cancelled: cancelled.aborted, stages }
}

const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('done') },
  fc.constantFrom(...FATES),
)
const schedules: fc.Arbitrary<Schedule> = fc.record({
  copies: fc.array(
    fc.record({
      plan: fc.constantFrom(0, 0, 0, 1),
      wave: fc.integer({ min: 0, max: 3 }),
      fates: fc.array(fate, { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  engine: fc.constantFrom('direct', 's5cmd'),
  verify: fc.constantFrom('auto', 'auto', 'outcomes', 'listing'),
  maxRetries: fc.integer({ min: 0, max: 2 }),
  numworkers: fc.constantFrom(1, 4, 16),
  waits: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 9 }),
  cancelAt: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 5, nil: undefined }),
})

it('a wave begins when every copy before it is done and proven, whatever breaks, and holds back what must wait', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      const { server, ops, rows, cleared, cancelled, stages } = await play(schedule)
      const { engine, verify } = schedule
      const answers = engine === 'direct' && verify === 'auto'
      const copies = ops.map(
        (op): WavedCopy => ({
          to: op.to,
          wave: waveOf(op),
          answerProves: verify === 'outcomes' || (answers && server.proven.has(op.to)),
        }),
      )
      expect(waveBreaches(copies, server.requests)).toEqual([])
      // Every op has its row, once, of its own wave.
      expect(rows.map(({ to, wave }) => `${to} ${wave ?? 0}`).sort()).toEqual(
        copies.map(({ to, wave }) => `${to} ${wave}`).sort(),
      )
      const undone = rows.filter(({ status }) => status !== 'done')
      expect(cleared).toBe(undone.length === 0 && !cancelled)
      // Of one wave that of the first plan goes before that of the other.
      const turnOf = (row: ResultRow): number =>
        2 * waveOf(row) + (schedule.copies[Number(/\d+$/.exec(row.key)?.[0])]?.plan ?? 0)
      const first = Math.min(...undone.filter(({ code }) => code !== 'HeldBack').map(turnOf))
      for (const row of rows) {
        const waits = turnOf(row) > first
        if (waits && !cancelled) expect(row).toMatchObject({ code: 'HeldBack', attempts: 0 })
        if (!waits) expect(row.code).not.toBe('HeldBack')
      }
      if (verify !== 'outcomes')
        for (const { status, to = '' } of rows)
          if (status === 'done' && !server.proven.has(to)) expect(server.held.has(to)).toBe(true)
      // However many waves there are, a stage is told once.
      for (const told of stages)
        expect(new Set(told.map(({ stage }) => stage)).size).toBe(told.length)
    }),
    runs(1000),
  )
}, 120_000)
