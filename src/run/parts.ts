import { explain } from '../errors/sync-error.ts'
import type { Plan } from '../model/op.ts'
import { INDEX_FILE, isPart, PARTS_FOLDER } from '../model/shard.ts'
import { humanObjects } from '../model/units.ts'
import { adoptPart, partAt, refusedByCounts } from '../plan/adopt-part.ts'
import type { PlanContext, PlanRequest } from '../plan/compare.ts'
import { cutPlan } from '../plan/cut.ts'
import { headerOf } from '../plan/header.ts'
import { MOST_INDEX_BYTES, readIndex } from '../plan/plan-index.ts'
import { handOver, jobCut } from './hand-over.ts'
import type { Run } from './pipeline.ts'
import { bytesOf } from './plan-dir.ts'
import type { Ready } from './ready.ts'

/** Why others may not carry a plan out, where they cannot find that out by themselves. */
function lastingRefusal({ request, facts }: Ready, plan: Plan): string | undefined {
  if (!plan.refused) return undefined
  const { source, destination } = facts
  const { selection: rules, mode } = request
  const counted = refusedByCounts({ source, destination, rules, mode }, plan.trailer)
  return counted ? undefined : explain(plan.refused, 'plan').title
}

/** Cuts the plan into as many parts as are asked for, into a folder of the report folder; else it stays one. */
export async function cutParts(
  { ports, log, record }: Run,
  ready: Ready,
  plan: Plan,
): Promise<void> {
  const { request, facts, paths } = ready
  const { shard } = request
  if (!shard || isPart(shard)) return
  const asked = jobCut(ready)
  // Nobody judges its guards once more where a job carries it out.
  const job = plan.refused ? undefined : asked
  if (asked && !job)
    log.line('warn', 'No job of S3 Batch Operations is prepared, because this plan is refused.')
  const index = await cutPlan(ports.files, paths.parts, plan, {
    parts: shard.parts,
    streamed: facts.transferPath.streamed !== undefined,
    refused: lastingRefusal(ready, plan),
    job,
  })
  record.found.parts = { index, handed: [] }
  log.line(
    'info',
    `The plan is cut into ${humanObjects(index.parts.length, 'part')} in ${PARTS_FOLDER}/: plan-id ${index.planId}.`,
  )
  const handed = await handOver(ports.files, ready, index)
  if (handed !== undefined) log.line('info', handed)
}

/** Lists the range of one part of a plan, and writes what still holds of it. */
export async function listPart(
  { record }: Run,
  { request, paths, planDir }: Ready,
  planned: PlanRequest,
  context: PlanContext,
): Promise<Plan | undefined> {
  const { shard, planId } = request
  if (!isPart(shard)) return undefined
  const { files, clock } = context
  const header = headerOf(planned, planned, clock.now())
  await planDir.bring(INDEX_FILE, MOST_INDEX_BYTES)
  const plan = await readIndex({ files, planDir: planDir.path, header, planId })
  const { number, of } = shard
  const { file, ops } = partAt(plan, number, of)
  await planDir.bring(file, bytesOf(ops))
  record.found.parts = { index: plan.index, handed: [] }
  return adoptPart(planned, { plan, number, path: paths.carried }, header, context)
}
