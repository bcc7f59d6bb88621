import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Files, LineWriter } from '../ports.ts'
import { lineSplitter } from './line-splitter.ts'

const CHUNK_CHARS = 64 * 1024

async function temporaryFolder(): Promise<string> {
  const parent = path.resolve(process.env['RUNNER_TEMP'] || os.tmpdir())
  await mkdir(parent, { recursive: true })
  return mkdtemp(path.join(parent, 's3-direct-sync-'))
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
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

async function writer(file: string, mode?: 'append'): Promise<LineWriter> {
  const handle = await open(file, mode === 'append' ? 'a' : 'w')
  let pending = ''
  // One chunk after the other; a failed one fails all that follow.
  let written = Promise.resolve()
  const put = (chunk: string | Uint8Array): Promise<void> => {
    written = written.then(() => handle.writeFile(chunk))
    return written
  }
  const flush = (): Promise<void> => {
    const chunk = pending
    pending = ''
    return put(chunk)
  }
  return {
    write: async (line) => {
      pending += `${line}\n`
      if (pending.length >= CHUNK_CHARS) await flush()
    },
    append: async (bytes) => {
      if (pending !== '') await flush()
      await put(bytes)
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

async function* lines(file: string): AsyncGenerator<string> {
  const splitter = lineSplitter()
  const chunks: AsyncIterable<Buffer> = createReadStream(file)
  for await (const chunk of chunks) yield* splitter.push(chunk)
  yield* splitter.end()
}

async function diskSpace(folder: string) {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** The file system of this machine. */
export const localFiles: Files = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true })
  },
  temporaryFolder,
  remove: (file) => rm(file, { recursive: true, force: true }),
  exists,
  isFile,
  realPath: (file) => realpath(file).catch(() => file),
  names,
  awsConfig: async () => (await import('./aws-config.ts')).readAwsConfig(),
  readText: (file) => readFile(file, 'utf8'),
  writeText: (file, text) => writeFile(file, text),
  rename,
  writer,
  lines,
  chunks: (file) => createReadStream(file, { highWaterMark: CHUNK_CHARS }),
  diskSpace,
  sha256,
  makeExecutable: (file) => chmod(file, 0o755),
  join: (...parts) => path.resolve(path.join(...parts)),
}
