import { ServiceError } from '../../errors/service-error.ts'
import { type NameRules, temporaryName } from '../../model/file-names.ts'
import {
  isAsListed,
  type NewFile,
  type SizeAndTime,
  type StandingFile,
  type WritableFolder,
} from '../../model/folder.ts'
import { type KeyBytes, toKeyBytes, toText } from '../../model/key.ts'
import type { Landing, LandingFile, Replaced } from '../landing.ts'
import type { DeleteFailure, DeleteTarget } from '../store.ts'

/** What a folder that is listed was seen to hold beside its files. */
export interface Beside {
  /** Links, devices and the like. */
  readonly others: ReadonlySet<KeyBytes>
  /** Files that a run did not finish. */
  readonly leftovers: ReadonlySet<KeyBytes>
}

const MOST_NAMED = 10

const refusal = (code: string, message: string): ServiceError =>
  new ServiceError(code, message, { status: 409 })

const CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'DiskFull',
  EDQUOT: 'DiskFull',
  EFBIG: 'DiskFull',
  ENOTDIR: 'NotAFile',
  EISDIR: 'NotAFile',
  ELOOP: 'NotAFile',
}

/** What the file system says, under a code of ours, and without the path that it was asked for. */
export function unwritable(error: unknown, key: string): ServiceError {
  if (error instanceof ServiceError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const shown = JSON.stringify(key)
  if (code === 'EEXIST')
    return refusal(
      'DestinationChanged',
      `${shown} was created by somebody else in the meantime, so it was not replaced.`,
    )
  const said = message.replace(/, (?:[a-z]+ )?'.*$/s, '')
  return new ServiceError(CODES[code] ?? 'FileUnwritable', `${shown}: ${said}`, {
    status: 403,
    cause: error,
  })
}

const KINDS = { folder: 'a folder', link: 'a symbolic link', other: 'a device, a pipe or a socket' }

/** Throws where what has a name is no file that may be replaced or removed. */
function mustBeFile(key: string, { kind, isReadOnly }: StandingFile): void {
  const shown = JSON.stringify(key)
  if (kind !== 'file') throw refusal('NotAFile', `${shown} is ${KINDS[kind]} on this runner.`)
  if (isReadOnly) throw refusal('FileReadOnly', `${shown} is read-only on this runner.`)
}

interface Listed {
  readonly size?: number | undefined
  readonly lastModified?: string | undefined
}

/** What a file is known by that was listed; one whose time is not known is like none. */
const sizeAndTime = ({ size = Number.NaN, lastModified = '' }: Listed): SizeAndTime => ({
  size,
  modifiedMs: Date.parse(lastModified),
})

/** Throws where a file is not the one that was listed: another size or time. */
function mustBeSame(key: string, there: StandingFile, was: Listed): void {
  if (!isAsListed(there, sizeAndTime(was)))
    throw refusal(
      'DestinationChanged',
      `${JSON.stringify(key)} was changed after it was listed, so it was not replaced or deleted.`,
    )
}

/** Sees that what a copy replaces is what was planned. */
const meeting =
  ({ to, toEtag, toSize: size, toLastModified: lastModified }: Replaced) =>
  (there: StandingFile | undefined): void => {
    if (!there) return
    mustBeFile(to, there)
    if (toEtag === undefined)
      throw refusal(
        'DestinationChanged',
        `${JSON.stringify(to)} was created by somebody else in the meantime, so it was not replaced.`,
      )
    mustBeSame(to, there, { size, lastModified })
  }

class Landed implements LandingFile {
  readonly #op: Replaced
  readonly #file: NewFile

  constructor(op: Replaced, file: NewFile) {
    this.#op = op
    this.#file = file
  }

  get handle(): number | undefined {
    return this.#file.handle
  }

  unwritable(error: unknown): ServiceError {
    return unwritable(error, this.#op.to)
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return this.#file.write(bytes, at).catch((error: unknown) => {
      throw this.unwritable(error)
    })
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return this.#file.read(into, at)
  }

  flush(): Promise<void> {
    return this.#file.flush()
  }

  async keep(): Promise<void> {
    try {
      await this.#file.keep(meeting(this.#op))
    } catch (error) {
      throw this.unwritable(error)
    }
  }

  discard(): void {
    this.#file.discard()
  }
}

/** What is written to. */
export interface LandingTarget {
  readonly folder: WritableFolder
  /** Eight hex digits of this run's own. */
  readonly run: string
  readonly names: NameRules
  /** What begins the keys of files that this action writes itself. */
  readonly own: readonly string[]
}

/** Writes and removes files below a folder of this runner. */
export class DiskLanding implements Landing {
  readonly names: NameRules
  readonly #folder: WritableFolder
  readonly #run: string
  readonly #own: readonly string[]
  readonly #beside: Beside

  /** `beside`: what the listing of the folder saw. */
  constructor(target: LandingTarget, beside: Beside) {
    this.#folder = target.folder
    this.#run = target.run
    this.#own = target.own
    this.names = target.names
    this.#beside = beside
  }

  whyReserved(key: string): string | undefined {
    return this.#own.some((own) => key.startsWith(own))
      ? 'is in a folder that this run uses itself, such as report-dir'
      : undefined
  }

  get others(): Landing['others'] {
    const { others } = this.#beside
    const first: string[] = []
    for (const key of others) {
      if (first.length === MOST_NAMED) break
      first.push(Buffer.from(key, 'latin1').toString('utf8'))
    }
    return { count: others.size, first }
  }

  linkOn(key: string): string | undefined {
    const { others } = this.#beside
    if (others.size === 0) return undefined
    const names = toKeyBytes(key).split('/')
    for (let depth = 1; depth <= names.length; depth++) {
      const above = names.slice(0, depth).join('/') as KeyBytes
      if (others.has(above)) return toText(above)
    }
    return undefined
  }

  async whole(op: Replaced, bytes: Uint8Array): Promise<void> {
    const { to, toEtag, toSize: size, toLastModified: lastModified } = op
    const key = toKeyBytes(to)
    const temporary = this.#temporary(to)
    const replaces = toEtag === undefined ? undefined : sizeAndTime({ size, lastModified })
    try {
      meeting(op)(await this.#folder.put({ key, temporary, bytes, replaces }))
    } catch (error) {
      throw unwritable(error, to)
    }
  }

  begin(op: Replaced): LandingFile {
    return new Landed(op, this.#create(op.to))
  }

  tidy(): number {
    let removed = 0
    for (const key of this.#beside.leftovers) {
      try {
        this.#folder.remove(key, ({ kind }) => {
          if (kind !== 'file') throw new Error('it is not a regular file')
        })
        removed++
      } catch {
        // It is no content, and the next run comes to it again.
      }
    }
    return removed
  }

  /** Deletes files as they were listed, and the folders that are empty behind them; gives those that stay. */
  remove(targets: readonly DeleteTarget[]): readonly DeleteFailure[] {
    const failures: DeleteFailure[] = []
    for (const target of targets) {
      const { key } = target
      try {
        this.#folder.remove(toKeyBytes(key), (there) => {
          mustBeFile(key, there)
          mustBeSame(key, there, target)
        })
        this.#removeEmptied(key)
      } catch (error) {
        const { code, message } = unwritable(error, key)
        failures.push({ key, code, message })
      }
    }
    return failures
  }

  close(): Promise<void> {
    return this.#folder.close()
  }

  /** Of folders S3 knows nothing: what a delete emptied goes with it. */
  #removeEmptied(key: string): void {
    const names = key.split('/')
    for (let depth = names.length - 1; depth > 0; depth--)
      if (!this.#folder.removeEmpty(toKeyBytes(names.slice(0, depth).join('/')))) return
  }

  #temporary(key: string): string {
    return temporaryName(key.slice(key.lastIndexOf('/') + 1), this.#run)
  }

  #create(key: string): NewFile {
    try {
      return this.#folder.create(toKeyBytes(key), this.#temporary(key))
    } catch (error) {
      throw unwritable(error, key)
    }
  }
}
