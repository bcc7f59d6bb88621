import type { LineRules } from '../batch/line.ts'
import { mayGoDirect } from '../batch/route.ts'
import type { Survey } from '../batch/survey.ts'
import {
  copiesWithin,
  partBytesFor,
  WORKERS,
  workersByMemory,
  workersWithin,
} from '../batch/tuning.ts'
import type { Sessions } from '../credentials/session.ts'
import { orAborted } from '../model/or-aborted.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Toolchain } from '../model/report.ts'
import type { CarryRequest, PlanRules, SyncRequest } from '../model/request.ts'
import { serviceOf } from '../model/service.ts'
import type { Tuned } from '../model/tuned.ts'
import type { Log, Ports } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { limited } from '../storage/limited.ts'
import { retrying } from '../storage/retrying.ts'
import type { Objects } from '../storage/store.ts'
import { type Conditions, createConditions } from './direct/carry.ts'
import { type DirectGround, directEngine } from './direct/direct.ts'
import { createGate } from './direct/gate.ts'
import { newHabits, type Way } from './direct/ground.ts'
import { createLink } from './direct/link.ts'
import { createBudget } from './direct/memory.ts'
import type { Engine } from './engine.ts'
import { looker } from './look.ts'
import { passWorkers } from './pace.ts'
import { s5cmdProcess } from './s5cmd/command.ts'
import type { RelayGround } from './s5cmd/relay.ts'
import { s5cmdEngine } from './s5cmd/s5cmd.ts'
import { createWorkerCount } from './s5cmd/workers.ts'
import { createThrottle, type Throttle } from './throttle.ts'

/** What the engines work with. */
export interface EngineGround {
  readonly facts: Facts
  readonly sessions: Sessions
  /** undefined: the direct engine carries all. */
  readonly toolchain: Toolchain | undefined
  readonly how: CarryRequest
  readonly mode: SyncRequest['mode']
  readonly overwrite: PlanRules['overwrite']
  readonly ports: Ports
  readonly log: Log
  readonly signal: AbortSignal
  /** Nothing is begun behind it. */
  readonly deadline: AbortSignal
  readonly lineRules: LineRules
  readonly survey: Survey
  readonly counts: EngineCounts
  /** What writes the destination. */
  readonly objects: Objects
}

/** How many objects an engine copies at a time, which S3's answers change. */
interface AdaptiveConcurrency {
  readonly name: string
  readonly initial: number
  readonly now: () => number
  /** Lets them be fewer. */
  readonly lower: () => void
}

/** What the engines did, counted. */
export interface EngineCounts {
  processes: number
  crashes: number
  /** Single requests that were made again. */
  requestRetries: number
  /** Times that fewer objects were copied at once, since S3 asked for fewer requests. */
  slowdowns: number
  /** Objects that s5cmd was refused, and the direct engine may carry. */
  refusals: number
  /** The destination did not know conditional writes. */
  unconditional: boolean
  /** Tags of the source may not be read, so that none were written. */
  tagsUnreadable: boolean
  /** Bytes of parts that objects were cut into, and why; each once. */
  readonly partBytes: Tuned[]
  /** How fast bytes came when an object was last cut; undefined: not watched for long enough. */
  linkBytesPerSecond?: number | undefined
  /** Who copies: how many objects at a time in the beginning, and as things stand. */
  readonly concurrency: AdaptiveConcurrency[]
}

/** Nothing done yet. */
export const newCounts = (): EngineCounts => ({
  processes: 0,
  crashes: 0,
  requestRetries: 0,
  slowdowns: 0,
  refusals: 0,
  unconditional: false,
  tagsUnreadable: false,
  partBytes: [],
  concurrency: [],
})

/** Objects in parallel of one s5cmd process at most: it has no use for more. */
const MOST_S5CMD = 256

