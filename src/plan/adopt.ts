import { SyncError } from '../errors.ts'
import { takeInventories } from '../inventory/inventory.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import type { Plan } from '../model/op.ts'
import { checkPlanFile } from './check-plan.ts'
import { judge } from './guard.ts'
import { headerOf } from './header.ts'
import { joinRows, NO_ROWS } from './join.ts'
import { isEmpty, type PlanGround } from './plan.ts'
import { narrowed, type Scope, scopeOf } from './scope.ts'

/** Objects in scope at the destination as it is now: what a plan says of it is not believed. */
async function countInScope(ground: PlanGround, inScope: Scope): Promise<number> {
  const { files } = ground
  const { place: destination, within } = narrowed(ground.destination, ground.rules)
  const folder = await files.temporaryFolder()
  try {
    const counts = await takeInventories(
      { source: destination },
      async (rows) => {
        let count = 0
        const take = (object?: { readonly key: KeyBytes }) => {
          const key = object && ((toKeyBytes(within) + object.key) as KeyBytes)
          // As in the plan, the destination's own marker does not count.
          if (key && inScope(key)) count++
        }
        await joinRows(rows, NO_ROWS, { take, pause: async () => {} })
        return count
      },
      { ...ground, folder },
    )
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    await files.remove(folder)
  }
}

/**
 * Takes over a plan that another run wrote. Nothing in it is trusted: all of it is checked against this
 * run's request, and every guard is judged again. Throws SyncError with the reason.
 */
export async function adoptPlanFile(ground: PlanGround): Promise<Plan> {
  const { files, path, source, destination, rules, write, clock } = ground
  if (!(await files.isFile(path)))
    throw new SyncError('input', `There is no plan at ${path}.`, {
      hint: 'Set plan-dir to the folder that holds plan.ndjson of a run with mode: plan. Nothing was touched.',
    })
  const inScope = scopeOf(source, rules)
  const header = headerOf({ source, destination }, { rules, write }, clock.now())
  const plan = await checkPlanFile({ path, files, source, destination, inScope, header })
  const { deletes } = plan.trailer
  const sourceIsEmpty = !source.single && (await isEmpty(source))
  const now = {
    inScope: deletes.objects > 0 ? await countInScope(ground, inScope) : plan.trailer.inScope,
    deletes,
  }
  judge({ ...ground, trailer: now, sourceIsEmpty, unnameable: plan.unnameable })
  return plan
}
