import { JsonLines } from '../../ledger/json-lines.ts'
import type { Batch, RoutedOp } from '../../model/batch.ts'
import { type Done, type Engine, type Stopped, stopOf, stoppedBy } from '../../model/engine.ts'
import type { DeleteOp, Plan } from '../../model/op.ts'
import type { SyncRequest } from '../../model/request.ts'
import { readOutdated } from '../../plan/plan-file.ts'
import type { Files } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import type { RunContext } from '../context.ts'
import { endOfOutdated } from '../outdated.ts'
import type { Goal } from '../progress.ts'
import type { SettledOp, Wave, WaveEnd, WaveWork } from '../wave.ts'
import { unseenEnd } from './ends.ts'
import { DeleteEngine } from './engine.ts'
import { type Extra, extrasOf, withEnds } from './extras.ts'
import { findOtherNames, type OtherNames } from './other-names.ts'
import { packDeletes } from './pack.ts'
import { listSourceAgain } from './second-listing.ts'

/** What the deletes of a plan are carried out with. */
export interface DeleteWaveDeps {
  readonly plan: Plan
  readonly facts: Pick<Facts, 'source' | 'destination'>
  readonly request: Pick<SyncRequest, 'selection' | 'transfer'>
  readonly files: Files
  /** Why none may be made; undefined: all may. */
  readonly held?: Stopped | undefined
}

/** What became of the deletes of a plan: every one has a row in results.ndjson. */
export interface Deletion {
  readonly deleted: number
  readonly planned: number
  /** Full keys of copies that the destination does not show under their names. */
  readonly misnamed?: ReadonlySet<string> | undefined
}

const HELD_BACK: Stopped = {
  status: 'failed',
  code: 'CopiesFailed',
  message: 'Nothing was deleted, because not every copy is done.',
}

const MISNAMED = 'Nothing was deleted, because the destination does not list every copied key.'

/** What was seen before the first delete. */
interface Outlook {
  /** Why nothing is deleted, whatever it is. */
  readonly held?: Stopped | undefined
  /** All planned deletes, where some of them may end without a request; can be read once. */
  readonly joined?: AsyncGenerator<Extra, void> | undefined
  readonly misnamed?: OtherNames['misnamed'] | undefined
}

/** A copy that does not stand under its name is none that is done. */
async function* allHeldBack(extras: AsyncGenerator<Extra, void>): AsyncGenerator<Extra, void> {
  for await (const extra of extras)
    yield { ...extra, end: extra.end?.status === 'failed' ? extra.end : HELD_BACK }
}

/** The deletes of a plan. They are the last wave: nothing is deleted unless all before it is done and proven. */
export class DeleteWave implements Wave<DeleteOp, Deletion> {
  readonly stage = 'delete'
  readonly #deps: DeleteWaveDeps

  constructor(deps: DeleteWaveDeps) {
    this.#deps = deps
  }

  get goal(): Goal {
    const { objects } = this.#deps.plan.trailer.deletes
    return { planned: { objects, bytes: 0 }, skipped: 0 }
  }

  /** Looks at what can only be seen for all deletes at once. */
  async begin(cleared: boolean, context: RunContext, folder: string): Promise<DeleteWork> {
    const held = this.#gate(cleared, context)
    const outlook = held ? { held } : await this.#lookAhead(context, folder)
    return new DeleteWork(context, this.#deps, outlook, folder)
  }

  /** Why nothing is begun at all. */
  #gate(cleared: boolean, context: RunContext): Stopped | undefined {
    if (context.signal.aborted) return stoppedBy(context.signal)
    if (cleared) return this.#deps.held ?? stopOf(context)
    context.log.line('warn', HELD_BACK.message)
    return HELD_BACK
  }

