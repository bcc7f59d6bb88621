import { DIGEST, type Rule, rulesIn } from './headers.ts'
import { type List, listed, targetIn } from './manifest.ts'
import { FROM, type Held, TO, type World } from './world.ts'

/** Inputs of the action by name. */
export type Request = Readonly<Record<string, string>>

/** What a run has to do, worked out from the contract and not by the code that is tested. */
export interface Expected {
  /** Target by source key; full keys. */
  readonly copies: ReadonlyMap<string, string>
  /** Source keys that checksums decide: where they are not told, times do. */
  readonly byChecksum: ReadonlySet<string>
  /** Full keys at the destination. */
  readonly deletes: ReadonlySet<string>
  /** Whether a guard has to refuse it; `maybe` where the contract leaves room. */
  readonly refused: 'yes' | 'no' | 'maybe'
}

const globText = (glob: string): string =>
  glob.replace(/[\\^$+.()|[\]{}]/g, '\\$&').replace(/(?<=^|\/)\*\*\/|\*+|\?/g, (wild) => {
    if (wild === '?') return '[^]'
    return wild === '**/' ? '(?:[^]*/)?' : '[^]*'
  })

/** A glob without `/` takes the last segment or the whole key, one with `/` the whole; one that ends in `/` all below. */
const matches = (key: string) => (glob: string) => {
  const body = globText(glob.replace(/^\//, '').replace(/\/$/, '/*'))
  const takes = new RegExp(`^${body}$`, 'u')
  return takes.test(key) || (!glob.includes('/') && takes.test(key.slice(key.lastIndexOf('/') + 1)))
}

const linesOf = (text = ''): string[] => text.split('\n').filter((line) => line !== '')

const isExcluded = (request: Request, key: string): boolean =>
  linesOf(request['exclude']).some(matches(key))

function isIn(request: Request, key: string): boolean {
  const include = linesOf(request['include'])
  return (include.length === 0 || include.some(matches(key))) && !isExcluded(request, key)
}

/** The wave of a key of the destination, relative to it: the last one of which a glob takes it. */
export function waveOf(request: Request, key: string): number {
  const waves = (request['waves'] ?? '')
    .split(/^---$/m)
    .map(linesOf)
    .filter((globs) => globs.length > 0)
  return waves.findLastIndex((globs) => globs.some(matches(key))) + 1
}

const placed = (keys: Iterable<string>, prefix: string): string[] =>
  [...keys].filter((key) => key.startsWith(prefix))

/** Where a source object goes; full keys. */
export function imageOf(request: Request, key: string): string {
  const relative = key.slice(FROM.length)
  const { 'key-template': template, 'key-pattern': pattern } = request
  if (template === undefined) return TO + relative
  const match = new RegExp(pattern ?? '', 'u').exec(relative)
  const parts: Record<string, string> = { key: relative, ...match?.groups }
  return TO + (match ? template.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? '') : relative)
}

/** Whether a source object has no place at the destination, as its key is of another form. */
function isLeftOut(request: Request, key: string): boolean {
  const { 'key-pattern': pattern = '', 'key-mismatch': mismatch } = request
  return mismatch === 'skip' && !new RegExp(pattern, 'u').test(key.slice(FROM.length))
}

/** Whether both have a checksum of the whole object in common. */
const shareChecksum = (from: Held, to: Held): boolean =>
  from.whole.some((name) => to.whole.includes(name))

/** Whether checksums are what tells of two objects. */
function isByChecksum(request: Request, from: Held, to: Held | undefined): boolean {
  if (to === undefined || from.size !== to.size || !shareChecksum(from, to)) return false
  const compare = request['overwrite'] === 'never' ? 'auto' : (request['compare'] ?? 'auto')
  return compare === 'checksum' || (compare === 'auto' && from.etag !== to.etag)
}

function differs(request: Request, from: Held, to: Held | undefined): boolean {
  const [size, etag] = [from.size !== to?.size, from.etag !== to?.etag]
  if (to === undefined) return true
  if (isByChecksum(request, from, to)) return from.md5 !== to.md5
  if (request['overwrite'] === 'never') return size || etag
  switch (request['compare'] ?? 'auto') {
    case 'auto':
      return size || (etag && from.modifiedMs >= to.modifiedMs)
    case 'checksum':
      return size || etag
    case 'size':
      return size
    case 'newer':
      return from.modifiedMs > to.modifiedMs
    case 'etag':
      return etag
    case 'always':
      return true
    default:
      return false
  }
}

/** What rules say of a full key of the destination: of each header the first one that names it. */
function ruled({ headers: text }: Request, to: string): Required<Omit<Rule, 'files'>> {
  const matching = rulesIn(text).filter(({ files }) => files.some(matches(to.slice(TO.length))))
  const last = matching.toReversed()
  return {
    headers: Object.assign({}, ...last.map(({ headers }) => headers)),
    metadata: Object.assign({}, ...last.map(({ metadata }) => metadata)),
  }
}

/** A source object as it is written to a key. */
export function asWritten(request: Request, to: string, held: Held | undefined): Held | undefined {
  const { headers, metadata } = ruled(request, to)
  return (
    held && {
      ...held,
      headers: { ...held.headers, ...headers },
      metadata: { ...held.metadata, ...metadata },
    }
  )
}

/** Whether an object that holds the same has other headers than a rule asks for, and no rule wrote it. */
function hasOtherHeaders(request: Request, to: string, held: Held): boolean {
  if (held.metadata[DIGEST] !== undefined) return false
  const { headers, metadata } = ruled(request, to)
  return (
    Object.entries(headers).some(([name, value]) => held.headers[name] !== value) ||
    Object.entries(metadata).some(([name, value]) => held.metadata[name] !== value)
  )
}

/** What holds the same is copied once more where a rule asks for other headers than it has. */
function isCopied(request: Request, from: Held, key: string, to: Held | undefined): boolean {
  if (!to || differs(request, from, to)) return differs(request, from, to)
  const { overwrite, compare } = request
  const isSame = from.etag === to.etag || compare === 'size' || isByChecksum(request, from, to)
  return (
    isSame && overwrite !== 'never' && compare !== 'missing' && hasOtherHeaders(request, key, to)
  )
}

function deletesOf(request: Request, { src, dst }: World): Set<string> {
  if (request['delete'] !== 'true') return new Set()
  // What is left out for its form stays safe under the key that it has.
  const protectedKeys = new Set(placed(src.keys(), FROM).map((key) => imageOf(request, key)))
  const moved = request['key-template'] !== undefined
  return new Set(
    placed(dst.keys(), TO).filter((key) => {
      const relative = key.slice(TO.length)
      const inScope = moved ? !isExcluded(request, relative) : isIn(request, relative)
      return inScope && !protectedKeys.has(key)
    }),
  )
}

/** Whether so many deletes are too many, by what was found and what would be left. */
function isTooMuch(
  limit: string,
  { found, deletes, added }: Readonly<Record<'found' | 'deletes' | 'added', number>>,
) {
  const [count = Number.POSITIVE_INFINITY] = limit.match(/\d+(?!\d|%)/)?.map(Number) ?? []
  const part = /(\d+)%/.exec(limit)?.[1]
  if (deletes > count) return true
  if (part !== undefined) return deletes > Math.floor((found * Number(part)) / 100)
  return deletes === found || (deletes > 10 && 2 * (found - deletes + added) < found)
}

function refusal(
  request: Request,
  world: World,
  { copies, deletes, inScope }: Pick<Expected, 'copies' | 'deletes'> & { readonly inScope: number },
) {
  // A source of which nothing is in scope is an empty one.
  if (inScope === 0) return 'yes'
  const { 'max-delete': limit = '1000' } = request
  const targets = [...copies.values()]
  const inTheWay = targets.some((to) => world.dst.has(to))
  if (request['overwrite'] === 'never' && inTheWay) return 'yes'
  if (deletes.size === 0) return 'no'
  const found = placed(world.dst.keys(), TO).filter((key) => isIn(request, key.slice(TO.length)))
  const added = targets.filter((to) => !world.dst.has(to)).length
  const counts = { found: found.length, deletes: deletes.size, added }
  // Where keys are organised anew it depends on the images what was found in scope.
  if (request['key-template'] === undefined) return isTooMuch(limit, counts) ? 'yes' : 'no'
  if (isTooMuch(limit, { ...counts, found: Number.POSITIVE_INFINITY })) return 'yes'
  return /\b100%/.test(limit) ? 'no' : 'maybe'
}

/** A list that names the objects, and what both buckets held when it was written. */
export interface NamedBy {
  readonly list: List
  readonly first: World
}

/** What a request has to do with what the server holds, where a list names the objects with these alone. */
export function expectedOf(request: Request, world: World, named?: NamedBy): Expected {
  const isWanted = (key: string): boolean => isIn(request, key) && !isLeftOut(request, FROM + key)
  const rows = named && listed(named.list, world, named.first, isWanted)
  const inScope =
    rows?.keys ?? placed(world.src.keys(), FROM).filter((key) => isWanted(key.slice(FROM.length)))
  const copies = new Map<string, string>()
  const byChecksum = new Set<string>()
  for (const key of inScope) {
    const to = targetIn(named?.list, key) ?? imageOf(request, key)
    const from = world.src.get(key)
    if (from && isByChecksum(request, from, world.dst.get(to))) byChecksum.add(key)
    if (from && isCopied(request, from, to, world.dst.get(to))) copies.set(key, to)
  }
  const todo = { copies, deletes: deletesOf(request, world) }
  return {
    ...todo,
    byChecksum,
    refused: rows?.isRefused
      ? 'yes'
      : refusal(request, world, { ...todo, inScope: inScope.length }),
  }
}
