import { SyncError } from '../../errors/sync-error.ts'
import { isTemporaryName } from '../../model/file-names.ts'
import type { FileFacts, Folder } from '../../model/folder.ts'
import { KeyFilter } from '../../model/globs.ts'
import { type KeyBytes, toKeyBytes, toText } from '../../model/key.ts'
import { isLeftOutBy, type LocalRules, namesGit } from '../../model/local.ts'
import type { ObjectInfo } from '../../model/object-info.ts'
import type { SelectionRequest } from '../../model/request.ts'
import type { Beside } from './disk-landing.ts'

/** Which files of a folder are objects. */
export interface TreeRules {
  readonly local: LocalRules
  readonly filters: Pick<SelectionRequest, 'include' | 'exclude'>
  /** What begins the keys of files that are no part of it, such as those of this run's report. */
  readonly without: readonly string[]
  /** The one file that counts: what lies beside it is nobody's business. */
  readonly only?: string | undefined
  /** Where the folder is written to: nothing in it keeps it from that, and what is no file is only noted. */
  readonly isTarget?: boolean | undefined
}

/** A name in a folder that counts. */
interface Entry {
  readonly key: KeyBytes
  readonly isFolder: boolean
  /** It is, or leads through, a link that is followed. */
  readonly link?: 'link' | undefined
  /** What could not be uploaded, and is left out by the filters: it is listed, so that they are seen to do so, and never read. */
  readonly isFiltered?: true
}

/** What keeps a folder from being uploaded. */
interface Flaw {
  readonly key: KeyBytes
  readonly why: string
  readonly hint: string
}

interface Listed {
  /** In the order of the keys below them. */
  readonly entries: readonly Entry[]
  readonly flaws: readonly Flaw[]
}

/** Keys behind one, among those that begin with a prefix. */
interface Span {
  readonly prefix: KeyBytes
  /** '' for the first one. */
  readonly after: KeyBytes
}

const MOST_NAMED = 10
/** Entries of the folders that are kept in memory: one is asked for again for each page of a listing. */
const MOST_KEPT = 200_000
const LOOKS_AT_ONCE = 64

const OTHER = 'a device, a pipe or a socket'
const EXCLUDE = 'Exclude it, or remove it.'
const LINKS = 'Exclude it; or set local: symlinks=follow to use its target, or symlinks=skip.'

const lossy = (key: KeyBytes): string => Buffer.from(key, 'latin1').toString('utf8')

const hexOf = (key: KeyBytes): string => Buffer.from(key, 'latin1').toString('hex')

/** As keys are ordered: those below a folder stand where its name with a slash stands. */
const orderOf = ({ key, isFolder }: Entry): string => (isFolder ? `${key}/` : key)

