import { SyncError } from '../errors/sync-error.ts'
import { type SizeClass, sizeClassOf } from '../model/batch.ts'
import type { CopyOp } from '../model/op.ts'
import type { CopyEngineName, RouteReason } from '../model/outcome.ts'
import type { TransferRequest } from '../model/request.ts'
import type { Tuned } from '../model/tuned.ts'
import { humanObjects } from '../model/units.ts'
import { type RouteRules, routeToDirect, s5cmdCannot } from './router.ts'
import { type Workload, workersFor } from './tuning.ts'

/** What the whole plan asks of the engines, known before anything is copied. */
export interface Survey {
  readonly routes: RouteRules
  /** Objects in parallel to start with, and why. */
  readonly workers: Tuned
  readonly work: Workload
  /** Ops by the engine that carries them. */
  readonly ops: Readonly<Record<CopyEngineName, number>>
  /** Why ops go to the direct engine, and how many. */
  readonly because: ReadonlyMap<RouteReason, number>
  /** The engines that have work. */
  readonly engines: readonly CopyEngineName[]
  /** Size classes of what s5cmd carries. */
  readonly s5cmdClasses: ReadonlySet<SizeClass>
  /** Ops that overwrite: never forbids: with one of them nothing is copied. */
  readonly conflicts: number
}

/** What a survey goes by. */
export interface SurveyInput {
  readonly routes: RouteRules
  readonly transfer: TransferRequest
  readonly work: Omit<Workload, 'classes'>
}

const NAMED = 5

function refuse(stuck: readonly { op: CopyOp; why: RouteReason }[], more: number): never {
  const named = stuck.map(({ op, why }) => `- ${JSON.stringify(op.key)} (${why})`).join('\n')
  const rest = more > 0 ? `\nand ${more} more` : ''
  throw new SyncError(
    'guard',
    `The plan contains objects that s5cmd cannot copy:\n${named}${rest}`,
    {
      title: `s5cmd cannot copy ${humanObjects(stuck.length + more)} of the plan`,
      hint: 'Set engine: auto: the direct engine copies these objects. Nothing was copied.',
    },
  )
}

/** Looks at the whole plan, whose ops come in blocks. Throws SyncError when `engine: s5cmd` was asked for and cannot carry it all. */
export async function survey(
  blocks: AsyncIterable<readonly CopyOp[]>,
  { routes, transfer, work: known }: SurveyInput,
): Promise<Survey> {
  const classes = new Set<SizeClass>()
  const s5cmdClasses = new Set<SizeClass>()
  const stuck: { op: CopyOp; why: RouteReason }[] = []
  const counts = { s5cmd: 0, direct: 0 }
  const because = new Map<RouteReason, number>()
  let left = 0
  let conflicts = 0
  const look = (op: CopyOp): void => {
    classes.add(sizeClassOf(op.size))
    if (op.reason === 'destination-conflict') conflicts++
    const direct = routeToDirect(op, routes)
    counts[direct ? 'direct' : 's5cmd']++
    if (direct) because.set(direct, (because.get(direct) ?? 0) + 1)
    else s5cmdClasses.add(sizeClassOf(op.size))
    // What nothing can carry fails by name, whoever was asked for.
    const hopeless = op.unnameable || op.archived
    const why =
      routes.transfer.engine === 's5cmd' && !hopeless ? s5cmdCannot(op, routes) : undefined
    if (!why) return
    if (stuck.length < NAMED) stuck.push({ op, why })
    else left++
  }
  for await (const ops of blocks) for (const op of ops) look(op)
  if (stuck.length > 0) refuse(stuck, left)
  const engines = (['s5cmd', 'direct'] as const).filter((name) => counts[name] > 0)
  const { averageBytes, streamed, sameRegion, cores, memoryBytes } = known
  const work = { classes, averageBytes, streamed, sameRegion, cores, memoryBytes }
  const workers = workersFor(transfer, work)
  return { routes, workers, work, ops: counts, because, engines, s5cmdClasses, conflicts }
}
