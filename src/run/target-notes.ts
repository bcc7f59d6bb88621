import { cut, KEY_CHARS } from '../model/cut.ts'
import { writesOf } from '../model/request.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import type { Files } from '../ports.ts'
import type { Run } from './pipeline.ts'
import type { Ready } from './ready.ts'

/** Bytes that are free where a path is, or is to be; undefined where nobody tells. */
async function freeBytesAt(path: string, files: Files): Promise<number | undefined> {
  try {
    return (await files.diskSpace(path)).freeBytes
  } catch {
    const above = files.join(path, '..')
    return above === path ? undefined : freeBytesAt(above, files)
  }
}

/** Says of a folder of this runner that is the destination whether its disk has room for so many bytes. */
export async function noteSpace(
  { log, ports: { files } }: Run,
  { request: { destination, mode } }: Ready,
  bytes: number,
): Promise<void> {
  if (destination.local === undefined || mode === 'check') return
  const free = await freeBytesAt(destination.local, files)
  if (free === undefined || bytes <= free) return
  log.line(
    'warn',
    `The plan writes ${humanBytes(bytes)}, but the disk of ${destination.local} has only ${humanBytes(free)} free. Objects for which there is no room fail as DiskFull.`,
  )
}

/** Says what lies in a folder of this runner that is the destination and stays as it is, and removes what runs left there that were killed. */
export function tidyTarget({ log }: Run, { request, facts }: Ready): void {
  const { landing } = facts.destination.store
  if (!landing) return
  const { count, first } = landing.others
  if (count > 0 && request.selection.delete) {
    const named = first.map((name) => cut(JSON.stringify(name), KEY_CHARS)).join(', ')
    const more = count > first.length ? ', and more' : ''
    log.line(
      'warn',
      `The destination contains symbolic links or devices (${humanCount(count)}). They are not followed, replaced or deleted: ${named}${more}.`,
    )
  }
  // What a shard finds there may be another one's, which is at work beside it: the last job removes it.
  if (!writesOf(request) || request.shard) return
  const removed = landing.tidy()
  if (removed > 0)
    log.line('info', `Removed ${humanObjects(removed, 'unfinished file')} of an earlier run.`)
}
