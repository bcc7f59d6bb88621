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

// In pieces of their own, a program of 15 MB would be the most memory that a run ever takes.
const PIECE_BYTES = 2 ** 18

/** What a file holds from its beginning on, piece by piece, each of which is gone with the next one; `mostBytes` of it at most. */
export async function* piecesOf(
  handle: FileHandle,
  {
    mostBytes = Number.POSITIVE_INFINITY,
    pieceBytes = PIECE_BYTES,
  }: { readonly mostBytes?: number; readonly pieceBytes?: number } = {},
): AsyncGenerator<Buffer> {
  const memory = Buffer.allocUnsafeSlow(pieceBytes)
  for (let left = mostBytes; left > 0; ) {
    const { bytesRead } = await handle.read(memory, 0, Math.min(left, memory.length), null)
    if (bytesRead === 0) return
    yield memory.subarray(0, bytesRead)
    left -= bytesRead
  }
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
  if (all.length > mostBytes) throw new Error(`it is larger than ${mostBytes / 1024} KiB`)
  return all.toString()
}