  async #lookAhead({ clock, log, signal }: RunContext, folder: string): Promise<Outlook> {
    const { plan, facts, request, files } = this.#deps
    const { source, destination } = facts
    const { selection: rules } = request
    try {
      const names = await findOtherNames({ plan, destination, files, folder, signal })
      const planned = extrasOf(plan, destination, files)
      const named = names && withEnds(planned, names.ends)
      if (names && named && names.misnamed.size > 0) {
        log.line('warn', MISNAMED)
        return { joined: allHeldBack(named), misnamed: names.misnamed }
      }
      const { keys } = rules
      if (!keys) return { joined: named }
      const again = { plan, source, rules, keys, files, folder, clock, signal }
      const listed = await listSourceAgain(again)
      return 'status' in listed ? { held: listed } : { joined: withEnds(named ?? planned, listed) }
    } catch (error) {
      return { held: signal.aborted ? stoppedBy(signal) : unseenEnd(error) }
    }
  }
}

class DeleteWork implements WaveWork<DeleteOp, Deletion> {
  readonly #deps: DeleteWaveDeps
  readonly #outlook: Outlook
  readonly #engine: DeleteEngine
  /** Deletes that are still to be made, where some were not. */
  readonly #left: string

  constructor(context: RunContext, deps: DeleteWaveDeps, outlook: Outlook, folder: string) {
    const { facts, request, files } = deps
    const { source, destination } = facts
    // With key-template no single key tells where another one comes from: the whole source was listed again.
    const lookUp = request.selection.keys === undefined
    this.#deps = deps
    this.#outlook = outlook
    this.#engine = new DeleteEngine(context, {
      source,
      destination,
      transfer: request.transfer,
      lookUp,
    })
    this.#left = files.join(folder, 'deletes.ndjson')
  }

  async *settled(): AsyncGenerator<SettledOp<DeleteOp>> {
    const { plan, files } = this.#deps
    const { held, joined } = this.#outlook
    for await (const op of readOutdated(files, plan, 'delete'))
      yield { op, ending: endOfOutdated(op) }
    if (held) for await (const { op } of this.#planned()) yield { op, ending: held }
    if (!joined) return
    const left = await JsonLines.open(files, this.#left)
    try {
      for await (const { op, end } of joined)
        if (end) yield { op, ending: end }
        else await left.add(op)
    } finally {
      await left.close()
    }
  }

  async *ops(): AsyncGenerator<RoutedOp<DeleteOp>> {
    const { held, joined } = this.#outlook
    if (held) return
    const ops = joined ? this.#readLeft() : this.#planned()
    for await (const { op } of ops) yield { op, engine: 'delete', attempts: 0 }
  }

  pack(ops: AsyncIterable<RoutedOp<DeleteOp>>): AsyncGenerator<Batch<DeleteOp>> {
    return packDeletes(ops)
  }

  handedOver(batch: Batch<DeleteOp>): Batch<DeleteOp> {
    return batch
  }

  /** The same one in every pass: what it found out of the service it keeps. */
  engines(): readonly Engine<DeleteOp>[] {
    return [this.#engine]
  }

  goesDirect(): boolean {
    return false
  }

  isGivenUp(): boolean {
    return false
  }

  /** Nothing is told by the destination: another pass looks at the source anew, and an object that is gone is deleted. */
  async lookUp(): Promise<Done<DeleteOp> | undefined> {
    return undefined
  }

  get movedBytes(): number {
    return 0
  }

  lower(): void {
    this.#engine.lower()
  }

  async close(): Promise<void> {}

  found({ done }: WaveEnd): Deletion {
    const { plan } = this.#deps
    return {
      deleted: done,
      planned: plan.trailer.deletes.objects,
      misnamed: this.#outlook.misnamed,
    }
  }

  #planned(): AsyncGenerator<Extra, void> {
    const { plan, facts, files } = this.#deps
    return extrasOf(plan, facts.destination, files)
  }

  async *#readLeft(): AsyncGenerator<Pick<Extra, 'op'>> {
    for await (const line of this.#deps.files.lines(this.#left))
      yield { op: JSON.parse(line) as DeleteOp }
  }
}
