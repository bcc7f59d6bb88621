import type { Session } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import { isDiskScarce, NO_DISK_BYTES } from '../model/scarcity.ts'
import { humanBytes, humanSeconds } from '../model/units.ts'
import { IDENTITY_SOURCES } from '../model/wording.ts'
import type { Clock, Files, System } from '../ports.ts'
import type { ToolchainResult } from '../s5cmd/install/toolchain.ts'
import type { Store } from '../storage/store.ts'
import { blocked, type CheckResult, checked, inconclusive } from './check-result.ts'

/** Whether s5cmd can be run; it was, when it was installed. */
export function toolCheck({ toolchain, toolchainProblem }: ToolchainResult): CheckResult<never> {
  if (toolchain) return checked('s5cmd', 'pass', `${toolchain.reported} runs`)
  return toolchainProblem
    ? checked('s5cmd', 'warn', 'not available: the direct engine copies everything')
    : checked('s5cmd', 'not-needed', 'the direct engine copies everything')
}

/** Who writes the destination; STS was asked, where there is one. */
export const identityCheck = ({ facts: { arn, source } }: Session): CheckResult<never> =>
  source === 'none'
    ? checked('identity', 'not-needed', 'unsigned requests')
    : arn
      ? checked('identity', 'pass', arn)
      : checked(
          'identity',
          'not-known',
          `${IDENTITY_SOURCES[source]}: the service does not return the account`,
        )

const LEAST_MEMORY_BYTES = 512e6

/** Whether there is as much memory as s5cmd and this process want. */
export function memoryCheck(system: Pick<System, 'availableMemoryBytes'>): CheckResult<never> {
  const bytes = system.availableMemoryBytes()
  if (bytes === undefined)
    return checked('memory', 'not-known', 'this system does not report available memory')
  const text = `${humanBytes(bytes)} available`
  return bytes < LEAST_MEMORY_BYTES
    ? checked('memory', 'warn', `${text}: ${humanBytes(LEAST_MEMORY_BYTES)} are recommended`)
    : checked('memory', 'pass', text)
}

/** Whether there is room for the files of the run. */
export async function diskCheck(
  files: Pick<Files, 'diskSpace'>,
  folder: string,
): Promise<CheckResult<never>> {
  try {
    const space = await files.diskSpace(folder)
    const { freeBytes, totalBytes } = space
    const text = `${humanBytes(freeBytes)} free on the disk of report-dir`
    if (freeBytes < NO_DISK_BYTES)
      return blocked(
        'disk',
        new SyncError('preflight', `The disk is full: ${text}.`, {
          hint: 'Free some disk space, or set report-dir to another disk. Nothing was touched.',
        }),
      )
    const used = 1 - freeBytes / totalBytes
    return isDiskScarce(space)
      ? checked('disk', 'warn', `${text}: ${Math.floor(used * 100)}% of that disk is in use`)
      : checked('disk', 'pass', text)
  } catch (error) {
    return inconclusive('disk', error)
  }
}

const NOTABLE_SKEW_MS = 5 * 60_000
/** S3 refuses requests that are signed with a time further away. */
const MOST_SKEW_MS = 15 * 60_000

/** Whether the service answers, and its clock is that of this machine. */
export function clockCheck(
  store: Store,
  clock: Clock,
  { toolchain }: ToolchainResult,
): CheckResult<never> {
  const serverMs = store.serverTimeMs()
  if (serverMs === undefined)
    return checked('clock', 'not-known', 'the service sends no Date header')
  const skewMs = clock.now() - serverMs
  const apart = humanSeconds(Math.abs(skewMs) / 1000)
  const text = `the clock of this runner is ${apart} ${skewMs < 0 ? 'behind' : 'ahead of'} the service's`
  if (Math.abs(skewMs) <= NOTABLE_SKEW_MS)
    return checked('clock', 'pass', 'runner and service agree')
  if (Math.abs(skewMs) <= MOST_SKEW_MS || !toolchain) return checked('clock', 'warn', text)
  return blocked(
    'clock',
    new SyncError('preflight', `S3 would reject the signatures of s5cmd: ${text}.`, {
      hint: 'Correct the clock of the runner, or use engine: direct, which adjusts to the clock of the service. Nothing was touched.',
    }),
  )
}
