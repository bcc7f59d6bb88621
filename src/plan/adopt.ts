import { SyncError } from '../errors/sync-error.ts'
import type { Plan } from '../model/op.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import type { Files, Log } from '../ports.ts'
import { type Carried, carriedOf } from './approved.ts'
import { checkPlanFile } from './check-plan.ts'
import { compare, type PlanContext, type PlanRequest } from './compare.ts'
import { checkGuards } from './guard.ts'
import { headerOf } from './header.ts'
import { headersOf, nothingListed, totalsOf, unnameableOf } from './plan.ts'
import { writePlan } from './plan-file.ts'
import { Sieve } from './sieve.ts'
import { gatherStanding } from './standing.ts'

async function mustBeThere(files: Files, approved: string): Promise<void> {
  if (!(await files.isFile(approved)))
    throw new SyncError('inputs', `There is no plan at ${approved}.`, {
      hint: 'Set plan-dir to the folder that holds plan.ndjson of a run with mode: plan. Nothing was touched.',
    })
}

function tell({ approval, deleting, totals }: Carried, log: Log): void {
  const { done, outdated, unapproved } = approval
  const approved = totals.copies.objects + totals.deletes.objects + done
  const stale = outdated.copies + outdated.deletes
  const carried = totals.copies.objects - outdated.copies + deleting.objects
  const parts = [
    `${humanCount(carried)} to carry out`,
    ...(done > 0 ? [`${humanCount(done)} done already`] : []),
    ...(stale > 0 ? [`${humanCount(stale)} outdated`] : []),
  ]
  const changes = unapproved.copies + unapproved.deletes
  const left = changes > 0 ? `; ${humanObjects(changes, 'later change')} not in the plan` : ''
  log.line(
    'info',
    `Approved plan: ${humanObjects(approved, 'operation')}, ${parts.join(', ')}${left}.`,
  )
}

/**
 * Makes the plan of a run that carries out what another run planned and somebody approved. Nothing in the approved
 * file is trusted: it is checked against this run's request, both places are listed and compared as ever, and only
 * what this run decides as well enters its plan, whose counts are this run's. Every guard is judged by that.
 * Throws SyncError where the file is no plan of this request.
 */
export async function adoptPlanFile(
  request: PlanRequest,
  { approvedPath, path }: { readonly approvedPath: string; readonly path: string },
  context: PlanContext,
): Promise<Plan> {
  const { source, destination, rules, mode } = request
  const { files, clock, system, log, signal } = context
  // Lines are held by the hundred: what a listing needs would take them for long-lived.
  system.growYoungMemory()
  await mustBeThere(files, approvedPath)
  const header = headerOf(request, request, clock.now())
  const named = { copy: new Sieve(), delete: new Sieve() }
  const check = { path: approvedPath, files, source, destination, rules, header, clock, signal }
  const approved = await checkPlanFile(check, (key, kind) => named[kind].add(key))
  const folder = await files.temporaryFolder()
  try {
    // What the run plans for a key says all that an approved op of the same kind has to be compared with.
    const compared = await compare(request, folder, context, {
      isNoted: (key, planned) =>
        (planned !== 'copy' && named.copy.mayHold(key)) ||
        (planned !== 'delete' && named.delete.mayHold(key)),
      isCopied: (key) => named.copy.mayHold(key),
    })
    const { parts, filters, headers, waves, manifest, misnamed } = compared
    const totals = totalsOf(compared, rules)
    const { prefix } = destination
    const deletes = rules.delete
    const carried = await carriedOf({ approved, parts, totals, prefix, deletes, files, folder })
    tell(carried, log)
    const guards = checkGuards({
      source,
      destination,
      rules,
      mode,
      sourceIsEmpty: await nothingListed(request, totals),
      trailer: {
        deletes: carried.deleting,
        inScope: totals.inScope,
        reasons: { missing: carried.adding },
      },
      unnameable: unnameableOf(parts),
      filters,
    })
    const refused = manifest?.refused ?? misnamed ?? guards
    const plan = await writePlan({ files, path }, header, carried)
    if (request.publishedPath) await gatherStanding(files, parts, request.publishedPath)
    const { approval } = carried
    const found = headersOf(headers, log)
    return {
      ...plan,
      approval,
      refused,
      idleGlobs: filters.idle,
      waveFindings: waves,
      ...found,
    }
  } finally {
    await files.remove(folder)
  }
}
