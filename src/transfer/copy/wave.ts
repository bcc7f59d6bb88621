import type { Sessions } from '../../credentials/session.ts'
import { bareMessage } from '../../errors/denial.ts'
import { SyncError } from '../../errors/sync-error.ts'
import { createThrottle } from '../../flow/throttle.ts'
import type { Settled } from '../../ledger/ledger.ts'
import type { Batch, RoutedOp } from '../../model/batch.ts'
import { type Done, type Engine, type Stopped, stopOf } from '../../model/engine.ts'
import { type CopyOp, type Plan, skippedBy } from '../../model/op.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { EngineFacts, Toolchain } from '../../model/report.ts'
import type { SyncRequest } from '../../model/request.ts'
import { serviceOf } from '../../model/service.ts'
import type { UploadTrace } from '../../model/upload-trace.ts'
import { readCopies, readCopyBlocks, readOutdated } from '../../plan/plan-file.ts'
import type { Ports } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import { writeBatchFile } from '../../s5cmd/batch-file.ts'
import type { LineRules } from '../../s5cmd/line.ts'
import { journaled, type UploadJournal } from '../../storage/journaled.ts'
import { type PackRules, pack } from '../batcher.ts'
import type { RunContext } from '../context.ts'
import { BEHIND, heldBack } from '../held-back.ts'
import { type Look, looker } from '../look.ts'
import { endOfOutdated } from '../outdated.ts'
import type { Goal } from '../progress.ts'
import { mayGoDirect, routeToDirect } from '../router.ts'
import { batchOps } from '../tuning.ts'
import type { SettledOp, Wave, WaveEnd, WaveWork } from '../wave.ts'
import type { Survey } from '../workload.ts'
import { Counters } from './counters.ts'
import { DirectEngines } from './direct-engines.ts'
import { abortLeftovers, carrierSession } from './leftovers.ts'
import { S5cmdEngines } from './s5cmd-engines.ts'
import { standingCopy } from './standing.ts'

/** What the copies of a plan are carried out with. */
export interface CopyWaveDeps {
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

/** What became of the copies of a plan: every one has a row in results.ndjson. */
export interface Execution extends Settled {
  readonly engine: EngineFacts
  /** In the best ten seconds. */
  readonly peakBytesPerSecond: number
}

/** The copies of a plan. */
export class CopyWave implements Wave<CopyOp, Execution> {
  readonly stage = 'copy'
  readonly #deps: CopyWaveDeps

  constructor(deps: CopyWaveDeps) {
    this.#deps = deps
  }

  get goal(): Goal {
    const { copies: planned, reasons } = this.#deps.plan.trailer
    return { planned, skipped: skippedBy(reasons).objects }
  }

  /** Aborts what an earlier run left unfinished, and opens the journal of this one's uploads. */
  async begin(cleared: boolean, context: RunContext): Promise<CopyWork> {
    const { plan, survey, facts, sessions, request, paths, ports } = this.#deps
    const { files } = ports
    const { log, signal } = context
    await files.makeFolder(paths.batches)
    const timeoutMs = request.transfer.requestTimeoutMs
    const held = cleared ? undefined : (stopOf(context) ?? BEHIND)
    if (!held) await abortLeftovers({ facts, sessions, plan, files, timeoutMs, log, signal })
    if (survey.conflicts > 0)
      log.line('warn', 'The plan has objects that overwrite: never forbids: nothing is copied.')
    else if (held) log.line('warn', 'Nothing is copied, as not all that comes before it is done.')
    return new CopyWork(context, this.#deps, this.#openJournal(), held)
  }

  #openJournal(): UploadJournal {
    const { facts, sessions, paths, ports } = this.#deps
    const { uploadsState } = paths
    const { endpoint, region, variant } = facts.destination
    const by = carrierSession(facts, sessions) === sessions.destination ? 'destination' : 'source'
    const trace: UploadTrace = { path: paths.uploads, endpoint, region, variant, by }
    return journaled(facts.transferPath.carrier.objects, {
      files: ports.files,
      path: paths.uploads,
      onFirst: () => ports.host.saveState(uploadsState, JSON.stringify(trace)),
    })
  }
}

/** The destination's clock. It has been listed, so that its time is known. */
function serverTime({ destination }: Facts): number {
  const ms = destination.store.serverTimeMs()
  if (ms !== undefined) return ms
  throw new SyncError('copy', 'The destination answers without a Date, so no copy can be proven.', {
    hint: 'Check the service or the proxy in front of it, or set verify: outcomes.',
  })
}

const refusalOf = ({ code = '', message = '' }: Outcome<CopyOp>): string =>
  code === 'AccessDenied'
    ? 'A policy of the destination denies what s5cmd sends, as one does that wants conditional writes (s3:if-none-match, s3:if-match): the direct engine carries it, which sends them.'
    : `The service refuses what s5cmd sends (${code}: ${bareMessage(code, message)}): the direct engine carries it.`

class CopyWork implements WaveWork<CopyOp, Execution> {
  readonly #deps: CopyWaveDeps
  readonly #journal: UploadJournal
  /** Why nothing is copied, whatever it is. */
  readonly #held: Stopped | undefined
  readonly #counters = new Counters()
  readonly #s5cmd: S5cmdEngines
  readonly #direct: DirectEngines
  readonly #packRules: PackRules
  readonly #look: Look
  readonly #context: RunContext
  #batches = 0
  /** Objects that s5cmd was refused, and the direct engine may carry. */
  #refusals = 0

