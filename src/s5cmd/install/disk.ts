import { SyncError } from '../../errors/sync-error.ts'
import { humanBytes } from '../../model/units.ts'
import type { InstallPorts } from './sources.ts'

/** The archive, the binary in it, and a copy of it for the tool cache, with room to spare. */
const LEAST_DISK_BYTES = 100e6

interface Space {
  readonly disk: string
  readonly freeBytes: number
}

/** Where temporary folders are; undefined when that cannot be told. */
async function temporarySpace(files: InstallPorts['files']): Promise<Space | undefined> {
  try {
    const folder = await files.temporaryFolder()
    const { freeBytes } = await files.diskSpace(folder)
    await files.remove(folder)
    return { disk: files.join(folder, '..'), freeBytes }
  } catch {
    return undefined
  }
}

/** Why s5cmd cannot be unpacked on this machine; undefined when there is room, or nobody can tell. */
export async function lackOfRoom({
  files,
}: Pick<InstallPorts, 'files'>): Promise<SyncError | undefined> {
  const space = await temporarySpace(files)
  if (!space || space.freeBytes >= LEAST_DISK_BYTES) return undefined
  const [free, needed] = [space.freeBytes, LEAST_DISK_BYTES].map(humanBytes)
  const message = `There is not enough disk space for s5cmd: ${free} free in ${space.disk}, ${needed} needed.`
  return new SyncError('install', message, {
    hint: 'Free space there, set RUNNER_TEMP to another disk, or set s5cmd-path to an installed s5cmd.',
  })
}
