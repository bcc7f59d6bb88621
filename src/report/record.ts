import type { Session } from '../credentials/session.ts'
import { explain } from '../errors.ts'
import type { Execution } from '../execute/execute.ts'
import type { Plan } from '../model/op.ts'
import type { Room, RoomTiming, Toolchain } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanSeconds } from '../model/units.ts'
import type { Log, Ports } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import type { Verification } from '../verify/verify.ts'

/** What is known of a run so far; each room adds what it found, so that a report can be made at any point. */
export interface RunRecord {
  readonly startedMs: number
  request?: SyncRequest
  session?: Session
  toolchain?: Toolchain | undefined
  /** Why s5cmd was not had, where the run goes on without it. */
  toolchainProblem?: string | undefined
  facts?: Facts
  plan?: Plan
  /** The plan is being carried out, or was: each of its ops must be accounted for. */
  executing?: boolean
  execution?: Execution
  verification?: Verification
  failure?: unknown
  readonly rooms: RoomTiming[]
  readonly warnings: string[]
}

/** What the walk through the rooms takes along. */
export interface Walk {
  readonly ports: Ports
  readonly record: RunRecord
  /** As loud as the request asks, once it is read. */
  log: Log
}

/** A walk that starts now. */
export const newWalk = (ports: Ports): Walk => ({
  ports,
  record: { startedMs: ports.clock.now(), rooms: [], warnings: [] },
  log: ports.host.log('info'),
})

/** Whether the run was asked to copy, not only to plan. */
export const writes = ({ request }: RunRecord): boolean =>
  request?.mode === 'sync' && !request.dryRun

/**
 * Walks through one room, which gives its value and its closing line: the room's log is a group, the
 * line stands below it, and its time is kept.
 */
export async function enter<T>(
  walk: Walk,
  room: Room,
  work: () => Promise<readonly [value: T, line: string]>,
): Promise<T> {
  const { ports, record } = walk
  ports.host.cancelled.throwIfAborted()
  const startedMs = ports.clock.now()
  const close = (line: string): void => {
    const seconds = (ports.clock.now() - startedMs) / 1000
    record.rooms.push({ room, seconds, line })
    walk.log.line('info', `${room}: ${line}, ${humanSeconds(seconds)}`)
  }
  try {
    const [value, line] = await walk.log.group(room, work)
    close(line)
    return value
  } catch (error) {
    close(explain(error).title)
    throw error
  }
}