  constructor(
    context: RunContext,
    deps: CopyWaveDeps,
    journal: UploadJournal,
    held: Stopped | undefined,
  ) {
    const { survey, facts, sessions, toolchain, request, paths, ports } = deps
    const { source, destination } = facts
    const { transfer } = request
    const { clock, signal, deadline } = context
    const throttle = createThrottle(transfer, {
      clock,
      signal: AbortSignal.any([signal, deadline]),
    })
    const { metadataDirective = false } = toolchain ?? {}
    const lineRules: LineRules = { source, destination, metadataDirective, options: transfer.write }
    const place = { files: ports.files, folder: paths.batches, startedAtMs: clock.now() }
    this.#context = context
    this.#deps = deps
    this.#journal = journal
    this.#held = held
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
      onBatch: async (batch) => {
        await writeBatchFile(batch, lineRules, place)
      },
    })
    this.#direct = new DirectEngines(context, this.#counters, throttle, {
      facts,
      request,
      survey,
      system: ports.system,
      objects: journal.objects,
    })
  }

  async *settled(): AsyncGenerator<SettledOp<CopyOp>> {
    const { plan, ports } = this.#deps
    for await (const line of readOutdated(ports.files, plan, 'copy')) {
      const { outdated: _why, ...op } = line
      yield { op, ending: endOfOutdated(line) }
    }
    if (!this.#isHeldBack) return
    for await (const op of readCopies(ports.files, plan)) yield { op, ending: this.#endOf(op) }
  }

  async *ops(): AsyncGenerator<RoutedOp> {
    const { plan, survey, ports } = this.#deps
    if (this.#isHeldBack) return
    for await (const ops of readCopyBlocks(ports.files, plan))
      for (const op of ops) {
        const route = routeToDirect(op, survey.routes)
        yield { op, engine: route ? 'direct' : 's5cmd', route, attempts: 0 }
      }
  }

  pack(ops: AsyncIterable<RoutedOp>): AsyncGenerator<Batch> {
    return pack(ops, this.#packRules)
  }

  /** What stands at the destination from now on may be its work. */
  handedOver({ id, engine, sizeClass, ops, bytes }: Batch): Batch {
    return { id, engine, sizeClass, ops, bytes, beganMs: this.#packRules.serverTimeMs() }
  }

  /** Those that the plan has work for. */
  engines(pass: number): readonly Engine[] {
    const { ops } = this.#deps.survey
    if (this.#isHeldBack) return []
    const isGivenUp = this.isGivenUp()
    return [
      ...(ops.s5cmd > 0 && !isGivenUp ? this.#s5cmd.ofPass(pass) : []),
      ...(ops.direct > 0 || isGivenUp || this.#refusals > 0 ? [this.#direct.ofPass(pass)] : []),
    ]
  }

  isGivenUp(): boolean {
    return this.#s5cmd.isGivenUp
  }

  goesDirect(outcome: Outcome<CopyOp>): boolean {
    const { request, facts } = this.#deps
    if (!mayGoDirect(outcome, request.transfer, facts.destination)) return false
    if (this.#refusals === 0) this.#context.log.line('warn', refusalOf(outcome))
    this.#refusals++
    return true
  }

  lookUp(outcome: Outcome<CopyOp>, signal: AbortSignal): Promise<Done | undefined> {
    return standingCopy(outcome, this.#look, signal)
  }

  lower(): void {
    this.#counters.lower()
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  found({ results, claims, done, extraPasses, peakBytesPerSecond }: WaveEnd): Execution {
    const { toolchain, request, survey } = this.#deps
    const { classes } = survey.work
    const engine: EngineFacts = {
      ...this.#counters.counted(),
      used: this.isGivenUp() || this.#refusals > 0 ? ['s5cmd', 'direct'] : survey.engines,
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
    return { results, claims, done, peakBytesPerSecond, engine }
  }

  /** One object that overwrite: never forbids, and nothing is copied. */
  get #isHeldBack(): boolean {
    return this.#deps.survey.conflicts > 0 || this.#held !== undefined
  }

  #endOf(op: CopyOp): Stopped {
    return this.#deps.survey.conflicts > 0 ? heldBack(op) : (this.#held ?? BEHIND)
  }
}
