import { joinStreams } from '../../listing/join-streams.ts'
import { listAll } from '../../listing/pages.ts'
import { inKeyOrder } from '../../listing/sort.ts'
import { folded } from '../../model/folded.ts'
import { type KeyBytes, toKeyBytes, toText } from '../../model/key.ts'
import type { Plan } from '../../model/op.ts'
import type { Place } from '../../model/place.ts'
import { readCopies } from '../../plan/plan-file.ts'
import type { Files } from '../../ports.ts'
import type { Store } from '../../storage/store.ts'
import { DELETED, type DeleteEnd } from './ends.ts'
import { extrasOf, type KeyEnd } from './extras.ts'

/** Where names are looked at. */
export interface NamesInput {
  readonly plan: Plan
  readonly destination: Place & { readonly store: Store }
  readonly files: Files
  /** For what does not fit into memory; the caller removes it. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** What a destination that keeps keys under another spelling would lose. */
export interface OtherNames {
  /** How extras end that are not deleted, in the order of their keys. */
  readonly ends: AsyncGenerator<KeyEnd, void>
  /** Full keys of copies that the destination does not show under their names; at most as many as are kept need it. */
  readonly misnamed: ReadonlySet<string>
}

interface Name {
  /** By what it is sorted. */
  readonly key: KeyBytes
  /** Relative to the destination. */
  readonly name: KeyBytes
  readonly kind: 'copy' | 'extra'
  /** Whether the destination shows it, once that is known. */
  readonly shown?: boolean
}

const FILTER_BITS = 24

/** Tells of most texts that they were never added, in 2 MiB. */
class Seen {
  readonly #bits = new Uint8Array(2 ** (FILTER_BITS - 3))

  add(text: string): void {
    const bit = this.#bitOf(text)
    this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }

  mayHave(text: string): boolean {
    const bit = this.#bitOf(text)
    return ((this.#bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0
  }

  /** FNV-1a. */
  #bitOf(text: string): number {
    let hash = 0x811c9dc5
    for (let at = 0; at < text.length; at++)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    return (hash ^ (hash >>> FILTER_BITS)) & (2 ** FILTER_BITS - 1)
  }
}

/** Sorts names that are one when they are folded together; those of one kind come first. */
const byFolded = ({ name, kind, shown }: Omit<Name, 'key'>, first: Name['kind']): Name => ({
  key: `${folded(name)}\0${kind === first ? 0 : 1}\0${name}` as KeyBytes,
  ...{ name, kind },
  ...(shown === undefined ? {} : { shown }),
})

const foldedOf = ({ key }: Name): string => key.slice(0, key.indexOf('\0'))

/** Extras, and the copies of keys that the destination did not show when it was listed, where any may be of one name. */
async function* suspects({ plan, destination, files }: NamesInput): AsyncGenerator<Name> {
  const seen = new Seen()
  for await (const { key: name } of extrasOf(plan, destination, files)) {
    const extra = byFolded({ name, kind: 'extra' }, 'extra')
    seen.add(foldedOf(extra))
    yield extra
  }
  for await (const { to, toEtag } of readCopies(files, plan)) {
    // What was shown under its name is another object than all else that was shown.
    if (toEtag !== undefined) continue
    const name = toKeyBytes(to.slice(destination.prefix.length))
    const copy = byFolded({ name, kind: 'copy' }, 'extra')
    if (seen.mayHave(foldedOf(copy))) yield copy
  }
}

/** Of names in which extras come first: those that are one with a name of the other kind. */
async function* shared(sorted: AsyncIterable<Name>): AsyncGenerator<Name> {
  let extras: Name[] = []
  let last: string | undefined
  for await (const name of sorted) {
    const fold = foldedOf(name)
    if (fold !== last) extras = []
    last = fold
    if (name.kind === 'extra') extras.push(name)
    else {
      for (const extra of extras.splice(0)) yield { ...extra, key: extra.name }
      yield { ...name, key: name.name }
    }
  }
}

/** Whether the destination shows each name, by one listing. */
async function* shown(
  names: AsyncGenerator<Name>,
  { destination, files, folder, signal }: NamesInput,
): AsyncGenerator<Name> {
  const { bucket, prefix, region, store } = destination
  const whole = { bucket, prefix, single: false, region, store }
  const listed = await inKeyOrder(listAll(whole, signal), {
    files,
    folder: files.join(folder, 'listed'),
  })
  for await (const [name, found] of joinStreams(names, listed))
    if (name) yield byFolded({ ...name, shown: found !== undefined }, 'copy')
}

const keptFor = (copy: KeyBytes): DeleteEnd => ({
  status: 'failed',
  code: 'StoredUnderAnotherName',
  message: `Not deleted: ${JSON.stringify(toText(copy))} was copied, but the destination does not list it; it may be stored under this key.`,
})

/** How extras end, of names in which copies come first. */
async function* endsOf(
  sorted: AsyncIterable<Name>,
  onMisnamed: (name: KeyBytes) => void,
): AsyncGenerator<KeyEnd> {
  let last: string | undefined
  let missing: KeyBytes | undefined
  for await (const one of sorted) {
    const fold = foldedOf(one)
    if (fold !== last) missing = undefined
    last = fold
    if (one.kind === 'copy' && !one.shown) {
      missing ??= one.name
      onMisnamed(one.name)
    }
    if (one.kind === 'copy') continue
    if (missing !== undefined) yield { key: one.name, end: keptFor(missing) }
    // It may have taken the name of a copy, so that a delete would hit that one.
    else if (!one.shown) yield { key: one.name, end: DELETED }
  }
}

/**
 * Finds extras that a destination may take for what was copied just now, as it does not tell their names
 * apart: they go only where a listing shows both. Gives undefined where no names are alike; else lists
 * the destination. Throws SyncError when that listing is not complete.
 */
export async function findOtherNames(input: NamesInput): Promise<OtherNames | undefined> {
  const { plan, destination, files, folder } = input
  if (!plan.trailer.reasons['missing']) return undefined
  const sorted = (name: string, names: AsyncIterable<Name>) =>
    inKeyOrder(names, { files, folder: files.join(folder, name) })
  const alike = await sorted('alike', shared(await sorted('folded', suspects(input))))
  const first = await alike.next()
  if (first.done) return undefined
  async function* all(): AsyncGenerator<Name> {
    yield first.value as Name
    yield* alike
  }
  const seen = await sorted('shown', shown(all(), input))
  const misnamed = new Set<string>()
  const ends = await inKeyOrder(
    endsOf(seen, (name) => misnamed.add(destination.prefix + toText(name))),
    { files, folder: files.join(folder, 'ends') },
  )
  return { ends, misnamed }
}
