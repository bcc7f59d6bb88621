import type { Spool } from '../../ledger/json-lines.ts'
import type { Settled } from '../../ledger/ledger.ts'
import type { Batch, RoutedOp } from '../../model/batch.ts'
import { type Done, type Engine, endsRun, type Stopped, stopOf } from '../../model/engine.ts'
import { type CopyOp, skippedBy, type WaveRange } from '../../model/op.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { EngineFacts } from '../../model/report.ts'
import { humanObjects } from '../../model/units.ts'
import {
  copiesIn,
  fullWaves,
  readCopies,
  readCopyBlocks,
  readOutdated,
} from '../../plan/plan-file.ts'
import type { RunContext } from '../context.ts'
import { heldBack, WAVE_HELD_BACK } from '../held-back.ts'
import { endOfOutdated } from '../outdated.ts'
import type { Goal } from '../progress.ts'
import type { SettledOp, Wave, WaveEnd, WaveWork } from '../wave.ts'
import { type CopyDeps, CopyEngines } from './engines.ts'

/** What became of copies of a plan: every one has a row in results.ndjson. */
export interface Execution extends Omit<Settled, 'claims'> {
  /** Of each wave. */
  readonly claims: readonly Spool[]
  readonly engine: EngineFacts
  /** In the best ten seconds. */
  readonly peakBytesPerSecond: number
}

/** Both together, the second one behind the first. */
export const addExecution = (first: Execution | undefined, next: Execution): Execution =>
  first
    ? {
        results: {
          path: next.results.path,
          count: first.results.count + next.results.count,
        },
        claims: [...first.claims, ...next.claims],
        done: first.done + next.done,
        engine: {
          ...next.engine,
          extraPasses: first.engine.extraPasses + next.engine.extraPasses,
        },
        peakBytesPerSecond: Math.max(first.peakBytesPerSecond, next.peakBytesPerSecond),
      }
    : next

/** The waves of a plan's copies, and what carries them out: it is opened once. */
export class PlanCopies {
  readonly #deps: CopyDeps
  #engines: CopyEngines | undefined

  constructor(deps: CopyDeps) {
    this.#deps = deps
  }

