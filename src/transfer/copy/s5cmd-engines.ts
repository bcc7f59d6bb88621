import type { Session } from '../../credentials/session.ts'
import { passWorkers } from '../../flow/pace.ts'
import type { Throttle } from '../../flow/throttle.ts'
import type { Batch } from '../../model/batch.ts'
import type { Engine } from '../../model/engine.ts'
import { orAborted } from '../../model/or-aborted.ts'
import type { TransferRequest } from '../../model/request.ts'
import type { ServiceAddress } from '../../model/service.ts'
import type { Ports } from '../../ports.ts'
import { s5cmdProcess } from '../../s5cmd/command.ts'
import { S5cmdEngine, type Share } from '../../s5cmd/engine.ts'
import type { LineRules } from '../../s5cmd/line.ts'
import type { Launch, ProcessEvents } from '../../s5cmd/worker.ts'
import { createWorkerCount, type WorkerCount } from '../../s5cmd/workers.ts'
import type { RunContext } from '../context.ts'
import { WORKERS, workersWithin } from '../tuning.ts'
import type { Survey } from '../workload.ts'
import type { Counters } from './counters.ts'

/** What s5cmd is started and fed with. */
export interface S5cmdEnginesDeps {
  /** Of the program; '' where there is none. */
  readonly path: string
  /** Who s5cmd is. */
  readonly session: Session
  /** The destination's. */
  readonly service: ServiceAddress
  readonly transfer: TransferRequest
  readonly survey: Survey
  readonly lineRules: LineRules
  readonly ports: Ports
  /** Told of each batch, and of its lines, before it is fed. */
  readonly onBatch: (batch: Batch, lines: readonly string[]) => Promise<void>
}

/** Objects in parallel of one s5cmd process at most: it has no use for more. */
const MOST_S5CMD = 256
const CRASHES = 2

/** The s5cmd engines of each pass: a chain of processes for each size class. */
export class S5cmdEngines {
  readonly #context: RunContext
  readonly #counters: Counters
  readonly #throttle: Throttle
  readonly #deps: S5cmdEnginesDeps
  /** Those of every wave's first pass. */
  #first: readonly S5cmdEngine[] | undefined
  /** Whether another wave follows, so that the processes of a first pass stay open. */
  #goesOn = false

  constructor(context: RunContext, counters: Counters, throttle: Throttle, deps: S5cmdEnginesDeps) {
    this.#context = context
    this.#counters = counters
    this.#throttle = throttle
    this.#deps = deps
  }

  /** Whether s5cmd crashed so often that the direct engine carries what is left. */
  get isGivenUp(): boolean {
    return this.#deps.transfer.engine === 'auto' && this.#counters.crashes >= CRASHES
  }

  /** Those of a pass, 0 being the first; a number of workers that was asked for is not shared out. */
  ofPass(pass: number): readonly Engine[] {
    if (pass > 0) return this.#enginesOf(pass)
    this.#first ??= this.#enginesOf(pass)
    return this.#first
  }

  /** A wave begins; behind the last one no process stays open. */
  begin({ goesOn }: { readonly goesOn: boolean }): void {
    this.#goesOn = goesOn
  }

  /** Ends the processes that stayed open; settles when they are gone. */
  async close(): Promise<void> {
    await Promise.all((this.#first ?? []).map((engine) => engine.close()))
  }

  #enginesOf(pass: number): readonly S5cmdEngine[] {
    const { transfer, survey } = this.#deps
    const shares = transfer.numworkers === 'auto' ? [...survey.s5cmdClasses] : (['all'] as const)
    return shares.map((share) => this.#engineOf(share, pass))
  }

  #engineOf(share: Share, pass: number): S5cmdEngine {
    const { transfer, survey, lineRules, ports, onBatch } = this.#deps
    const { clock, signal } = this.#context
    const wanted = share === 'all' ? survey.workers.value : WORKERS[share]
    const workers = this.#workerCount(passWorkers(wanted, pass))
    const { count: now, throttled: lower } = workers
    this.#counters.begin({ name: `s5cmd ${share}`, initial: now(), now, lower })
    const relay = {
      launch: (workers: number) => this.#launch(workers),
      workers,
      requestTimeoutMs: transfer.requestTimeoutMs,
      processes: ports.processes,
      clock,
      signal,
      events: this.#events(),
    }
    const throttle = this.#throttle
    return new S5cmdEngine(share, {
      relay,
      lineRules,
      copies: survey.ops.s5cmd,
      throttle,
      ends: this.#context,
      onBatch,
      staysOpen: () => pass === 0 && this.#goesOn,
    })
  }

  #workerCount(wanted: number): WorkerCount {
    const { transfer, ports } = this.#deps
    const bearable = workersWithin(ports.system.openFiles())
    const start = Math.min(wanted, bearable)
    return createWorkerCount({
      start,
      most: transfer.numworkers === 'auto' ? Math.min(MOST_S5CMD, bearable) : start,
      clock: this.#context.clock,
      onLowered: () => this.#counters.slowdown(),
    })
  }

  async #launch(workers: number): Promise<Launch> {
    const { path, session, service, transfer, ports } = this.#deps
    const { retryCount, requestPayer } = transfer
    const credentials = await orAborted(this.#context.signal, session.credentials())
    const rules = { path, service, workers, retryCount, requestPayer }
    return {
      spec: s5cmdProcess(rules, credentials, ports.host.env),
      dueAtMs: session.refreshAtMs(),
      expiresAtMs: credentials.expiresAtMs,
      onExpired: () => session.reject(credentials),
    }
  }

  #events(): ProcessEvents {
    const { log } = this.#context
    const { host } = this.#deps.ports
    return {
      process: () => this.#counters.process(),
      crash: () => {
        this.#counters.crash()
        log.line(
          'warn',
          's5cmd exited unexpectedly; its unfinished objects are checked and retried.',
        )
        return !this.isGivenUp
      },
      retry: () => this.#counters.requestRetry(),
      other: (text) => log.line('debug', `s5cmd: ${host.hide(text).slice(0, 500)}`),
    }
  }
}
