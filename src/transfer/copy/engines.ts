import type { Sessions } from '../../credentials/session.ts'
import { bareMessage } from '../../errors/denial.ts'
import { SyncError } from '../../errors/sync-error.ts'
import type { Batch, RoutedOp } from '../../model/batch.ts'
import type { Done, Engine } from '../../model/engine.ts'
import type { CopyOp, Plan } from '../../model/op.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { EngineFacts, Toolchain } from '../../model/report.ts'
import type { SyncRequest } from '../../model/request.ts'
import { serviceOf } from '../../model/service.ts'
import type { UploadTrace } from '../../model/upload-trace.ts'
import type { Ports } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import { writeBatchFile } from '../../s5cmd/batch-file.ts'
import type { LineRules } from '../../s5cmd/line.ts'
import { journaled, type UploadJournal } from '../../storage/journaled.ts'
import { type PackRules, pack } from '../batcher.ts'
import type { RunContext } from '../context.ts'
import { type Look, looker } from '../look.ts'
import { mayGoDirect, routeToDirect } from '../router.ts'
import { batchOps } from '../tuning.ts'
import type { Survey } from '../workload.ts'
import { Counters } from './counters.ts'
import { DirectEngines } from './direct-engines.ts'
import { abortLeftovers, abortUnheardOf, carrierSession } from './leftovers.ts'
import { S5cmdEngines } from './s5cmd-engines.ts'
import { standingCopy } from './standing.ts'

/** What the copies of a plan are carried out with. */
export interface CopyDeps {
  readonly plan: Plan
  readonly survey: Survey
  readonly facts: Facts
  readonly sessions: Sessions
  /** undefined: the direct engine carries all. */
  readonly toolchain: Toolchain | undefined
  readonly request: Pick<SyncRequest, 'transfer' | 'mode' | 'selection'>
  readonly paths: {
    /** Folder of files that s5cmd can be run with. */
    readonly batches: string
    /** Where uploads that are under way are noted, for the post step. */
    readonly uploads: string
    /** Under which name that is kept for it. */
    readonly uploadsState: string
  }
  readonly ports: Ports
}

/** The destination's clock. It has been listed, so that its time is known. */
function serverTime({ destination }: Facts): number {
  const ms = destination.store.serverTimeMs()
  if (ms !== undefined) return ms
  throw new SyncError(
    'copy',
    'The destination sends no Date header, so copies cannot be verified.',
    {
      hint: 'Check the service or the proxy in front of it, or set verify: outcomes.',
    },
  )
}

const refusalOf = ({ code = '', message = '' }: Outcome<CopyOp>): string =>
  code === 'AccessDenied'
    ? 'A policy of the destination denies requests of s5cmd, perhaps because it requires conditional writes (s3:if-none-match, s3:if-match): using the direct engine, which sends them.'
    : `The service rejects requests of s5cmd (${code}: ${bareMessage(code, message)}): using the direct engine.`

function openJournal({ facts, sessions, paths, ports }: CopyDeps): UploadJournal {
  const { endpoint, region, variant } = facts.destination
  const by = carrierSession(facts, sessions) === sessions.destination ? 'destination' : 'source'
  const trace: UploadTrace = { path: paths.uploads, endpoint, region, variant, by }
  return journaled(facts.transferPath.carrier.objects, {
    files: ports.files,
    path: paths.uploads,
    onFirst: () => ports.host.saveState(paths.uploadsState, JSON.stringify(trace)),
  })
}

/**
 * What carries the copies of a plan out. All of its waves have the same: what is found out of a service, and the
 * processes of s5cmd, stay from wave to wave.
 */
export class CopyEngines {
  readonly #context: RunContext
  readonly #deps: CopyDeps
  readonly #journal: UploadJournal
  readonly #counters = new Counters()
  readonly #s5cmd: S5cmdEngines
  readonly #direct: DirectEngines
  readonly #packRules: PackRules
  readonly #look: Look
  #batches = 0
  /** Objects that s5cmd was refused, and the direct engine may carry. */
  #refusals = 0
  #isReady = false

