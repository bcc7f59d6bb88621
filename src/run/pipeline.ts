import { explain } from '../errors/sync-error.ts'
import { looksLeftMs } from '../flow/shutdown.ts'
import type { LockFacts } from '../model/lock.ts'
import { LOG_LEVELS, unaskedLevel } from '../model/log-level.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { StageTiming } from '../model/report.ts'
import type { StepRequest, SyncRequest } from '../model/request.ts'
import type { Stage } from '../model/stages.ts'
import { humanSeconds } from '../model/units.ts'
import type { Log, Ports } from '../ports.ts'
import type { Verification } from '../verify/findings.ts'
import { CLOSING } from './stage-lines.ts'
import type { StageResults, StagesRun } from './stage-results.ts'

/** What is known of a run so far, so that a report can be made at any point. */
export interface RunRecord {
  readonly startedMs: number
  readonly found: { -readonly [Name in keyof StageResults]?: StageResults[Name] }
  /** Stages that were begun, in their order, the last of them perhaps not ended. */
  readonly entered: Set<Stage>
  readonly stages: StageTiming[]
  /** Where it is gathered what stands at the destination, in a run that writes. */
  published?: string
  /** What was seen of the copies of each wave, where they were looked at. */
  readonly proofs: Map<number, Verification>
  failure?: unknown
  /** The failure is that of other transfers of the step. */
  isHeldBack?: true
}

/** A run on its way through the stages. */
export interface Run {
  readonly ports: Ports
  readonly record: RunRecord
  /** Aborted when the stages are over. */
  readonly over: AbortController
  /** Folders that the end of the run removes. */
  readonly scratch: string[]
  /** As loud as the request asks, once it is read. */
  log: Log
  /** What became of the lock of the step, where it has one. */
  lock?: LockFacts
}

/** A step on its way: each of its transfers is a run of its own. */
export interface Step {
  /** What they share. It is the run of the only transfer where there is no list. */
  readonly run: Run
  readonly transfers: readonly Run[]
  /** Undefined where the inputs were refused. */
  readonly request: StepRequest | undefined
}

/** A log as the inputs ask for it, before it is known whether they are good. */
function firstLog({ host }: Ports): Log {
  const asked = host.input('log-level').toLowerCase()
  const level = LOG_LEVELS.find((name) => name === asked) ?? unaskedLevel(host.env)
  return host.log(level, /^true$/i.test(host.input('json')) ? 'json' : 'text')
}

/** A run that starts now. */
export const newRun = (ports: Ports): Run => ({
  ports,
  record: {
    startedMs: ports.clock.now(),
    found: {},
    entered: new Set(),
    stages: [],
    proofs: new Map(),
  },
  over: new AbortController(),
  scratch: [],
  log: firstLog(ports),
})

/** The same log, in which every line says what it is about. */
const named = (name: string, log: Log): Log => ({
  line: (level, text) => log.line(level, `${name}: ${text}`),
  group: () => {
    const end = log.group()
    return (closing) => end(`${name}: ${closing}`)
  },
})

/** The run of one transfer of a step, through these doors. */
export function runOf(run: Run, request: SyncRequest, ports: Ports): Run {
  const { name } = request
  const { over, scratch, log } = run
  if (name === undefined) {
    run.record.found.inputs = request
    return { ports, over, scratch, log, record: run.record }
  }
  const startedMs = ports.clock.now()
  const record: RunRecord = {
    startedMs,
    found: { inputs: request },
    entered: new Set(),
    stages: [],
    proofs: new Map(),
  }
  return { ports, over, scratch, log: named(name, log), record }
}

/** Stages that a cancel does not leave at once: they end in order. */
const ORDERLY: ReadonlySet<Stage> = new Set(['copy', 'verify', 'delete'])

/** Aborted when a cancelled run has no more time to look at what it copied. */
export function hurried({ ports: { host, clock }, over }: Run): AbortSignal {
  const { cancelled } = host
  const hurry = new AbortController()
  const begin = (): void => {
    const leftMs = looksLeftMs(host.cancelledForMs())
    void clock.sleep(leftMs, over.signal).then(() => hurry.abort(cancelled.reason))
  }
  if (cancelled.aborted) begin()
  else cancelled.addEventListener('abort', begin, { once: true })
  return hurry.signal
}

/** One of several times that a run goes through a stage. */
export interface Round<Found> {
  /** As the log names it: `wave 1`. */
  readonly name: string
  /** What the stage came to, with what was found in the rounds before. */
  readonly total: (found: Found) => Found
}

/** Keeps the time of a stage, and what it came to; several rounds are one stage. */
function keepTime({ stages }: RunRecord, { stage, seconds, line }: StageTiming): void {
  const at = stages.findIndex((one) => one.stage === stage)
  const before = stages[at]?.seconds ?? 0
  const timing = { stage, seconds: before + seconds, line }
  if (at < 0) stages.push(timing)
  else stages[at] = timing
}

/** What is told of a stage when it ends: of this round of it, and of all so far. */
interface Closing {
  readonly told: string
  readonly line: string
}

/**
 * Goes through one stage, or one round of it: its log is a group below its closing line, its time is kept. A cancel
 * leaves a stage at once, but for those that write or prove, which end in order.
 */
export async function timed<Found>(
  run: Run,
  { stage, name }: { readonly stage: Stage; readonly name?: string | undefined },
  work: () => Promise<Found>,
  closing: (found: Found) => Closing,
): Promise<Found> {
  const { record, ports } = run
  const { cancelled } = ports.host
  // What was copied is still looked at, and what is not started any more gets its rows.
  if (!ORDERLY.has(stage) || !record.entered.has('copy')) cancelled.throwIfAborted()
  const startedMs = ports.clock.now()
  // The stage that was entered last stands last.
  record.entered.delete(stage)
  record.entered.add(stage)
  const end = run.log.group()
  const close = ({ told, line }: Closing): void => {
    const seconds = (ports.clock.now() - startedMs) / 1000
    keepTime(record, { stage, seconds, line })
    end(`${stage}${name === undefined ? '' : `, ${name}`}: ${told}, ${humanSeconds(seconds)}`)
  }
  try {
    const found = await (ORDERLY.has(stage) ? work() : orAborted(cancelled, work()))
    close(closing(found))
    return found
  } catch (error) {
    const { title } = explain(error, stage)
    close({ told: title, line: title })
    throw error
  }
}

/** Runs one stage of a transfer, or one round of it, and keeps what it gives. */
export async function runStage<Name extends keyof StagesRun>(
  run: Run,
  stage: Name,
  work: () => Promise<StageResults[Name]>,
  round?: Round<StageResults[Name]>,
): Promise<StageResults[Name]> {
  return timed(run, { stage, name: round?.name }, work, (found) => {
    const total = round ? round.total(found) : found
    run.record.found[stage] = total
    return { told: CLOSING[stage](found), line: CLOSING[stage](total) }
  })
}
