import { KeySum } from '../../listing/key-sum.ts'
import { listAll } from '../../listing/pages.ts'
import { inKeyOrder } from '../../listing/sort.ts'
import type { Stopped } from '../../model/engine.ts'
import type { ObjectInfo, SourceObject } from '../../model/object-info.ts'
import type { KeyCount, Plan } from '../../model/op.ts'
import type { Place } from '../../model/place.ts'
import type { KeyRules, SelectionRequest } from '../../model/request.ts'
import { humanCount } from '../../model/units.ts'
import { moverOf } from '../../plan/moved.ts'
import type { Clock, Files } from '../../ports.ts'
import type { Store } from '../../storage/store.ts'
import { AT_SOURCE } from './ends.ts'
import type { KeyEnd } from './extras.ts'

/** What the source is listed with once more. */
export interface SecondListing {
  readonly plan: Plan
  readonly source: Place & { readonly store: Store }
  readonly rules: SelectionRequest
  readonly keys: KeyRules
  readonly files: Files
  /** For what does not fit into memory; the caller removes it. */
  readonly folder: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

const MOVED_AT_ONCE = 1000

/** The objects of the source where they stand at the destination; their own keys are summed up. */
async function* movedObjects(
  { source, rules, keys, clock, signal }: SecondListing,
  sum: KeySum,
): AsyncGenerator<SourceObject> {
  // A key that is refused or left out by now protects what has its name.
  const { pattern, template } = keys
  const move = moverOf({ source, rules }, { pattern, template, mismatch: 'keep' }, clock)
  const page: ObjectInfo[] = []
  for await (const object of listAll(source, signal)) {
    sum.add(object.key)
    if (page.push(object) === MOVED_AT_ONCE) yield* move(page.splice(0))
  }
  yield* move(page)
}

const otherKeys = (first: KeyCount | undefined, now: KeyCount): Stopped => ({
  status: 'failed',
  code: 'SourceListingChanged',
  message: `Right before the deletes the source has ${humanCount(now.objects)} keys, not the ${humanCount(first?.objects ?? 0)} of the plan: nothing was deleted.`,
})

async function* atSource(moved: AsyncGenerator<SourceObject>): AsyncGenerator<KeyEnd, void> {
  for await (const { key } of moved) yield { key, end: AT_SOURCE }
}

/**
 * Lists the whole source once more, as no single key tells where another one comes from. Gives what it has,
 * by keys of the destination; or how all deletes end where it has other keys than when the plan was made.
 * Throws SyncError when the listing is not complete.
 */
export async function listSourceAgain(
  input: SecondListing,
): Promise<AsyncGenerator<KeyEnd, void> | Stopped> {
  const { plan, files, folder } = input
  const first = plan.trailer.sourceKeys
  const sum = new KeySum()
  // Of two that would become one, one is enough to find.
  const settle = (one: SourceObject) => one
  const moved = await inKeyOrder(movedObjects(input, sum), {
    files,
    folder: files.join(folder, 'source'),
    settle,
  })
  const now = sum.value()
  return first?.objects === now.objects && first.digest === now.digest
    ? atSource(moved)
    : otherKeys(first, now)
}
