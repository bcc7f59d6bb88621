import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  type Stats,
} from 'node:fs'
import type { FileFacts } from '../model/folder.ts'
import { factsOf } from './folder.ts'
import { makeFolders } from './make-folders.ts'
import { pathsOf } from './platform.ts'

// Windows has neither.
const { O_NOFOLLOW = 0, O_DIRECTORY = 0, O_RDONLY } = constants

/** Folders that are held while nobody uses them: to open one again costs a step for each name of its path. */
const MOST_IDLE = 64

/** A failure as the file system would tell it. */
export function failureOf(code: string, message: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}, '${path}'`), { code, path })
}

/** Throws where a name would lead elsewhere: whoever asks, nothing is named so. */
export function mustBeName(name: string, sep: string): void {
  const leads = name === '' || name === '.' || name === '..' || name.includes(sep)
  if (leads || name.includes('\0')) throw failureOf('EINVAL', 'not a file name', name)
}

/** A folder that is held: on Linux by an open handle, elsewhere by what it is known by. */
export class Pin {
  /** Relative to the root; '' for the root. */
  readonly key: string
  /** Absolute. */
  readonly path: string
  readonly id: string
  readonly handle: number | undefined
  readonly above: Pin | undefined
  /** Who works in it: whoever opened it, to begin with. */
  uses = 1
  /** Whether it got or lost names that are not on the disk for certain. */
  isDirty = false
  readonly #base: string
  readonly #sep: string

  constructor(
    { key, path, id }: Pick<Pin, 'key' | 'path' | 'id'>,
    {
      handle,
      base,
      sep,
    }: { readonly handle: number | undefined; readonly base: string; readonly sep: string },
    above: Pin | undefined,
  ) {
    this.#sep = sep
    this.key = key
    this.path = path
    this.id = id
    this.handle = handle
    this.above = above
    this.#base = base
  }

  /** A path of a name in it that leads through no folder that could be swapped meanwhile, where the system has such. */
  at(name: string): string {
    mustBeName(name, this.#sep)
    return this.#base + name
  }

  /** Of what has a name in it, be it a link; undefined where nothing has. */
  look(name: string): Stats | undefined {
    return lstatSync(this.at(name), { throwIfNoEntry: false })
  }
}

const EXISTS = 'EEXIST'
/** What says that this process, or the system, may open no more files. */
const TOO_MANY_OPEN: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE'])

/**
 * The folders below a root that are written to, each opened once, never by a link. Linux names what lies in an open
 * folder by `/proc/self/fd`, so that a folder that is swapped for a link leads nowhere else. Elsewhere the way is looked
 * at before and behind each step.
 */
export class Pins {
  readonly #root: string
  readonly #sep: string
  readonly #platform: NodeJS.Platform
  readonly #pins = new Map<string, Pin>()
  #unsynced: { readonly error: unknown } | undefined

  constructor(root: string, platform: NodeJS.Platform) {
    const { sep } = pathsOf(platform)
    this.#root = root
    this.#sep = sep
    this.#platform = platform
  }

  /** Lends a folder by its key; `make`: it is made where it is missing. Who takes it lets go of it again. */
  take(key: string, make: boolean): Pin {
    const known = this.#pins.get(key)
    if (known && this.isThere(known)) {
      known.uses++
      // The one that was asked for last stands last.
      this.#pins.delete(key)
      this.#pins.set(key, known)
      return known
    }
    this.drop(key)
    if (key === '') return this.#openRoot(make)
    const cut = key.lastIndexOf('/')
    const above = this.take(key.slice(0, Math.max(0, cut)), make)
    try {
      return this.#open(above, key.slice(cut + 1), make)
    } finally {
      this.letGo(above)
    }
  }

  letGo(pin: Pin): void {
    pin.uses--
    if (this.#pins.get(pin.key) !== pin) this.#close(pin)
    if (this.#pins.size <= MOST_IDLE) return
    for (const other of this.#pins.values()) {
      if (this.#pins.size <= MOST_IDLE) return
      if (other.uses === 0) this.drop(other.key)
    }
  }

  /** Opens a file, for which folders that nobody uses are given up where no more may be open. */
  openFile(path: string, flags: number): number {
    try {
      return openSync(path, flags)
    } catch (error) {
      if (!TOO_MANY_OPEN.has((error as NodeJS.ErrnoException).code)) throw error
    }
    for (const { key, uses } of [...this.#pins.values()]) if (uses === 0) this.drop(key)
    return openSync(path, flags)
  }

  /** Forgets a folder, which is to be removed, say. */
  drop(key: string): void {
    const pin = this.#pins.get(key)
    this.#pins.delete(key)
    if (pin) this.#close(pin)
  }

  /** Lets go of all folders. Throws where the names of one, whenever it was let go of, could not be brought to the disk. */
  close(): void {
    for (const key of [...this.#pins.keys()]) this.drop(key)
    if (this.#unsynced) throw this.#unsynced.error
  }

  /** Whether a folder still has its name, and so all on its way where nothing holds them. */
  isThere(pin: Pin): boolean {
    const found = lstatSync(pin.path, { throwIfNoEntry: false })
    if (!found || this.#idOf(found) !== pin.id || !found.isDirectory()) return false
    return pin.handle !== undefined || pin.above === undefined || this.isThere(pin.above)
  }

  facts(found: Stats): FileFacts {
    return factsOf(found, this.#platform !== 'win32')
  }

  #openRoot(make: boolean): Pin {
    if (make) makeFolders(this.#root)
    // The root may be a link: it is named by who runs this.
    const path = realpathSync(this.#root)
    return this.#hold({ key: '', path }, path, undefined)
  }

  #open(above: Pin, name: string, make: boolean): Pin {
    const key = above.key === '' ? name : `${above.key}/${name}`
    const path = (above.path.endsWith(this.#sep) ? above.path : above.path + this.#sep) + name
    const found = above.look(name)
    if (!found && make) {
      try {
        mkdirSync(above.at(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== EXISTS) throw error
      }
      above.isDirty = true
    }
    if (found?.isSymbolicLink()) throw failureOf('ELOOP', 'a symbolic link is in the way', path)
    if (found && !found.isDirectory())
      throw failureOf('ENOTDIR', `${JSON.stringify(key)} is not a folder on this runner`, path)
    return this.#hold({ key, path }, above.at(name), above)
  }

  #hold({ key, path }: Pick<Pin, 'key' | 'path'>, openPath: string, above: Pin | undefined): Pin {
    if (this.#platform === 'win32') {
      const found = lstatSync(openPath)
      if (above && found.isSymbolicLink())
        throw failureOf('ELOOP', 'a symbolic link is in the way', path)
      if (above && !found.isDirectory()) throw failureOf('ENOTDIR', 'not a folder', path)
      return this.#keep(new Pin({ key, path, id: this.#idOf(found) }, this.#byPath(path), above))
    }
    const flags = O_RDONLY | O_DIRECTORY | (above ? O_NOFOLLOW : 0)
    const handle = this.openFile(openPath, flags)
    const id = this.#idOf(fstatSync(handle))
    const base = `/proc/self/fd/${handle}/`
    if (this.#platform === 'linux' && this.#isHeld(base, id))
      return this.#keep(new Pin({ key, path, id }, { handle, base, sep: this.#sep }, above))
    closeSync(handle)
    const pin = new Pin({ key, path, id }, this.#byPath(path), above)
    if (above && !this.isThere(pin)) throw failureOf('ELOOP', 'a symbolic link is in the way', path)
    return this.#keep(pin)
  }

  #byPath(path: string) {
    return {
      handle: undefined,
      sep: this.#sep,
      base: path.endsWith(this.#sep) ? path : path + this.#sep,
    }
  }

  /** A container may have no /proc. */
  #isHeld(base: string, id: string): boolean {
    const found = lstatSync(`${base}.`, { throwIfNoEntry: false })
    return found !== undefined && this.#idOf(found) === id
  }

  #keep(pin: Pin): Pin {
    this.#pins.set(pin.key, pin)
    return pin
  }

  #idOf(found: Stats): string {
    return this.facts(found).id
  }

  /** Closes a folder once nobody works in it. */
  #close(pin: Pin): void {
    if (pin.uses > 0) return
    if (pin.isDirty) this.#sync(pin)
    pin.isDirty = false
    if (pin.handle !== undefined) closeSync(pin.handle)
  }

  /** Brings to the disk which names a folder has. Some file systems know no such thing of folders. */
  #sync({ handle, path }: Pin): void {
    if (this.#platform === 'win32') return
    try {
      const own = handle ?? openSync(path, O_RDONLY | O_DIRECTORY)
      try {
        fsyncSync(own)
      } finally {
        if (handle === undefined) closeSync(own)
      }
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      // It says nothing of the file for which this folder is let go of just now.
      if (!['EINVAL', 'ENOTSUP', 'EBADF', 'ENOENT', 'ENOTDIR'].includes(code))
        this.#unsynced ??= { error }
    }
  }
}