function relayGround(ground: EngineGround, workers: RelayGround['workers']): RelayGround {
  const { facts, sessions, toolchain, how, ports, log, signal, counts } = ground
  const session = sessions.destination
  const rules = {
    path: toolchain?.path ?? '',
    service: serviceOf(facts.destination),
    retryCount: how.retryCount,
    requestPayer: how.requestPayer,
  }
  return {
    nextProcess: async (workers) => {
      const credentials = await orAborted(signal, session.credentials())
      return {
        spec: s5cmdProcess({ ...rules, workers }, credentials, ports.host.env),
        dueAtMs: session.refreshAtMs(),
        expiresAtMs: credentials.expiresAtMs,
        onExpired: () => session.reject(credentials),
      }
    },
    workers,
    requestTimeoutMs: how.requestTimeoutMs,
    processes: ports.processes,
    clock: ports.clock,
    signal,
    onProcess: () => {
      counts.processes++
    },
    onCrash: () => {
      counts.crashes++
      log.line('warn', 's5cmd ended unexpectedly; what it left open is looked up and tried again.')
      return !isGivenUp(ground)
    },
    onRetry: () => {
      counts.requestRetries++
    },
    onOther: (text) => log.line('debug', `s5cmd: ${ports.host.hide(text).slice(0, 500)}`),
  }
}

const CRASHES = 2

/** Whether s5cmd crashed so often that the direct engine carries what is left. */
export const isGivenUp = ({ how, counts }: Pick<EngineGround, 'how' | 'counts'>): boolean =>
  how.engine === 'auto' && counts.crashes >= CRASHES

/** Whether the direct engine may carry what s5cmd was refused; says so once. */
export const goesDirect =
  ({ how, log }: Pick<EngineGround, 'how' | 'log'>, counts: EngineCounts) =>
  (outcome: Outcome): boolean => {
    if (!mayGoDirect(outcome, how)) return false
    if (counts.refusals === 0) log.line('warn', refusalOf(outcome))
    counts.refusals++
    return true
  }

const refusalOf = ({ code, message }: Outcome): string =>
  code === 'AccessDenied'
    ? 'The policy of the destination bucket denies what s5cmd sends, as one does that wants conditional writes (s3:if-none-match, s3:if-match): the direct engine carries it, which sends them.'
    : `The service refuses what s5cmd sends (${message}): the direct engine carries it.`

function workerCount({ how, ports, counts }: EngineGround, wanted: number): RelayGround['workers'] {
  const bearable = workersWithin(ports.system.openFiles())
  const start = Math.min(wanted, bearable)
  return createWorkerCount({
    start,
    most: how.numworkers === 'auto' ? Math.min(MOST_S5CMD, bearable) : start,
    clock: ports.clock,
    onLowered: () => {
      counts.slowdowns++
    },
  })
}

/** A chain of processes for each size class; a number of workers that was asked for is not shared out. */
function s5cmdEngines(ground: EngineGround, throttle: Throttle, pass: number): Engine[] {
  const { how, survey, lineRules, deadline, counts } = ground
  const shares = how.numworkers === 'auto' ? [...survey.s5cmdClasses] : (['all'] as const)
  return shares.map((share) => {
    const wanted = share === 'all' ? survey.workers.value : WORKERS[share]
    const workers = workerCount(ground, passWorkers(wanted, pass))
    const { count: now, throttled: lower } = workers
    counts.concurrency.push({ name: `s5cmd ${share}`, initial: now(), now, lower })
    return s5cmdEngine(share, { ...relayGround(ground, workers), lineRules, throttle, deadline })
  })
}

/** Objects in parallel of the direct engine, where nothing fixes it: S3 bears it, and asks for less when it does not. */
const MOST_DIRECT = 700
/** Bytes that may wait in this process on their way from one service to the other. */
const STREAMED_BYTES = 256 * 2 ** 20

const TAGS_UNREADABLE = 'The tags of the source may not be read: objects are written without.'
function conditionsOf({ overwrite, counts, log }: EngineGround): Conditions {
  return createConditions(overwrite === 'never', () => {
    counts.unconditional = true
    log.line('warn', 'The service does not know conditional writes: none are asked for any more.')
  })
}

function noteCut(counts: EngineCounts, part: Tuned, bytesPerSecond: number | undefined): void {
  const isSame = ({ value, rule }: Tuned) => value === part.value && rule === part.rule
  if (!counts.partBytes.some(isSame)) counts.partBytes.push(part)
  counts.linkBytesPerSecond = bytesPerSecond
}

