import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import {
  access,
  chmod,
  type FileHandle,
  lstat,
  mkdtemp,
  open,
  readdir,
  realpath,
  stat,
  statfs,
} from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { FileKind } from '../model/folder.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import type { Files, LineWriter } from '../ports.ts'
import { type FileCalls, fileCalls } from './file-calls.ts'
import { lineSplitter } from './line-splitter.ts'
import { makeFolders } from './make-folders.ts'
import { openRegular, piecesOf, readText } from './regular-file.ts'

const CHUNK_CHARS = 64 * 1024
const READ_BYTES = 256 * 1024
// As text it is small enough for what V8 keeps for a moment: larger ones get memory of their own each time.
const LINES_BYTES = 64 * 1024
const NEWLINE = 0x0a

async function makeFolder(folder: string): Promise<void> {
  makeFolders(folder)
}

async function realPath(file: string): Promise<string> {
  const above = path.dirname(file)
  return realpath(file).catch(async () =>
    above === file ? file : path.join(await realPath(above), path.basename(file)),
  )
}

async function temporaryFolder(): Promise<string> {
  const parent = path.resolve(process.env['RUNNER_TEMP'] || os.tmpdir())
  await makeFolder(parent)
  return mkdtemp(path.join(parent, 's3-direct-sync-'))
}

/** What is said of a path at which there is nothing, as of one below a file. */
const isNothingThere = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isNothingThere(error)) return []
    throw error
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )

async function kindOf(file: string): Promise<FileKind | undefined> {
  try {
    const found = await lstat(file)
    if (found.isSymbolicLink()) return 'link'
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (isNothingThere(error)) return undefined
    throw error
  }
}

async function removeFile(file: string, calls: FileCalls): Promise<void> {
  await calls.unlink(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

// Windows does not have it; a link is not opened there as a file that is to be new.
const { O_NOFOLLOW = 0, O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants

/** Opens a file that nobody else made, in place of a file or a link. */
async function openNew(file: string, calls: FileCalls): Promise<FileHandle> {
  const kind = await kindOf(file)
  if (kind === 'file' || kind === 'link') await removeFile(file, calls)
  return open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
}

/** Node does not say which file a write was meant for; the folder ends with the runner, the name means something. */
const naming =
  (file: string) =>
  (error: unknown): never => {
    if (error instanceof Error && !('path' in error) && 'syscall' in error)
      error.message += ` '${path.basename(file).replace(/\.[\da-f-]{36}\.part$/, '')}'`
    throw error
  }

async function writeText(file: string, text: string, calls: FileCalls): Promise<void> {
  const unfinished = unfinishedPath(file)
  const handle = await openNew(unfinished, calls)
  try {
    await handle
      .writeFile(text)
      .catch(naming(file))
      .finally(() => handle.close())
    await calls.rename(unfinished, file)
  } catch (error) {
    await removeFile(unfinished, calls)
    throw error
  }
}

async function startOf(file: string, mostBytes: number): Promise<string> {
  const handle = await openRegular(file, O_NOFOLLOW)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function writer(
  file: string,
  mode: 'append' | undefined,
  calls: FileCalls,
): Promise<LineWriter> {
  const handle = await (mode === 'append'
    ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
    : openNew(file, calls))
  let pending = ''
  // One chunk after the other; a failed one fails all that follow.
  let written = Promise.resolve()
  const put = (chunk: string | Uint8Array): Promise<void> => {
    written = written.then(() => handle.writeFile(chunk).catch(naming(file)))
    return written
  }
  const flush = (): Promise<void> => {
    const chunk = pending
    pending = ''
    return put(chunk)
  }
  return {
    write: (line) => {
      pending += `${line}\n`
      return pending.length >= CHUNK_CHARS ? flush() : undefined
    },
    append: async (bytes) => {
      if (pending !== '') await flush()
      await put(bytes)
    },
    appendFile: async (path, see) => {
      if (pending !== '') await flush()
      await using source = await openRegular(path)
      for await (const piece of piecesOf(source)) {
        see?.(piece)
        await put(piece)
      }
    },
    close: async () => {
      try {
        await flush()
      } finally {
        await handle.close()
      }
    },
  }
}

async function* lineBlocks(file: string): AsyncGenerator<readonly string[]> {
  const splitter = lineSplitter()
  await using handle = await openRegular(file)
  const pieces = piecesOf(handle, { pieceBytes: LINES_BYTES })
  for await (const piece of pieces) yield splitter.push(piece)
  yield splitter.end()
}

async function* lines(file: string): AsyncGenerator<string> {
  for await (const block of lineBlocks(file)) for (const line of block) yield line
}

async function* lineBytes(file: string): AsyncGenerator<Buffer> {
  await using handle = await openRegular(file)
  const memory = Buffer.allocUnsafeSlow(LINES_BYTES)
  let kept = 0
  for (;;) {
    const { bytesRead } = await handle.read(memory, kept, memory.length - kept, null)
    const read = memory.subarray(0, kept + bytesRead)
    const isAll = bytesRead === 0 || read.length === memory.length
    // What has no end is all there is, or a piece of a line that is longer than the memory.
    const end = read.lastIndexOf(NEWLINE) + 1 || (isAll ? read.length : 0)
    if (end > 0) yield read.subarray(0, end)
    if (bytesRead === 0) return
    kept = read.length - end
    memory.copyWithin(0, end, read.length)
  }
}

async function* chunks(file: string): AsyncGenerator<Uint8Array> {
  await using handle = await openRegular(file)
  yield* piecesOf(handle)
}

async function* gunzipped(file: string): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(file)
  const unpacked = createGunzip()
  // A failure of either is told to whoever reads.
  const fed = pipeline(handle.createReadStream({ highWaterMark: READ_BYTES }), unpacked)
  fed.catch(() => {})
  yield* unpacked
  await fed
}

async function diskSpace(folder: string) {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await using handle = await openRegular(file)
  for await (const piece of piecesOf(handle)) hash.update(piece)
  return hash.digest('hex')
}

/** A file system, whose files are replaced and removed by the given calls. */
export const filesBy = (calls: FileCalls): Files => ({
  makeFolder: (folder) => makeFolder(path.resolve(folder)),
  temporaryFolder,
  remove: calls.removeAll,
  removeFile: (file) => removeFile(file, calls),
  kindOf,
  startOf,
  exists,
  isFile,
  realPath,
  names,
  awsConfig: async () => (await import('./aws-config.ts')).readAwsConfig(),
  readText,
  writeText: (file, text) => writeText(file, text, calls),
  rename: calls.rename,
  writer: (file, mode) => writer(file, mode, calls),
  lines,
  lineBlocks,
  lineBytes,
  chunks,
  gunzipped,
  diskSpace,
  sha256,
  makeExecutable: (file) => chmod(file, 0o755),
  join: (...parts) => path.resolve(path.join(...parts)),
})

/** The file system of this machine. */
export const localFiles: Files = filesBy(fileCalls())
