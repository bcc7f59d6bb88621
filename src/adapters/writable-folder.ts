import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  linkSync,
  read as readFrom,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeSync,
  write as writeTo,
} from 'node:fs'
import { promisify } from 'node:util'
import {
  isAsListed,
  type NewFile,
  type StandingFile,
  type WholeFile,
  type WritableFolder,
} from '../model/folder.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { failureOf, mustBeName, type Pin, Pins } from './pins.ts'
import { WRITE_BYTES } from './write-size.ts'

const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW = 0 } = constants
const toDisk = promisify(fdatasync)
const readSome = promisify(readFrom)
const writeSome = promisify(writeTo)

const ANY_WRITE = 0o222
const PERMISSIONS = 0o777

/** What says that a file system has no second names: those that were made for cameras have not. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'EMLINK',
])
const GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR'])
const NOT_EMPTY: ReadonlySet<string | undefined> = new Set([
  'ENOTEMPTY',
  'EEXIST',
  'ENOENT',
  'ENOTDIR',
  'EBUSY',
])

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** The folder and the name of a key. Throws where it names none. */
function parted(key: KeyBytes): { readonly folder: string; readonly name: string } {
  const text = toText(key) ?? ''
  const cut = text.lastIndexOf('/')
  mustBeName(cut === 0 ? '' : text.slice(cut + 1), '/')
  return { folder: text.slice(0, Math.max(0, cut)), name: text.slice(cut + 1) }
}

const standing = (pins: Pins, found: Stats): StandingFile => ({
  ...pins.facts(found),
  isReadOnly: (found.mode & ANY_WRITE) === 0,
})

const mayReplace = (there: StandingFile, listed: WholeFile['replaces']): boolean =>
  there.kind === 'file' && !there.isReadOnly && listed !== undefined && isAsListed(there, listed)

/** Something has the name of a file, and stays. */
class Met extends Error {
  readonly there: StandingFile

  constructor(there: StandingFile) {
    super()
    this.there = there
  }
}

/** Where a file goes. */
interface Target {
  readonly pin: Pin
  readonly name: string
  readonly temporary: string
}

class Draft implements NewFile {
  readonly #pins: Pins
  readonly #target: Target
  readonly #handle: number
  #isOpen = true
  #isKept = false
  #flushed: Promise<void> = Promise.resolve()
  #unflushed: { readonly error: unknown } | undefined

  constructor(pins: Pins, target: Target) {
    this.#pins = pins
    this.#target = target
    const path = target.pin.at(target.temporary)
    this.#handle = pins.openFile(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW)
  }

  get handle(): number {
    return this.#handle
  }

