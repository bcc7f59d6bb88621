import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

// Windows does not have it.
const { O_NONBLOCK = 0, O_RDONLY } = constants

/** Opens a file to read it. Throws where it is a folder, a device or a pipe, and does not wait for who writes to one. */
export async function openRegular(file: string, flags = 0): Promise<FileHandle> {
  const handle = await open(file, O_RDONLY | O_NONBLOCK | flags)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new Error('it is not a regular file')
}

/** The text of a regular file of at most so many bytes. Throws where it has more. */
export async function readText(
  file: string,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<string> {
  const handle = await openRegular(file)
  // One byte more tells that there are too many, whatever size the file says it has.
  const read: AsyncIterable<Buffer> = handle.createReadStream({ end: mostBytes })
  const chunks: Buffer[] = []
  for await (const chunk of read) chunks.push(chunk)
  const all = Buffer.concat(chunks)
  if (all.length > mostBytes) throw new Error(`it has more than ${mostBytes / 1024} KiB`)
  return all.toString()
}
