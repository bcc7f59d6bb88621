import type { Batch } from '../model/batch.ts'
import type { Files } from '../ports.ts'

const two = (number: number): string => String(number).padStart(2, '0')

function stamp(ms: number): string {
  const time = new Date(ms)
  const date = `${time.getUTCFullYear()}${two(time.getUTCMonth() + 1)}${two(time.getUTCDate())}`
  return `${date}_${two(time.getUTCHours())}${two(time.getUTCMinutes())}${two(time.getUTCSeconds())}`
}

/** Name of a batch's `s5cmd run` file; the time is UTC. */
const batchFileName = (startedAtMs: number, id: number): string =>
  `s5cmd_batch_${stamp(startedAtMs)}_${String(id).padStart(3, '0')}.txt`

/** Whether a file name is one that a batch has. */
export const isBatchFileName = (name: string): boolean =>
  /^s5cmd_batch_\d{8}_\d{6}_\d{3,}\.txt$/.test(name)

/** Writes the lines of a batch as a file that a person can run with `s5cmd run`, and gives its path. */
export async function writeBatchFile(
  { id }: Pick<Batch, 'id'>,
  lines: readonly string[],
  place: { readonly files: Files; readonly folder: string; readonly startedAtMs: number },
): Promise<string> {
  const path = place.files.join(place.folder, batchFileName(place.startedAtMs, id))
  await place.files.writeText(path, `${lines.join('\n')}\n`)
  return path
}
