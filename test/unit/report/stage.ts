import type { Session, Sessions } from '../../../src/credentials/session.ts'
import { readStep } from '../../../src/inputs/inputs.ts'
import { IDLE_ENGINE } from '../../../src/model/engine-totals.ts'
import type { Plan, PlanTrailer } from '../../../src/model/op.ts'
import type { SyncRequest } from '../../../src/model/request.ts'
import type { Files, Host, Ports } from '../../../src/ports.ts'
import type { Facts, Preflight } from '../../../src/preflight/preflight.ts'
import { newRun, type Run, type Step } from '../../../src/run/pipeline.ts'
import type { StageResults } from '../../../src/run/stage-results.ts'
import { memoryFiles } from '../../memory-files.ts'
import {
  idleSystem,
  jumpingClock,
  noFiles,
  recordingLog,
  scriptedHost,
  scriptedStore,
} from '../../ports.ts'

const PLACES = { source: 's3://src/a/', destination: 's3://dst/b/' }

type Texts = Readonly<Record<string, string>>

/** What the inputs stage gives for these inputs. */
export const requestOf = async (inputs: Texts = {}): Promise<SyncRequest> => {
  const host = scriptedHost({ inputs: { ...PLACES, 'report-dir': '/r', ...inputs } })
  return (await readStep(host, noFiles)).transfers[0]
}

/** A step of one transfer, with what is known of its run by now. */
export function stepOf(run: Run): Step {
  const request = run.record.found.inputs
  const asked = request && { transfers: [request] as const, reportDir: request.reporting.reportDir }
  return { run, transfers: [run], request: asked }
}

const none = { objects: 0, bytes: 0 }

/** A plan of nothing, but for what is given. */
export const planOf = (trailer: Partial<PlanTrailer> = {}): Plan => {
  const place = { region: 'eu-west-1', bucket: 'b', prefix: '', single: false }
  return {
    path: '/r/plan.ndjson',
    header: {
      schema: 's3-direct-sync/plan/1',
      source: place,
      destination: place,
      compare: 'auto',
      delete: false,
      requestDigest: '',
      createdAt: '2026-03-01T12:00:00.000Z',
    },
    trailer: {
      trailer: true,
      copies: none,
      deletes: none,
      reasons: {},
      listed: { source: 0, destination: 0 },
      inScope: 0,
      digest: '',
      ...trailer,
    },
    samples: {},
  }
}

/** An identity that never has to be renewed. */
export const sessionOf = (facts: Session['facts']): Session => ({
  facts,
  credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'SECRET' }),
  reject: () => {},
  refreshAtMs: () => undefined,
})

/** One identity for both sides. */
export const sessionsOf = (facts: Session['facts']): Sessions => {
  const session = sessionOf(facts)
  return { source: session, destination: session }
}

/** Two places that were found, `src` and `dst`, where the destination's identity copies. */
export function factsOf(over: Partial<Facts> = {}): Facts {
  const place = { single: false, isAlias: false, store: scriptedStore({}) }
  const source = { ...place, bucket: 'src', prefix: 'a/', region: 'eu-central-1' }
  const destination = {
    ...{ ...place, store: scriptedStore({}) },
    ...{ bucket: 'dst', prefix: 'b/', region: 'eu-west-1' },
  }
  return {
    source,
    destination,
    transferPath: { carrier: destination.store, streamed: undefined, readBy: 'destination' },
    kmsKeys: { source: [], destination: [] },
    versioned: undefined,
    ...over,
  }
}

/** What preflight gives where nothing is wrong. */
export const preflightOf = (facts: Facts | undefined = factsOf()): Preflight => ({
  checks: [],
  problems: [],
  facts,
})

/** What the execute stage gives of an engine that did its work. */
export const executionOf = (
  engine: Partial<StageResults['copy']['engine']> = {},
): StageResults['copy'] => ({
  results: { path: '/r/results.ndjson', count: 2 },
  claims: [{ path: '/t/claims', count: 0 }],
  done: 2,
  peakBytesPerSecond: 0,
  engine: {
    ...IDLE_ENGINE,
    used: ['direct'],
    numworkers: 4,
    workersRule: 'cores',
    batches: 1,
    ...engine,
  },
})

/** Files in memory, in which any path can be looked for and written; `/link` leads to `/r`. */
export function reportFiles() {
  const memory = memoryFiles()
  const files: Files = {
    ...memory,
    exists: async (path) =>
      [...memory.texts.keys()].some((file) => file === path || file.startsWith(`${path}/`)),
    writeText: async (path, text) => {
      const writer = await memory.writer(path)
      await writer.append(Buffer.from(text))
      await writer.close()
    },
    realPath: async (path) => path.replace(/^\/link\//, '/r/'),
    names: async (folder) =>
      [...memory.texts.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
  }
  return { files, texts: memory.texts, put: files.writeText }
}

/** What a runner was told. */
export interface Told {
  readonly outputs: Record<string, string>
  readonly summaries: string[]
  readonly annotations: string[]
  /** Level and form of each log that was opened. */
  readonly logs: string[]
  /** Lines of all logs. */
  readonly lines: string[]
}

interface Script {
  readonly inputs?: Texts
  readonly env?: Texts
  readonly cancelled?: AbortSignal
  readonly ports?: Partial<Ports>
  readonly host?: Partial<Host>
}

/** A run of which nothing is known yet, before a runner that keeps what it is told. */
export function stageOf(script: Script = {}) {
  const told: Told = { outputs: {}, summaries: [], annotations: [], logs: [], lines: [] }
  const { lines, ...log } = recordingLog()
  const { files, texts, put } = reportFiles()
  const clock = jumpingClock(Date.UTC(2026, 2, 1, 12))
  const host: Host = {
    ...scriptedHost(script),
    cancelled: script.cancelled ?? new AbortController().signal,
    log: (level, form) => {
      told.logs.push(`${level} ${form}`)
      return log
    },
    annotate: (level, title, text) => {
      told.annotations.push(`${level} ${title}: ${text}`)
    },
    output: (name, value) => {
      told.outputs[name] = value
    },
    summary: async (markdown) => {
      told.summaries.push(markdown)
    },
    ...script.host,
  }
  const unexpected = (): never => {
    throw new Error('This test does not open that door.')
  }
  const ports: Ports = {
    host,
    tools: {
      restore: unexpected,
      save: unexpected,
      download: unexpected,
      extract: unexpected,
      wheel: unexpected,
    },
    identity: unexpected,
    store: unexpected,
    metrics: unexpected,
    cdn: unexpected,
    processes: { run: unexpected, spawn: unexpected },
    files,
    folder: unexpected,
    writableFolder: unexpected,
    system: { ...idleSystem, peakMemoryBytes: () => 180_000_000 },
    clock,
    ...script.ports,
  }
  const run: Run = newRun(ports)
  return { run, ports, clock, texts, put, told: { ...told, lines } }
}
