import { SyncError } from '../errors/sync-error.ts'
import type { Plan } from '../model/op.ts'
import { checkPlanFile } from './check-plan.ts'
import { compare, type FilterFindings, type PlanGround } from './compare.ts'
import { judge } from './guard.ts'
import { headerOf } from './header.ts'
import { isEmpty } from './plan.ts'

/** Objects in scope at the destination, and what the filters do, as it is now: what a plan says of it is not believed. */
async function lookNow(
  ground: PlanGround,
): Promise<{ readonly inScope: number; readonly filters: FilterFindings }> {
  const { files } = ground
  const folder = await files.temporaryFolder()
  try {
    const { parts, filters } = await compare(ground, folder)
    return { inScope: parts.reduce((sum, { inScope }) => sum + inScope, 0), filters }
  } finally {
    await files.remove(folder)
  }
}

/**
 * Takes over a plan that another run wrote. Nothing in it is trusted: all of it is checked against this
 * run's request, and every guard is judged again. Throws SyncError with the reason.
 */
export async function adoptPlanFile(ground: PlanGround): Promise<Plan> {
  const { files, path, source, rules, write, clock } = ground
  if (!(await files.isFile(path)))
    throw new SyncError('input', `There is no plan at ${path}.`, {
      hint: 'Set plan-dir to the folder that holds plan.ndjson of a run with mode: plan. Nothing was touched.',
    })
  const header = headerOf(ground, { rules, write }, clock.now())
  const plan = await checkPlanFile({ ...ground, header })
  const { deletes } = plan.trailer
  const sourceIsEmpty = !source.single && (await isEmpty(source))
  const now = deletes.objects > 0 ? await lookNow(ground) : undefined
  const trailer = { inScope: now?.inScope ?? plan.trailer.inScope, deletes }
  const filters = now?.filters
  judge({ ...ground, trailer, sourceIsEmpty, unnameable: plan.unnameable, filters })
  return { ...plan, idleGlobs: filters?.idle }
}
