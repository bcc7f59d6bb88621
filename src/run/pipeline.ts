import { explain } from '../errors/sync-error.ts'
import { looksLeftMs } from '../flow/shutdown.ts'
import { LOG_LEVELS, unaskedLevel } from '../model/log-level.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { StageTiming } from '../model/report.ts'
import type { Stage } from '../model/stages.ts'
import { humanSeconds } from '../model/units.ts'
import type { Log, Ports } from '../ports.ts'
import type { Verification } from '../verify/findings.ts'
import { CLOSING } from './stage-lines.ts'
import type { StageResults } from './stage-results.ts'

/** What is known of a run so far, so that a report can be made at any point. */
export interface RunRecord {
  readonly startedMs: number
  readonly found: { -readonly [Name in keyof StageResults]?: StageResults[Name] }
  /** Stages that were begun, in their order, the last of them perhaps not ended. */
  readonly entered: Set<Stage>
  readonly stages: StageTiming[]
  /** What was seen of the copies of each wave, where they were looked at. */
  readonly proofs: Map<number, Verification>
  failure?: unknown
}

/** A run on its way through the stages. */
export interface Run {
  readonly ports: Ports
  readonly record: RunRecord
  /** Aborted when the stages are over. */
  readonly over: AbortController
  /** As loud as the request asks, once it is read. */
  log: Log
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
  log: firstLog(ports),
})

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

/**
 * Runs one stage, or one round of it, and keeps what it gives: its log is a group below its closing line, its time is
 * kept. A cancel leaves a stage at once, but for those that write or prove, which end in order.
 */
export async function runStage<Name extends keyof StageResults>(
  run: Run,
  stage: Name,
  work: () => Promise<StageResults[Name]>,
  round?: Round<StageResults[Name]>,
): Promise<StageResults[Name]> {
  const { record, ports } = run
  const { cancelled } = ports.host
  // What was copied is still looked at, and what is not begun any more gets its rows.
  if (!ORDERLY.has(stage) || !record.entered.has('copy')) cancelled.throwIfAborted()
  const startedMs = ports.clock.now()
  // The stage that was entered last stands last.
  record.entered.delete(stage)
  record.entered.add(stage)
  const end = run.log.group()
  const close = (told: string, line: string): void => {
    const seconds = (ports.clock.now() - startedMs) / 1000
    keepTime(record, { stage, seconds, line })
    end(`${stage}${round ? `, ${round.name}` : ''}: ${told}, ${humanSeconds(seconds)}`)
  }
  try {
    const found = await (ORDERLY.has(stage) ? work() : orAborted(cancelled, work()))
    const total = round ? round.total(found) : found
    record.found[stage] = total
    close(CLOSING[stage](found), CLOSING[stage](total))
    return found
  } catch (error) {
    const { title } = explain(error, stage)
    close(title, title)
    throw error
  }
}