const byOrder = (a: Entry, b: Entry): number => {
  const [one, other] = [orderOf(a), orderOf(b)]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Whether anything at or below an entry can lie in a span. */
function touches(entry: Entry, { prefix, after }: Span): boolean {
  const order = orderOf(entry)
  if (!entry.isFolder) return order.startsWith(prefix) && order > after
  if (!order.startsWith(prefix) && !prefix.startsWith(order)) return false
  return after.startsWith(order) || order > after
}

/** Names as nobody has them: what takes both takes all. The first one stands for all below a folder. */
const ANY = '\uFFFD'
const ANY_NAMES = [ANY, ANY.repeat(40)] as const
const anyBelow = (folder: KeyBytes): KeyBytes => `${folder}/${toKeyBytes(ANY)}` as KeyBytes

const MOST_TIME_MS = 8.64e15

const isoOf = (ms: number): string =>
  new Date(Math.min(Math.max(ms, -MOST_TIME_MS), MOST_TIME_MS)).toISOString()

const infoOf = (key: KeyBytes, size: number, modifiedMs: number): ObjectInfo => ({
  key,
  size,
  etag: '',
  modified: isoOf(modifiedMs),
  storageClass: '',
  restored: false,
})

/** Two names that many file systems, and people, take for one. */
function twinsIn(entries: readonly Entry[]): Flaw[] {
  const seen = new Map<string, KeyBytes>()
  return entries.flatMap(({ key }) => {
    const text = toText(key)
    if (text === undefined || text === key) return []
    const form = text.normalize('NFC')
    const twin = seen.get(form)
    seen.set(form, key)
    if (twin === undefined) return []
    const why = `has the same name as another file in another Unicode normalization form (bytes ${hexOf(twin)} and ${hexOf(key)})`
    return [{ key, why, hint: 'Rename or exclude one of the two.' }]
  })
}

const isRefused = (error: unknown): boolean =>
  ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')

/** The files of a folder as objects, in the order of their keys. */
export class Tree {
  readonly #folder: Folder
  readonly #rules: TreeRules
  readonly #filter: KeyFilter
  readonly #namesGit: boolean
  /** By their keys, the one that was asked for last behind the others. */
  readonly #listed = new Map<KeyBytes, Listed>()
  readonly #others = new Set<KeyBytes>()
  readonly #leftovers = new Set<KeyBytes>()
  #kept = 0
  #hasExecutables = false

  constructor(folder: Folder, rules: TreeRules) {
    this.#folder = folder
    this.#rules = rules
    this.#filter = new KeyFilter(rules.filters)
    this.#namesGit = namesGit(rules.filters.include)
  }

  /** Whether some of the files that were listed can be run: S3 keeps no such bit. */
  get hasExecutables(): boolean {
    return this.#hasExecutables
  }

  /** What was seen of a folder that is written to, beside its files. */
  get beside(): Beside {
    return { others: this.#others, leftovers: this.#leftovers }
  }

  /** Reads all folders anew. */
  forget(): void {
    this.#listed.clear()
    this.#kept = 0
  }

  /** Files whose keys begin with a prefix, and lie behind a key. Throws SyncError that names what cannot be uploaded. */
  files(span: Span): AsyncGenerator<ObjectInfo> {
    return this.#below('' as KeyBytes, span)
  }

  /** What lies right below a prefix that is a folder: files, and names of folders with a slash at their end. */
  async children(
    prefix: KeyBytes,
  ): Promise<{ readonly files: readonly ObjectInfo[]; readonly folders: readonly KeyBytes[] }> {
    const entries = await this.#entriesOf(prefix.replace(/\/$/, '') as KeyBytes)
    const files = await this.#look(
      entries.filter(({ isFolder }) => !isFolder),
      prefix,
    )
    const folders = entries.filter(({ isFolder }) => isFolder)
    return {
      files,
      folders: folders.map((entry) => orderOf(entry).slice(prefix.length) as KeyBytes),
    }
  }

  /** The file that a key names; undefined where there is none that counts. `link`: it is reached by one. */
  async find(key: KeyBytes): Promise<(FileFacts & { readonly link?: 'link' }) | undefined> {
    const { symlinks } = this.#rules.local
    if (this.#isLeftOut(key)) return undefined
    const isLinked = symlinks === 'follow' || (await this.#leadsThroughLink(key))
    if (isLinked && symlinks !== 'follow') return undefined
    if (!isLinked) {
      const found = await this.#folder.look(key)
      return found?.kind === 'file' ? found : undefined
    }
    const led = await this.#folder.follow(key)
    return led?.kind === 'file' && this.mayLeadTo(led.within) ? { ...led, link: 'link' } : undefined
  }

  /** Whether a link may lead to a name of the folder: what is never uploaded is not uploaded by another name. */
  mayLeadTo(name: string | undefined): boolean {
    // A hidden file may be meant to be seen by the name of a link.
    return name !== undefined && !this.#leavesOut(name, { ...this.#rules.local, hidden: 'include' })
  }

  async #leadsThroughLink(key: KeyBytes): Promise<boolean> {
    const names = key.split('/')
    for (let depth = 1; depth <= names.length; depth++) {
      const found = await this.#folder.look(names.slice(0, depth).join('/') as KeyBytes)
      if (found?.kind === 'link') return true
      if (!found) return false
    }
    return false
  }

  async *#below(folder: KeyBytes, span: Span): AsyncGenerator<ObjectInfo> {
    const entries = (await this.#entriesOf(folder)).filter((entry) => touches(entry, span))
    let files: Entry[] = []
    for (const entry of entries) {
      if (!entry.isFolder) files.push(entry)
      if (!entry.isFolder && files.length < LOOKS_AT_ONCE) continue
      yield* await this.#look(files, span.prefix)
      files = []
      if (entry.isFolder) yield* this.#below(entry.key, span)
    }
    yield* await this.#look(files, span.prefix)
  }

  /** Files as objects; what is gone by now is none. */
  async #look(files: readonly Entry[], prefix: KeyBytes): Promise<readonly ObjectInfo[]> {
    const looked = await Promise.all(
      files.map(async ({ key, link, isFiltered }): Promise<ObjectInfo[]> => {
        if (isFiltered) return [infoOf(key.slice(prefix.length) as KeyBytes, 0, 0)]
        const found = link ? await this.#folder.follow(key) : await this.#folder.look(key)
        if (!found) return []
        this.#hasExecutables ||= found.isExecutable
        return [infoOf(key.slice(prefix.length) as KeyBytes, found.size, found.modifiedMs)]
      }),
    )
    return looked.flat()
  }

  async #entriesOf(folder: KeyBytes): Promise<readonly Entry[]> {
    const { entries, flaws } = await this.#listedIn(folder)
    if (flaws.length > 0) throw await this.#refusal()
    return entries
  }

  async #listedIn(folder: KeyBytes): Promise<Listed> {
    const known = this.#listed.get(folder)
    const listed = known ?? (await this.#list(folder))
    this.#listed.delete(folder)
    this.#listed.set(folder, listed)
    if (!known) this.#kept += listed.entries.length
    for (const [oldest, { entries }] of this.#listed) {
      if (this.#kept <= MOST_KEPT || oldest === folder) break
      this.#listed.delete(oldest)
      this.#kept -= entries.length
    }
    return listed
  }

  async #list(folder: KeyBytes): Promise<Listed> {
    const entries: Entry[] = []
    const flaws: Flaw[] = []
    const { only } = this.#rules
    const names = await this.#names(folder)
    if (!names) entries.push({ key: anyBelow(folder), isFolder: false, isFiltered: true })
    for (const { name, kind } of names ?? []) {
      if (only !== undefined && toText(name) !== only) continue
      const key = (folder === '' ? name : `${folder}/${name}`) as KeyBytes
      if (this.#isLeftOut(key) || this.#isUnfinished(key, name)) continue
      const found = await this.#count(key, kind)
      if (found && 'why' in found) flaws.push(found)
      else if (found && !(found.key !== key && entries.some((one) => one.key === found.key)))
        entries.push(found)
    }
    entries.sort(byOrder)
    if (!this.#rules.isTarget)
      flaws.push(...twinsIn(entries.filter((entry) => entry.isFolder || this.#isIn(entry.key))))
    return { entries, flaws }
  }

  /** undefined: they cannot be read, and an exclude leaves out all of them. */
  async #names(folder: KeyBytes): Promise<Awaited<ReturnType<Folder['entries']>> | undefined> {
    try {
      return await this.#folder.entries(folder)
    } catch (error) {
      // It was removed after the folder above it was read. A folder to write to may not exist yet.
      const { code } = error as NodeJS.ErrnoException
      if ((folder !== '' || this.#rules.isTarget) && code === 'ENOENT') return []
      if (isRefused(error) && this.#isAllBelowExcluded(folder)) return undefined
      const why = isRefused(error) ? 'cannot be read by this user' : `${error}`
      throw new SyncError('list', `The folder ${JSON.stringify(lossy(folder) || '.')} ${why}.`, {
        hint: 'Allow the user of this job to read it. Nothing was touched.',
        cause: error,
      })
    }
  }

  /** Whether it is what a run left that was killed while it wrote: no content, whoever reads the folder. */
  #isUnfinished(key: KeyBytes, name: KeyBytes): boolean {
    if (!isTemporaryName(lossy(name))) return false
    if (this.#rules.isTarget) this.#leftovers.add(key)
    return true
  }

  /** What a name in a folder counts as; undefined: nothing. */
  async #count(key: KeyBytes, kind: FileFacts['kind']): Promise<Entry | Flaw | undefined> {
    if (this.#rules.isTarget) {
      if (kind === 'file' || kind === 'folder') return { key, isFolder: kind === 'folder' }
      this.#others.add(key)
      return undefined
    }
    if (toText(key) === undefined) {
      const why = `is not valid UTF-8 (bytes ${hexOf(key)}), so it cannot be an S3 key`
      return this.#isIn(key)
        ? { key, why, hint: 'Rename or exclude it.' }
        : { key: toKeyBytes(lossy(key)), isFolder: false, isFiltered: true }
    }
    if (kind === 'link') return this.#countLink(key)
    if (kind === 'other')
      return this.#isIn(key)
        ? { key, why: `is ${OTHER}`, hint: EXCLUDE }
        : { key, isFolder: false, isFiltered: true }
    return { key, isFolder: kind === 'folder' }
  }

  async #countLink(key: KeyBytes): Promise<Entry | Flaw | undefined> {
    const { symlinks } = this.#rules.local
    if (symlinks === 'skip') return undefined
    const target = await this.#folder.follow(key)
    const isFolder = target?.kind === 'folder'
    // An include may speak of what lies below a folder: only an exclude says that all of it is out.
    const isOut = isFolder ? this.#isAllExcluded(key) : !this.#isIn(key)
    if (isOut)
      return { key: this.#isIn(key) ? anyBelow(key) : key, isFolder: false, isFiltered: true }
    if (symlinks === 'fail') return { key, why: 'is a symbolic link', hint: LINKS }
    const flaw = (why: string): Flaw => ({ key, why, hint: EXCLUDE })
    if (!target) return flaw('is a broken symbolic link')
    if (target.within === undefined)
      return flaw('is a symbolic link that points outside the folder')
    if (!this.mayLeadTo(target.within))
      return flaw(`is a symbolic link to an excluded path (${JSON.stringify(target.within)})`)
    if (target.kind === 'other') return flaw(`is a symbolic link to ${OTHER}`)
    if (isFolder && (await this.#leadsBack(key, target)))
      return flaw('is a symbolic link to one of its parent folders')
    return { key, isFolder, link: 'link' }
  }

  async #leadsBack(key: KeyBytes, { id }: FileFacts): Promise<boolean> {
    const names = key.split('/')
    for (let depth = 0; depth < names.length; depth++) {
      const above = names.slice(0, depth).join('/') as KeyBytes
      if ((await this.#folder.follow(above))?.id === id) return true
    }
    return false
  }

  #isLeftOut(key: KeyBytes): boolean {
    return this.#leavesOut(lossy(key), this.#rules.local)
  }

  #leavesOut(name: string, local: LocalRules): boolean {
    return (
      isLeftOutBy(local, this.#namesGit, name) ||
      this.#rules.without.some((own) => `${name}/`.startsWith(own))
    )
  }

  #isIn(key: KeyBytes): boolean {
    return this.#filter.takes(lossy(key))
  }

  #isAllExcluded(key: KeyBytes): boolean {
    return !this.#filter.spares(lossy(key)) || this.#isAllBelowExcluded(key)
  }

  #isAllBelowExcluded(folder: KeyBytes): boolean {
    return ANY_NAMES.every((name) => !this.#filter.spares(`${lossy(folder)}/${name}`))
  }

  /** Names all that cannot be uploaded, so that it is mended at once. */
  async #refusal(): Promise<SyncError> {
    const flaws: Flaw[] = []
    const look = async (folder: KeyBytes): Promise<void> => {
      const { entries, flaws: some } = await this.#listedIn(folder)
      flaws.push(...some)
      for (const { key, isFolder } of entries)
        if (isFolder && flaws.length <= MOST_NAMED) await look(key)
    }
    await look('' as KeyBytes)
    const named = flaws
      .slice(0, MOST_NAMED)
      .map(({ key, why }) => `- ${JSON.stringify(lossy(key))} ${why}`)
    const more = flaws.length > MOST_NAMED ? ['- and more'] : []
    const hints = [...new Set(flaws.map(({ hint }) => hint))]
    const [first] = flaws
    return new SyncError(
      'list',
      `The source contains files that cannot be uploaded:\n${[...named, ...more].join('\n')}`,
      {
        title: first && `${JSON.stringify(lossy(first.key))} ${first.why}`,
        hint: `${hints.join(' ')} Nothing was touched.`,
      },
    )
  }
}