  /** `context`: that of every wave. */
  constructor(context: RunContext, deps: CopyDeps) {
    const { survey, facts, sessions, toolchain, request, paths, ports } = deps
    const { source, destination } = facts
    const { transfer } = request
    const { clock, budget, signal, deadline } = context
    const throttle = budget.throttle({
      clock,
      signal: AbortSignal.any([signal, deadline]),
    })
    const { metadataDirective = false } = toolchain ?? {}
    const lineRules: LineRules = { source, destination, metadataDirective, options: transfer.write }
    const place = { files: ports.files, folder: paths.batches, startedAtMs: clock.now() }
    this.#context = context
    this.#deps = deps
    this.#journal = openJournal(deps)
    this.#look = looker(destination.store, destination.bucket)
    this.#packRules = {
      opsPerBatch: (sizeClass) => batchOps(transfer, sizeClass, survey.work.classes).value,
      nextId: () => ++this.#batches,
      serverTimeMs: () => serverTime(facts),
    }
    this.#s5cmd = new S5cmdEngines(context, this.#counters, throttle, {
      path: toolchain?.path ?? '',
      session: sessions.destination,
      service: serviceOf(destination),
      transfer,
      survey,
      lineRules,
      ports,
      onBatch: async (batch, lines) => {
        await writeBatchFile(batch, lines, place)
      },
    })
    this.#direct = new DirectEngines(context, this.#counters, throttle, {
      facts,
      request,
      survey,
      system: ports.system,
      objects: this.#journal.objects,
    })
  }

  /** Before a wave; behind the last one nothing stays open. Before the first what an earlier run left is aborted. */
  async ready({ goesOn }: { readonly goesOn: boolean }): Promise<void> {
    this.#s5cmd.begin({ goesOn })
    if (this.#isReady) return
    this.#isReady = true
    const { plan, survey, facts, sessions, request, paths, ports } = this.#deps
    const { files } = ports
    const { log, signal } = this.#context
    await files.makeFolder(paths.batches)
    const timeoutMs = request.transfer.requestTimeoutMs
    await abortLeftovers({ facts, sessions, plan, files, timeoutMs, log, signal })
    if (survey.conflicts > 0)
      log.line('warn', 'overwrite: never forbids some copies of the plan: nothing is copied.')
  }

  /** Closes what stayed open, and aborts uploads that nobody knows the id of. */
  async close(): Promise<void> {
    await this.#s5cmd.close()
    const { facts, sessions, request } = this.#deps
    const { log, signal } = this.#context
    const timeoutMs = request.transfer.requestTimeoutMs
    await abortUnheardOf(this.#journal, { facts, sessions, timeoutMs, log, signal })
    await this.#journal.close()
  }

  /** Those of a pass, 0 being the first, that the plan has work for. */
  ofPass(pass: number): readonly Engine[] {
    const { ops } = this.#deps.survey
    const { isGivenUp } = this
    return [
      ...(ops.s5cmd > 0 && !isGivenUp ? this.#s5cmd.ofPass(pass) : []),
      ...(ops.direct > 0 || isGivenUp || this.#refusals > 0 ? [this.#direct.ofPass(pass)] : []),
    ]
  }

  /** Says of copies which engine carries each, as things stand now. */
  router(): (op: CopyOp) => RoutedOp {
    const { routes } = this.#deps.survey
    const { isGivenUp } = this
    return (op) => {
      const route = routeToDirect(op, routes)
      if (route) return { op, engine: 'direct', route, attempts: 0 }
      return isGivenUp
        ? { op, engine: 'direct', route: 's5cmd-crashed', attempts: 0 }
        : { op, engine: 's5cmd', attempts: 0 }
    }
  }

  /** Packs copies into batches of one engine each. */
  pack(ops: AsyncIterable<RoutedOp>): AsyncGenerator<Batch> {
    return pack(ops, this.#packRules)
  }

  /** What stands at the destination from now on may be the work of a batch that waited. */
  handedOver({ id, engine, sizeClass, ops, bytes }: Batch): Batch {
    return { id, engine, sizeClass, ops, bytes, beganMs: this.#packRules.serverTimeMs() }
  }

  /** Whether s5cmd crashed so often that the direct engine carries what is left. */
  get isGivenUp(): boolean {
    return this.#s5cmd.isGivenUp
  }

  /** Whether the direct engine may carry what s5cmd was refused. */
  goesDirect(outcome: Outcome<CopyOp>): boolean {
    const { request, facts } = this.#deps
    if (!mayGoDirect(outcome, request.transfer, facts.destination)) return false
    if (this.#refusals === 0) this.#context.log.line('warn', refusalOf(outcome))
    this.#refusals++
    return true
  }

  /** The end of a copy that nothing was heard of, where it stands at the destination. Throws what the look throws. */
  lookUp(outcome: Outcome<CopyOp>, signal: AbortSignal): Promise<Done | undefined> {
    return standingCopy(outcome, this.#look, signal)
  }

  /** Bytes that the direct engine moved so far, those of unfinished objects included. */
  get movedBytes(): number {
    return this.#counters.movedBytes
  }

  /** Lets less be copied at a time. */
  lower(): void {
    this.#counters.lower()
  }

  /** What all waves came to so far; `extraPasses` is told by the caller. */
  facts(extraPasses: number): EngineFacts {
    const { toolchain, request, survey } = this.#deps
    const { classes } = survey.work
    return {
      ...this.#counters.counted(),
      used: this.isGivenUp || this.#refusals > 0 ? ['s5cmd', 'direct'] : survey.engines,
      toolchain,
      extraPasses,
      batches: this.#batches,
      numworkers: survey.workers.value,
      workersRule: survey.workers.rule,
      batchOps: Object.fromEntries(
        [...classes].map((sizeClass) => [
          sizeClass,
          batchOps(request.transfer, sizeClass, classes),
        ]),
      ),
    }
  }
}