function directGround(
  ground: EngineGround,
  common: Pick<DirectGround, 'conditions' | 'habits' | 'link'> & { readonly throttle: Throttle },
  pass: number,
): DirectGround {
  const { how, mode, ports, log, signal, deadline, survey, counts } = ground
  const { source, destination } = ground.facts
  const { streamed, sameRegion, memoryBytes, averageBytes } = survey.work
  const most = streamed ? workersByMemory(memoryBytes, averageBytes) : MOST_DIRECT
  const bearable = copiesWithin(ports.system.openFiles(), streamed)
  const workers = (wanted: number) => passWorkers(Math.min(wanted, bearable), pass)
  const mostWorkers = workers(how.numworkers === 'auto' ? most : how.numworkers)
  const start = workers(survey.workers.value)
  const gate = createGate({ start, most: mostWorkers, clock: ports.clock, signal })
  counts.concurrency.push({ name: 'direct', initial: start, now: gate.room, lower: gate.slower })
  const { conditions, habits, link, throttle } = common
  const retries = {
    clock: ports.clock,
    retryCount: how.retryCount,
    onRetry: () => {
      counts.requestRetries++
    },
    signal,
  }
  const paced = (objects: Objects) =>
    retrying(limited(objects, { gate, throttle, signal }), retries)
  return {
    ...{ conditions, habits, link },
    ...{ source, destination, signal, deadline, mostWorkers },
    ...{ clock: ports.clock, concurrency: how.concurrency, options: how.write },
    sourceObjects: paced(source.store.objects),
    objects: paced(ground.objects),
    requestTimeoutMs: how.requestTimeoutMs,
    streamed,
    // Published once, the same object is told from another by its ETag.
    keepEtags: ground.overwrite === 'never',
    partBytes: (size) => {
      const bytesPerSecond = link.bytesPerSecond()
      const part = partBytesFor(how, size, { sameRegion, bytesPerSecond })
      if (part.value < size) noteCut(counts, part, bytesPerSecond)
      return part.value
    },
    memory: createBudget(STREAMED_BYTES),
    lookAtSource: looker(source.store, source.bucket),
    lookAtDestination: looker(destination.store, destination.bucket),
    replan: mode !== 'execute',
    onTagsUnreadable: () => {
      if (!counts.tagsUnreadable) log.line('warn', TAGS_UNREADABLE)
      counts.tagsUnreadable = true
    },
    onUnbound: () => log.line('warn', UNBOUND),
    onUnknownWay: (unknown, way, { code, message }) => {
      if (common.habits.unknown.has(unknown)) return
      common.habits.unknown.add(unknown)
      log.line('warn', `${UNKNOWN_WAY[unknown]} (${code}: ${message}): ${OTHER_WAY[way]}.`)
    },
  }
}

const UNBOUND =
  'The service does not know conditions on what is read or copied: each object is looked at again behind its copy.'

const UNKNOWN_WAY: Readonly<Record<Way, string>> = {
  whole: 'The service does not copy objects by itself',
  parts: 'The service does not copy parts of objects',
  streamed: 'The service does not take the bytes of objects',
}

const OTHER_WAY: Readonly<Record<Way, string>> = {
  whole: 'they are copied whole',
  parts: 'they are copied in parts',
  streamed: 'their bytes pass through this runner',
}

/** The engines of each pass, 0 being the first: those that the plan has work for. */
export function enginesOf(ground: EngineGround): (pass: number) => readonly Engine[] {
  const { ops } = ground.survey
  const { how, ports, signal, deadline } = ground
  const common = {
    conditions: conditionsOf(ground),
    habits: newHabits(),
    link: createLink(ports.clock),
    throttle: createThrottle(how, {
      clock: ports.clock,
      signal: AbortSignal.any([signal, deadline]),
    }),
  }
  return (pass) => {
    const givenUp = isGivenUp(ground)
    return [
      ...(ops.s5cmd > 0 && !givenUp ? s5cmdEngines(ground, common.throttle, pass) : []),
      // What s5cmd was refused the direct engine may carry.
      ...(ops.direct > 0 || givenUp || (pass > 0 && how.engine === 'auto')
        ? [directEngine(directGround(ground, common, pass))]
        : []),
    ]
  }
}
