import { createCipheriv } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import type { ToldObject } from './upload-server.ts'

/** A folder to upload. */
export interface Folder {
  readonly path: string
  readonly bytes: number
  /** What an upload of it has to leave below a prefix. */
  readonly objects: readonly ToldObject[]
}

const MIB = 2 ** 20
const FILES_PER_FOLDER = 100
const ENDINGS = ['js', 'css', 'html', 'png', 'json', 'svg']

/** Bytes that are the same on every machine, and never repeat. */
function noise(): (size: number) => Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  return (size) => cipher.update(Buffer.alloc(size))
}

const digits = (at: number): string => String(at).padStart(5, '0')

/** Small files as a website has them: text, 1 to 16 KB, a hundred in a folder. */
export async function makeSmallFiles(root: string, count: number): Promise<Folder> {
  const random = noise()
  const objects: ToldObject[] = []
  for (let at = 0; at < count; at++) {
    const folder = `part-${digits(Math.floor(at / FILES_PER_FOLDER))}`
    if (at % FILES_PER_FOLDER === 0) await mkdir(path.join(root, folder), { recursive: true })
    const size = 1024 + ((at * 7919) % (15 * 1024))
    const name = `${folder}/file-${digits(at)}.${ENDINGS[at % ENDINGS.length]}`
    const content = Buffer.from(random(size).toString('base64').slice(0, size))
    await writeFile(path.join(root, name), content)
    objects.push([name, size, crc32(content)])
  }
  return folderOf(root, objects)
}

/** Large files: names of one file, so that they cost its bytes once. */
export async function makeLargeFiles(root: string, count: number, bytes: number): Promise<Folder> {
  await mkdir(root, { recursive: true })
  const random = noise()
  const nameOf = (at: number) => `large-${digits(at)}.bin`
  const first = path.join(root, nameOf(0))
  const file = await open(first, 'w')
  let crc = 0
  for (let done = 0; done < bytes; done += MIB) {
    const piece = random(Math.min(MIB, bytes - done))
    crc = crc32(piece, crc)
    await file.write(piece)
  }
  await file.close()
  for (let at = 1; at < count; at++) await link(first, path.join(root, nameOf(at)))
  return folderOf(
    root,
    Array.from({ length: count }, (_, at) => [nameOf(at), bytes, crc]),
  )
}

/** One file of zeros that takes no room. */
export async function makeSparseFile(root: string, bytes: number): Promise<Folder> {
  await mkdir(root, { recursive: true })
  const file = await open(path.join(root, 'sparse.bin'), 'w')
  await file.truncate(bytes)
  await file.close()
  const zeros = Buffer.alloc(MIB)
  let crc = 0
  for (let done = 0; done < bytes; done += MIB)
    crc = crc32(zeros.subarray(0, Math.min(MIB, bytes - done)), crc)
  return folderOf(root, [['sparse.bin', bytes, crc]])
}

const folderOf = (root: string, objects: readonly ToldObject[]): Folder => ({
  path: root,
  bytes: objects.reduce((sum, [, bytes]) => sum + bytes, 0),
  objects,
})

/** Writes every file anew with the bytes that it has, as a build does. */
export async function rebuild(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const content = await readFile(file)
    await rm(file)
    await writeFile(file, content)
  }
}
