import { SyncError } from '../errors.ts'
import type { SizeClass } from '../model/batch.ts'
import type { Op } from '../model/op.ts'
import type { RouteReason } from '../model/outcome.ts'
import type { CarryRequest } from '../model/request.ts'
import { type RouteRules, routeToDirect, s5cmdCannot } from './route.ts'
import { sizeClassOf, workersFor } from './tuning.ts'

/** What the whole plan asks of the engines, known before anything is copied. */
export interface Survey {
  readonly routes: RouteRules
  /** Objects in parallel to start with. */
  readonly workers: number
  readonly s5cmdOps: number
  readonly directOps: number
}

const NAMED = 5

function refuse(stuck: readonly { op: Op; why: RouteReason }[], more: number): never {
  const named = stuck.map(({ op, why }) => `- ${JSON.stringify(op.key)} (${why})`).join('\n')
  const rest = more > 0 ? `\nand ${more} more` : ''
  throw new SyncError('guard', `The plan holds objects that s5cmd cannot carry:\n${named}${rest}`, {
    hint: 'Set engine: auto, and the direct engine carries these. Nothing was copied.',
  })
}

/** Reads the whole plan once. Throws SyncError when `engine: s5cmd` was asked for and cannot carry it all. */
export async function survey(
  ops: AsyncIterable<Op>,
  routes: RouteRules,
  how: CarryRequest,
): Promise<Survey> {
  const classes = new Set<SizeClass>()
  const stuck: { op: Op; why: RouteReason }[] = []
  const counts = { s5cmd: 0, direct: 0, stuck: 0 }
  for await (const op of ops) {
    classes.add(sizeClassOf(op.size))
    counts[routeToDirect(op, routes) ? 'direct' : 's5cmd']++
    const why = routes.engine === 's5cmd' ? s5cmdCannot(op, routes) : undefined
    if (!why) continue
    counts.stuck++
    if (stuck.length < NAMED) stuck.push({ op, why })
  }
  if (counts.stuck > 0) refuse(stuck, counts.stuck - stuck.length)
  const workers = workersFor(how, classes)
  return { routes, workers, s5cmdOps: counts.s5cmd, directOps: counts.direct }
}
