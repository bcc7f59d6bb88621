import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs'
import { type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import type { FileFacts, FileKind, Folder, OpenFile, SmallFile } from '../model/folder.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import { pathsOf, thisPlatform } from './platform.ts'

// Windows has neither.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants

const kindOf = (found: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileKind =>
  found.isSymbolicLink()
    ? 'link'
    : found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'folder'
        : 'other'

const EXECUTABLE = 0o111

/** `isPosix`: whether the mode means anything. */
export const factsOf = (found: Stats, isPosix: boolean): FileFacts => ({
  kind: kindOf(found),
  size: found.size,
  modifiedMs: found.mtimeMs,
  changedMs: found.ctimeMs,
  // By the second time it is seen that a file was written to, whatever its first one was set to.
  stamp: `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`,
  id: `${found.dev}:${found.ino}`,
  isExecutable: isPosix && found.isFile() && (found.mode & EXECUTABLE) !== 0,
})

/** What is said of a path that leads nowhere: through what is no folder, in circles, or by a name that no file can have. */
const GONE: ReadonlySet<string | undefined> = new Set([
  ...['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'],
  // Of a name with a NUL, which Node passes to no system.
  'ERR_INVALID_ARG_VALUE',
])

const unlessGone = (error: NodeJS.ErrnoException): undefined => {
  if (!GONE.has(error.code)) throw error
}

/** So many bytes of an open file, or as many as there are. */
function wholeOf(handle: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let filled = 0
  while (filled < size) {
    const length = readSync(handle, bytes, filled, size - filled, filled)
    if (length === 0) break
    filled += length
  }
  return bytes.subarray(0, filled)
}

class Handle implements OpenFile {
  readonly #handle: FileHandle
  readonly #isPosix: boolean

  constructor(handle: FileHandle, isPosix: boolean) {
    this.#handle = handle
    this.#isPosix = isPosix
  }

  async facts(): Promise<FileFacts> {
    return factsOf(await this.#handle.stat(), this.#isPosix)
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, at + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** Node throws for what lies below a file, though there is no entry. */
function isLink(path: string | Buffer): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code)) return false
    throw error
  }
}

const behindLink = (): Error =>
  Object.assign(new Error('a folder of its path is a symbolic link'), { code: 'ELOOP' })

/** A name of Windows that is no text, in bytes that are none either. */
const noText = (name: string): KeyBytes =>
  `\xff${Buffer.from(name, 'utf16le').toString('latin1')}` as KeyBytes

class DiskFolder implements Folder {
  readonly #root: string
  readonly #platform: NodeJS.Platform
  readonly #isPosix: boolean
  /** Who names a link means what it leads to; what becomes one later, nobody has named. */
  readonly #rootIsLink: boolean

  constructor(root: string, platform: NodeJS.Platform) {
    this.#root = root
    this.#platform = platform
    this.#isPosix = platform !== 'win32'
    this.#rootIsLink = isLink(root)
  }

  async entries(key: KeyBytes): ReturnType<Folder['entries']> {
    const found = await this.#read(key)
    return await Promise.all(
      found.map(async (entry) => {
        const name = this.#nameOf(entry.name)
        const kind = kindOf(entry)
        if (kind !== 'other') return { name, kind }
        // Some file systems do not say there what it is.
        const path = `${key}${key === '' ? '' : '/'}${name}` as KeyBytes
        return { name, kind: (await this.look(path))?.kind ?? kind }
      }),
    )
  }

  async look(key: KeyBytes): Promise<FileFacts | undefined> {
    const found = await lstat(this.#pathOf(key)).catch(unlessGone)
    return found && factsOf(found, this.#isPosix)
  }

  async follow(key: KeyBytes): ReturnType<Folder['follow']> {
    const path = this.#pathOf(key)
    const found = await stat(path).catch(unlessGone)
    if (!found) return undefined
    // Where a pipe is, as behind /dev/stdout, there is no path.
    const [top, target] = await Promise.all([
      realpath(this.#root),
      realpath(path).catch(unlessGone),
    ])
    const within = target === undefined ? undefined : this.#within(top, target)
    return { ...factsOf(found, this.#isPosix), within }
  }

  async open(key: KeyBytes, link?: 'link'): Promise<OpenFile> {
    const flags = O_RDONLY | O_NONBLOCK | (link ? 0 : O_NOFOLLOW)
    const file = new Handle(await open(this.#pathOf(key), flags), this.#isPosix)
    try {
      if (!link) this.#mustLeadThroughFolders(key)
      if ((await file.facts()).kind === 'file') return file
      throw new Error('it is not a regular file')
    } catch (error) {
      await file.close()
      throw error
    }
  }

  readNow(key: KeyBytes, mostBytes: number): SmallFile {
    const path = this.#pathOf(key)
    const handle = openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
    try {
      this.#mustLeadThroughFolders(key)
      const first = factsOf(fstatSync(handle), this.#isPosix)
      if (first.kind !== 'file') throw new Error('it is not a regular file')
      const bytes = first.size > mostBytes ? undefined : wholeOf(handle, first.size)
      const last = factsOf(fstatSync(handle), this.#isPosix)
      const named = lstatSync(path, { throwIfNoEntry: false })
      return { first, bytes, last, named: named && factsOf(named, this.#isPosix) }
    } finally {
      closeSync(handle)
    }
  }

  #within(top: string, target: string): string | undefined {
    const { sep, isAbsolute, relative } = pathsOf(this.#platform)
    const within = relative(top, target)
    const isInside = !isAbsolute(within) && within !== '..' && !within.startsWith(`..${sep}`)
    return isInside ? within.replaceAll(sep, '/') : undefined
  }

  /**
   * Throws where a folder on the way to a file that was opened is a link, as it may have become since it was listed. One
   * that is a folder again by now holds another file, which has another id.
   */
  #mustLeadThroughFolders(key: KeyBytes): void {
    if (isLink(this.#root) !== this.#rootIsLink) throw behindLink()
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1))
      if (isLink(this.#pathOf(key.slice(0, end) as KeyBytes))) throw behindLink()
  }

  #pathOf(key: KeyBytes): string | Buffer {
    if (key === '') return this.#root
    const { sep } = pathsOf(this.#platform)
    const base = this.#root.endsWith(sep) ? this.#root : this.#root + sep
    const text = toText(key)
    if (!this.#isPosix) return base + (text ?? '').replaceAll('/', sep)
    // As bytes, a name is what it is, be it text or not.
    return text === key
      ? base + key
      : Buffer.concat([Buffer.from(base), Buffer.from(key, 'latin1')])
  }

  /** macOS takes both forms of a name for one, and hands out what it was made with. */
  #nameOf(name: Buffer | string): KeyBytes {
    if (typeof name === 'string') return name.isWellFormed() ? toKeyBytes(name) : noText(name)
    const bytes = name.toString('latin1') as KeyBytes
    const text = this.#platform === 'darwin' ? toText(bytes) : undefined
    return text === undefined ? bytes : toKeyBytes(text.normalize('NFC'))
  }

  async #read(key: KeyBytes): Promise<readonly (Dirent<Buffer> | Dirent)[]> {
    const path = this.#pathOf(key)
    return this.#isPosix
      ? readdir(path, { withFileTypes: true, encoding: 'buffer' })
      : readdir(path, { withFileTypes: true })
  }
}

/** The folder at an absolute path, on a system. */
export const openFolder = (root: string, platform: NodeJS.Platform = thisPlatform): Folder =>
  new DiskFolder(root, platform)
