import { type Explanation, explain, SyncError } from '../errors/sync-error.ts'
import { writesOf } from '../model/request.ts'
import type { Stage } from '../model/stages.ts'
import { humanObjects } from '../model/units.ts'
import type { Run } from './pipeline.ts'
import { planOf } from './stage-results.ts'

/** The stage in which a run ended. */
export const lastStage = ({ entered }: Pick<Run['record'], 'entered'>): Stage =>
  [...entered].at(-1) ?? 'inputs'

const nameOf = ({ record }: Run): string => record.found.inputs?.name ?? ''

/** What went wrong with a run, told in its name where it has one. */
const told = (run: Run): Explanation & { readonly name: string } => ({
  ...explain(run.record.failure, lastStage(run.record)),
  name: nameOf(run),
})

/** What is wrong with all of the transfers alike is said of none. */
const isOne = (all: readonly Explanation[]): boolean =>
  all.length > 1 && all.every(({ text }) => text === all[0]?.text)

/** Why transfers of a step failed, as one error; undefined where none did. */
export function causeOfAll(runs: readonly Run[]): SyncError | undefined {
  const all = runs
    .filter(({ record }) => record.failure !== undefined && !record.isHeldBack)
    .map(told)
  const [first, ...others] = all
  if (!first) return undefined
  const { kind, name, title, text } = first
  if (isOne(all)) return new SyncError(kind, text, { title })
  const counted =
    others.length === 0 ? '' : ` (and ${humanObjects(others.length, 'more transfer')})`
  return new SyncError(kind, `${name}: ${text}`, {
    title: `${name}: ${title}${counted}`,
    hint:
      others.length === 0
        ? undefined
        : ['Also:', ...others.map((other) => `- ${other.name}: ${other.title}`)].join('\n'),
  })
}

/** Keeps the transfers that would write from it, as others failed before the first write of any. Gives whether any would. */
export function holdBack(runs: readonly Run[]): boolean {
  const writing = runs.filter(({ record: { found } }) => found.inputs && writesOf(found.inputs))
  const failed = runs.filter(({ record }) => record.failure !== undefined).map(nameOf)
  const which = `the ${failed.length === 1 ? 'transfer' : 'transfers'} ${failed.join(', ')}`
  for (const { record, ports } of writing) {
    const { copies, deletes } = planOf(record.found)?.trailer ?? {}
    const planned = (copies?.objects ?? 0) + (deletes?.objects ?? 0)
    if (record.failure !== undefined || planned === 0 || ports.host.cancelled.aborted) continue
    record.isHeldBack = true
    record.failure = new SyncError('guard', `Not started, because ${which} could not start.`, {
      hint: 'Nothing was written: either all transfers of a step start, or none.',
    })
  }
  return writing.length > 0
}

/** Goes on with one transfer after the other; where one fails, none of those that would write does. */
export async function eachOrNone<Item extends { readonly run: Run }, Found>(
  transfers: readonly Item[],
  work: (transfer: Item) => Promise<Found>,
): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const transfer of transfers)
    try {
      found.push(await work(transfer))
    } catch (error) {
      transfer.run.record.failure = error
    }
  const runs = transfers.map(({ run }) => run)
  return found.length < transfers.length && holdBack(runs) ? [] : found
}