  /** Those that have copies, in their order. A plan without waves is one. */
  get waves(): readonly CopyWave[] {
    const full = fullWaves(this.#deps.plan)
    return full.map((waves, at) => this.#wave(waves, full[at + 1]?.first))
  }

  /** All waves from one on: they are held back together. */
  from(first: number): CopyWave {
    const last = (this.#deps.plan.trailer.waves?.length ?? 1) - 1
    return this.#wave({ first, last }, undefined)
  }

  /** All of them, when none may begin. */
  get whole(): CopyWave {
    return this.#wave(undefined, undefined)
  }

  #wave(waves: WaveRange | undefined, next: number | undefined): CopyWave {
    const engines = (context: RunContext): CopyEngines => {
      this.#engines ??= new CopyEngines(context, this.#deps)
      return this.#engines
    }
    return new CopyWave(this.#deps, { waves, next, engines })
  }
}

/** A wave among others. */
interface WavePlace {
  /** undefined: all copies of the plan. */
  readonly waves: WaveRange | undefined
  /** The one that follows; undefined: it is the last. */
  readonly next: number | undefined
  /** What carries all of them out. */
  readonly engines: (context: RunContext) => CopyEngines
}

/** Copies of a plan that are made together. */
export class CopyWave implements Wave<CopyOp, Execution> {
  readonly stage = 'copy'
  readonly #deps: CopyDeps
  readonly #place: WavePlace

  constructor(deps: CopyDeps, place: WavePlace) {
    this.#deps = deps
    this.#place = place
  }

  /** undefined: all copies of the plan. */
  get waves(): WaveRange | undefined {
    return this.#place.waves
  }

  /** The wave that follows; undefined: it is the last one with copies. */
  get next(): number | undefined {
    return this.#place.next
  }

  get goal(): Goal {
    const { plan } = this.#deps
    const { waves } = this.#place
    // What stays as it is counts as done from the start, and for no wave but the first.
    const skipped = waves && waves.first > 0 ? 0 : skippedBy(plan.trailer.reasons).objects
    return { planned: copiesIn(plan, waves), skipped }
  }

  async begin(cleared: boolean, context: RunContext): Promise<CopyWork> {
    const { waves, next, engines: open } = this.#place
    const goesOn = cleared && next !== undefined
    const engines = open(context)
    if (cleared) await engines.ready({ goesOn })
    const held = cleared ? undefined : this.#heldBy(context)
    return new CopyWork(this.#deps, { engines, held, waves, goesOn })
  }

  /** Why nothing of it is begun. */
  #heldBy(context: RunContext): Stopped {
    const stop = stopOf(context)
    if (stop && endsRun(stop)) return stop
    const { objects } = this.goal.planned
    context.log.line(
      'warn',
      `${humanObjects(objects)} not started, because not every object of earlier waves or transfers is copied and verified.`,
    )
    return WAVE_HELD_BACK
  }
}

/** What a wave works with. */
interface CopyWorkDeps {
  readonly waves: WaveRange | undefined
  /** Whether another wave follows, for which the engines stay open. */
  readonly goesOn: boolean
  readonly engines: CopyEngines
  /** Why nothing of it is begun. */
  readonly held: Stopped | undefined
}

class CopyWork implements WaveWork<CopyOp, Execution> {
  readonly #deps: CopyDeps
  readonly #engines: CopyEngines
  readonly #work: CopyWorkDeps

  constructor(deps: CopyDeps, work: CopyWorkDeps) {
    this.#deps = deps
    this.#engines = work.engines
    this.#work = work
  }

  async *settled(): AsyncGenerator<SettledOp<CopyOp>> {
    const { plan, survey, ports } = this.#deps
    const { held, waves } = this.#work
    for await (const line of readOutdated(ports.files, plan, 'copy', waves)) {
      const { outdated: _why, standing: _etag, ...op } = line
      yield { op, ending: endOfOutdated(line) }
    }
    const endOf = survey.conflicts > 0 ? heldBack : held && (() => held)
    if (!endOf) return
    for await (const op of readCopies(ports.files, plan, waves)) yield { op, ending: endOf(op) }
  }

  ops(): AsyncGenerator<RoutedOp> {
    return this.#routed(this.#engines.router())
  }

  async *#routed(route: (op: CopyOp) => RoutedOp): AsyncGenerator<RoutedOp> {
    const { plan, ports } = this.#deps
    if (this.#isHeldBack) return
    for await (const ops of readCopyBlocks(ports.files, plan, this.#work.waves))
      for (const op of ops) yield route(op)
  }

  pack(ops: AsyncIterable<RoutedOp>): AsyncGenerator<Batch> {
    return this.#engines.pack(ops)
  }

  handedOver(batch: Batch): Batch {
    return this.#engines.handedOver(batch)
  }

  engines(pass: number): readonly Engine[] {
    return this.#isHeldBack ? [] : this.#engines.ofPass(pass)
  }

  isGivenUp(): boolean {
    return this.#engines.isGivenUp
  }

  goesDirect(outcome: Outcome<CopyOp>): boolean {
    return this.#engines.goesDirect(outcome)
  }

  lookUp(outcome: Outcome<CopyOp>, signal: AbortSignal): Promise<Done | undefined> {
    return this.#engines.lookUp(outcome, signal)
  }

  get movedBytes(): number {
    return this.#engines.movedBytes
  }

  lower(): void {
    this.#engines.lower()
  }

  async close(): Promise<void> {
    if (!this.#work.goesOn) await this.#engines.close()
  }

  found({ results, claims, done, extraPasses, peakBytesPerSecond }: WaveEnd): Execution {
    const engine = this.#engines.facts(extraPasses)
    return { results, claims: [claims], done, peakBytesPerSecond, engine }
  }

  /** One object that overwrite: never forbids, and nothing is copied; one that is not done, and nothing of later waves. */
  get #isHeldBack(): boolean {
    return this.#work.held !== undefined || this.#deps.survey.conflicts > 0
  }
}
