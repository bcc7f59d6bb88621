import type { SyncError } from '../errors/sync-error.ts'
import { inKeyOrder } from '../listing/sort.ts'
import { diskForm, whyNoFile } from '../model/file-names.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import { humanObjects } from '../model/units.ts'
import type { Files } from '../ports.ts'
import type { Landing } from '../storage/landing.ts'
import { LineFile } from './line-file.ts'
import { refusal } from './refusal.ts'

/** A name that a file has, or is to get. */
interface Name {
  /** By what names are sorted that are one on the disk: those of a folder behind it. */
  readonly key: KeyBytes
  /** Below the destination. */
  readonly name: string
  /** Whether the source has it; else only the disk. */
  readonly isNew: boolean
}

/** A key that can be no file, and why. */
interface Flaw {
  readonly name: string
  readonly why: string
  /** What is on this runner is in its way. */
  readonly isBlocked?: true
}

const MOST_NAMED = 50
const SEPARATOR = '\0'

const formOf = ({ key }: Name): string => key.slice(0, key.indexOf('\0\0'))

const quoted = (name: string): string => JSON.stringify(name)

/**
 * Whether an object stands for a folder, as consoles make them: of folders S3 knows nothing, and no file can be one. `key`
 * is relative to the destination: '' is the source's own folder.
 */
export const isFolderMarker = (key: string, size: number): boolean =>
  size === 0 && (key === '' || key.endsWith('/'))

/** The first of the folders of two names that are one on the disk, and have other letters. */
function otherFolder(one: Name, other: Name): readonly [string, string] | undefined {
  const [forms, otherForms] = [formOf(one).split(SEPARATOR), formOf(other).split(SEPARATOR)]
  const [names, otherNames] = [one.name.split('/'), other.name.split('/')]
  for (let depth = 0; depth < Math.min(names.length, otherNames.length) - 1; depth++) {
    if (forms[depth] !== otherForms[depth]) return undefined
    if (names[depth] === otherNames[depth]) continue
    return [names, otherNames].map((all) => all.slice(0, depth + 1).join('/')) as [string, string]
  }
  return undefined
}

/** What a name that lies below a file means for the one of both that is to be made. */
function inTheWay(file: Name, below: Name): Flaw {
  const [above, name] = [file, below].map((one) => quoted(one.name))
  if (!below.isNew)
    return { name: file.name, why: `is a folder on this runner, with ${name}`, isBlocked: true }
  if (file.isNew) return { name: below.name, why: `needs a folder where ${above} is a file` }
  const why = `needs a folder where this runner has the file ${above}`
  return { name: below.name, why, isBlocked: true }
}

/** Finds what the disk cannot keep apart, in names that come in the order of their keys. */
class Neighbours {
  /** Files that the last name lies below, if they were folders. */
  #above: Name[] = []
  #last: Name | undefined

  /** What cannot be a file beside those that came before: the name, or the one that it lies below. */
  next(name: Name): Flaw | undefined {
    const form = formOf(name)
    const last = this.#last
    this.#last = name
    this.#above = this.#above.filter((file) => form.startsWith(formOf(file) + SEPARATOR))
    const file = this.#above.at(-1)
    this.#above.push(name)
    if (!last || !(name.isNew || last.isNew)) return undefined
    if (formOf(last) === form && last.name !== name.name)
      return { name: name.name, why: `and ${quoted(last.name)} are the same file on this disk` }
    if (file) return inTheWay(file, name)
    const folders = otherFolder(last, name)
    if (!folders) return undefined
    const [one, other] = folders.map(quoted)
    return {
      name: name.name,
      why: `is in ${other}, which is the same folder as ${one} on this disk`,
    }
  }
}

/** Sees the names that the files of a plan get, and judges all of them together. */
export class FileNames {
  readonly #landing: Landing
  readonly #files: Files
  readonly #folder: string
  readonly #spools: LineFile<Name>[] = []
  readonly #flaws: Flaw[] = []
  readonly #isLeftOut: (name: string) => boolean
  #others = 0