  /** Writes small content at once, without a turn of the loop. */
  writeNow(bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      const some = Math.min(bytes.length - done, WRITE_BYTES)
      done += writeSync(this.#handle, bytes, done, some, done)
    }
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const left = bytes.length - done
      const { bytesWritten } = await writeSome(this.#handle, bytes, done, left, at + done)
      done += bytesWritten
    }
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      const left = into.length - filled
      const { bytesRead } = await readSome(this.#handle, into, filled, left, at + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }

  flush(): Promise<void> {
    const flushed = toDisk(this.#handle).catch((error: unknown) => {
      // The system tells of it once, and what is not written then is lost.
      this.#unflushed ??= { error }
    })
    this.#flushed = Promise.all([this.#flushed, flushed]).then(() => {})
    return this.#flushed
  }

  async keep(meet: (there: StandingFile | undefined) => void): Promise<void> {
    await this.#flushed
    if (this.#unflushed) throw this.#unflushed.error
    await toDisk(this.#handle)
    const { pin, name } = this.#target
    this.#seeThere()
    const there = pin.look(name)
    meet(there && standing(this.#pins, there))
    const own = this.#pins.facts(fstatSync(this.#handle)).id
    if (there) fchmodSync(this.#handle, there.mode & PERMISSIONS)
    // Windows moves no file that is open.
    this.#close()
    if (there) this.#replace()
    else this.#give()
    pin.isDirty = true
    this.#isKept = true
    const kept = pin.look(name)
    if (!kept || this.#pins.facts(kept).id !== own) throw this.#moved()
    this.#seeThere()
    this.#pins.letGo(pin)
  }

  discard(): void {
    const { pin, temporary } = this.#target
    if (!this.#isKept) {
      try {
        unlinkSync(pin.at(temporary))
      } catch {
        // Whoever removed it, or its folder, did what was to be done.
      }
    }
    this.#close()
    this.#pins.letGo(pin)
  }

  #seeThere(): void {
    if (!this.#pins.isThere(this.#target.pin)) throw this.#moved()
  }

  #moved(): NodeJS.ErrnoException {
    const { pin, name } = this.#target
    return failureOf('ELOOP', 'its folder was moved in the meantime', `${pin.path}/${name}`)
  }

  #replace(): void {
    const { pin, name, temporary } = this.#target
    renameSync(pin.at(temporary), pin.at(name))
  }

  /** Takes a name that nothing has: what comes at this moment is not replaced. */
  #give(): void {
    const { pin, name, temporary } = this.#target
    try {
      linkSync(pin.at(temporary), pin.at(name))
    } catch (error) {
      if (!NO_LINKS.has(codeOf(error))) throw error
      renameSync(pin.at(temporary), pin.at(name))
      return
    }
    unlinkSync(pin.at(temporary))
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#handle)
  }
}

/** Writes to a folder on the thread that asks; it need not be there yet. */
export class DiskWrites implements WritableFolder {
  readonly #pins: Pins

  constructor(root: string, platform: NodeJS.Platform) {
    this.#pins = new Pins(root, platform)
  }

  create(key: KeyBytes, temporary: string): Draft {
    const { folder, name } = parted(key)
    const pin = this.#pins.take(folder, true)
    try {
      return new Draft(this.#pins, { pin, name, temporary })
    } catch (error) {
      this.#pins.letGo(pin)
      throw error
    }
  }

  async put({ key, temporary, bytes, replaces }: WholeFile): Promise<StandingFile | undefined> {
    const file = this.create(key, temporary)
    try {
      file.writeNow(bytes)
      await file.keep((there) => {
        if (there && !mayReplace(there, replaces)) throw new Met(there)
      })
      return undefined
    } catch (error) {
      file.discard()
      if (error instanceof Met) return error.there
      throw error
    }
  }

  remove(key: KeyBytes, meet: (there: StandingFile) => void): void {
    const { folder, name } = parted(key)
    this.#inFolder(folder, (pin) => {
      const there = pin.look(name)
      if (!there) return
      meet(standing(this.#pins, there))
      unlinkSync(pin.at(name))
      pin.isDirty = true
    })
  }

  removeEmpty(key: KeyBytes): boolean {
    const { folder, name } = parted(key)
    let isRemoved = false
    this.#inFolder(folder, (pin) => {
      if (!pin.look(name)?.isDirectory()) return
      this.#pins.drop(toText(key) ?? '')
      try {
        rmdirSync(pin.at(name))
      } catch (error) {
        if (NOT_EMPTY.has(codeOf(error))) return
        throw error
      }
      pin.isDirty = true
      isRemoved = true
    })
    return isRemoved
  }

  async close(): Promise<void> {
    this.#pins.close()
  }

  /** Works in a folder that is there; in one that is not, nothing is to be done. */
  #inFolder(folder: string, work: (pin: Pin) => void): void {
    let pin: Pin
    try {
      pin = this.#pins.take(folder, false)
    } catch (error) {
      if (GONE.has(codeOf(error))) return
      throw error
    }
    try {
      work(pin)
    } finally {
      this.#pins.letGo(pin)
    }
  }
}
