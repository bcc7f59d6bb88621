import type { LineRules } from '../batch/line.ts'
import type { Survey } from '../batch/survey.ts'
import type { Session } from '../credentials/session.ts'
import type { EngineName } from '../model/outcome.ts'
import type { Toolchain } from '../model/report.ts'
import type { CarryRequest } from '../model/request.ts'
import type { Log, Ports } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { directEngine } from './direct/direct.ts'
import type { Engine } from './engine.ts'
import { passWorkers } from './pace.ts'
import { s5cmdProcess } from './s5cmd/command.ts'
import type { RelayGround } from './s5cmd/relay.ts'
import { s5cmdEngine } from './s5cmd/s5cmd.ts'

/** What the engines work with. */
export interface EngineGround {
  readonly facts: Facts
  readonly session: Session
  /** undefined: the direct engine carries all. */
  readonly toolchain: Toolchain | undefined
  readonly how: CarryRequest
  readonly ports: Ports
  readonly log: Log
  readonly signal: AbortSignal
  readonly lineRules: LineRules
  readonly survey: Survey
  readonly counts: EngineCounts
}

/** What the engines did, counted. */
export interface EngineCounts {
  processes: number
  crashes: number
  /** Retries s5cmd reported. */
  requestRetries: number
}

function relayGround(ground: EngineGround, workers: number): RelayGround {
  const { facts, session, toolchain, how, ports, log, signal, counts } = ground
  const { endpoint, region } = facts.destination
  const rules = {
    path: toolchain?.path ?? '',
    endpoint,
    region,
    workers,
    retryCount: how.retryCount,
  }
  return {
    nextProcess: async () => {
      const credentials = await session.credentials()
      return {
        spec: s5cmdProcess(rules, credentials, ports.host.env),
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
    },
    onRetry: () => {
      counts.requestRetries++
    },
    onOther: (text) => log.line('debug', `s5cmd: ${text.slice(0, 500)}`),
  }
}

/** The engines of each pass, 0 being the first: those that the plan has work for. */
export const enginesOf =
  (ground: EngineGround) =>
  (pass: number): readonly Engine[] => {
    const { facts, how, signal, lineRules, survey } = ground
    const workers = passWorkers(survey.workers, pass)
    const make: Readonly<Record<EngineName, () => Engine>> = {
      s5cmd: () => s5cmdEngine(lineRules, relayGround(ground, workers)),
      direct: () =>
        directEngine({ ...facts, workers, requestTimeoutMs: how.requestTimeoutMs, signal }),
    }
    return survey.engines.map((name) => make[name]())
  }
