import { SyncError } from '../errors/sync-error.ts'
import type { Plan } from '../model/op.ts'
import { checkPlanFile } from './check-plan.ts'
import { compare, type PlanGround } from './compare.ts'
import { type Judged, judge } from './guard.ts'
import { headerOf } from './header.ts'
import { isEmpty, totalsOf, unnameableOf } from './plan.ts'
import type { PlanTotals } from './plan-file.ts'

/** Both places as they are now: what a plan says of them is not believed. */
async function lookNow(
  ground: PlanGround,
): Promise<Pick<Judged, 'unnameable' | 'filters'> & PlanTotals> {
  const { files } = ground
  const folder = await files.temporaryFolder()
  try {
    const { parts, filters } = await compare(ground, folder)
    return { ...totalsOf(parts), unnameable: unnameableOf(parts), filters }
  } finally {
    await files.remove(folder)
  }
}

/**
 * Takes over a plan that another run wrote. Nothing in it is trusted: all of it is checked against this
 * run's request, and every guard is judged again. Throws SyncError when it belongs to another request.
 */
export async function adoptPlanFile(ground: PlanGround): Promise<Plan> {
  const { files, path, source, destination, rules, mode, write, clock } = ground
  if (!(await files.isFile(path)))
    throw new SyncError('input', `There is no plan at ${path}.`, {
      hint: 'Set plan-dir to the folder that holds plan.ndjson of a run with mode: plan. Nothing was touched.',
    })
  const header = headerOf(ground, { rules, write }, clock.now())
  const plan = await checkPlanFile({ ...ground, header })
  const { trailer } = plan
  const sourceIsEmpty = !source.single && (await isEmpty(source))
  const now =
    trailer.deletes.objects > 0
      ? await lookNow(ground)
      : { ...trailer, unnameable: undefined, filters: undefined }
  const missing = {
    objects: Math.min(
      trailer.reasons['missing']?.objects ?? 0,
      now.reasons['missing']?.objects ?? 0,
    ),
    bytes: 0,
  }
  const refused = judge({
    source,
    destination,
    rules,
    mode,
    sourceIsEmpty,
    // What is deleted stands in the plan, what is left of it afterwards depends on what is there now.
    trailer: { deletes: trailer.deletes, inScope: now.inScope, reasons: { missing } },
    unnameable: plan.unnameable ?? now.unnameable,
    filters: now.filters,
  })
  return { ...plan, refused, idleGlobs: now.filters?.idle }
}