  /** `folder`: for what does not fit into memory, the caller removes it; `isLeftOut`: whether a name belongs to nobody. */
  constructor(
    landing: Landing,
    files: Files,
    folder: string,
    isLeftOut: (name: string) => boolean,
  ) {
    this.#isLeftOut = isLeftOut
    this.#landing = landing
    this.#files = files
    this.#folder = folder
  }

  /** Takes the names of a range, which are relative to a prefix of the destination. */
  open(prefix: string): {
    see(from: SourceObject | undefined, to: ObjectInfo | undefined): void
    flush(): Promise<void>
  } {
    const path = this.#files.join(this.#folder, `names-${this.#spools.length}.ndjson`)
    const spool = new LineFile<Name>(this.#files, path)
    this.#spools.push(spool)
    return {
      see: (from, to) => {
        const key = (from ?? to)?.key
        const text = key === undefined ? undefined : toText(key)
        // What is no text is told by another name: nothing is made of it.
        if (text !== undefined) this.#see(spool, prefix + text, from)
      },
      flush: () => spool.flush(),
    }
  }

  /** Why the plan is refused, with all names that are to blame; undefined: every file can have its name. */
  async settle(): Promise<SyncError | undefined> {
    for (const spool of this.#spools) await spool.close()
    const sorted = await inKeyOrder(this.#read(), {
      files: this.#files,
      folder: this.#files.join(this.#folder, 'names'),
    })
    const neighbours = new Neighbours()
    for await (const one of sorted) {
      const { name, isNew } = one
      const flaw = neighbours.next(one)
      if (flaw) this.#blame(flaw)
      const link = isNew ? this.#landing.linkOn(name) : undefined
      if (link === undefined) continue
      const why = `is behind ${quoted(link)}, which is a symbolic link or a device on this runner`
      this.#blame({ name, why, isBlocked: true })
    }
    return this.#refusal()
  }

  #see(spool: LineFile<Name>, name: string, from: SourceObject | undefined): void {
    const { names } = this.#landing
    if (from && isFolderMarker(name, from.size)) return
    const why =
      from && (whyNoFile(name, names) ?? this.#landing.whyReserved(name) ?? this.#whyLeftOut(name))
    if (why !== undefined) {
      this.#blame({ name, why })
      return
    }
    const form = diskForm(name, names).replaceAll('/', SEPARATOR)
    const side = from ? 'new' : 'there'
    const key = toKeyBytes(`${form}\0\0${side} ${name}`)
    spool.add({ key, name, isNew: from !== undefined }, 0)
  }

  /** A key that has this name itself is out of scope; a template or a list may give it to any. */
  #whyLeftOut(name: string): string | undefined {
    return this.#isLeftOut(name)
      ? 'is a path that this sync leaves out (.git, or a hidden name with hidden=exclude)'
      : undefined
  }

  async *#read(): AsyncGenerator<Name> {
    for (const { path, objects } of this.#spools)
      if (objects > 0)
        for await (const line of this.#files.lines(path)) yield JSON.parse(line) as Name
  }

  #blame(flaw: Flaw): void {
    if (this.#flaws.length < MOST_NAMED) this.#flaws.push(flaw)
    else this.#others++
  }

  #refusal(): SyncError | undefined {
    const [first] = this.#flaws
    if (!first) return undefined
    const told = this.#flaws.map(({ name, why }) => `- ${quoted(name)} ${why}`)
    const more = this.#others > 0 ? [`- and ${humanObjects(this.#others, 'more key')}`] : []
    const all = this.#flaws.length + this.#others
    return refusal(
      `${quoted(first.name)} ${first.why}${all > 1 ? ` (and ${humanObjects(all - 1, 'more key')})` : ''}`,
      `The source contains keys that cannot become files here:\n${[...told, ...more].join('\n')}`,
      `Exclude them (docs/download.md shows how), rename them at the source, or set key-template${
        this.#flaws.some(({ isBlocked }) => isBlocked)
          ? '; or remove what is in their way on this runner'
          : ''
      }.`,
    )
  }
}
