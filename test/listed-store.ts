import { SyncError } from '../src/errors/sync-error.ts'
import type { ChecksumValues, ListedChecksums } from '../src/model/checksum.ts'
import { toKeyBytes } from '../src/model/key.ts'
import type { ObjectInfo } from '../src/model/object-info.ts'
import { packed } from '../src/storage/object-page.ts'
import type { ListedPage, ListQuery, Store } from '../src/storage/store.ts'
import { scriptedObjects, scriptedStore } from './ports.ts'

/** An object of a listed store. */
export interface ListedObject {
  readonly size: number
  readonly etag: string
  /** Seconds since the epoch. */
  readonly second: number
  readonly storageClass?: string
  /** What the listing names of its checksums. */
  readonly listed?: ListedChecksums
  /** What a HEAD tells of those of the whole object. */
  readonly checksums?: ChecksumValues
}

/** What goes wrong with one page. */
export type PageFault =
  | 'refused'
  | 'expired'
  | 'damaged'
  | 'damaged-for-good'
  | 'unordered'
  | 'same-token'
  | 'ignored-start-after'

export interface ListedStoreScript {
  /** By full key. */
  readonly objects: ReadonlyMap<string, ListedObject>
  readonly pageKeys: number
  /** `folder-first`: `/` before every other byte, as SeaweedFS has it. */
  readonly order?: 'bytes' | 'folder-first'
  /** Faults by the number of the request, from 0. */
  readonly faults?: ReadonlyMap<number, PageFault>
  /** Called before each request is answered, with its number; may change the objects. */
  readonly before?: (request: number) => void
  /** Turns that each answer waits, in the order of the requests. */
  readonly waits?: readonly number[]
}

const failure = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } })

/** The form in which the order of a store is the order of bytes. */
const sortable = (key: string, order: ListedStoreScript['order']): string => {
  const bytes = Buffer.from(key).toString('latin1')
  return order === 'folder-first' ? bytes.replaceAll('/', '\0') : bytes
}

const infoOf = (
  key: string,
  { size, etag, second, storageClass = '', listed }: ListedObject,
): ObjectInfo => ({
  key: toKeyBytes(key),
  size,
  etag,
  modified: new Date(second * 1000).toISOString(),
  storageClass,
  restored: false,
  checksums: listed,
})

/** The first place in the order that is at least `form`, or, with `behind`, that comes after it. */
function placeOf(sorted: readonly SortedKey[], form: string, behind = false): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const here = (sorted[middle] as SortedKey).form
    if (here < form || (behind && here === form)) low = middle + 1
    else high = middle
  }
  return low
}

/** A key beside the form by which it is ordered, which is made once. */
interface SortedKey {
  readonly key: string
  readonly form: string
}

interface Found {
  readonly keys: readonly string[]
  readonly folders: readonly string[]
  /** The key after which the next page begins. */
  readonly next: string | undefined
}

function find(sorted: readonly SortedKey[], query: ListQuery, script: ListedStoreScript): Found {
  const form = (key: string) => sortable(key, script.order)
  const after = query.token ?? query.startAfter ?? ''
  const keys: string[] = []
  const folders: string[] = []
  let last: string | undefined
  const behind = after === '' ? 0 : placeOf(sorted, form(after), true)
  for (let at = Math.max(behind, placeOf(sorted, form(query.prefix))); at < sorted.length; at++) {
    const { key } = sorted[at] as SortedKey
    if (!key.startsWith(query.prefix)) break
    // As with S3, a page holds so many folders that most places have fewer.
    const most = query.delimiter
      ? 100 * script.pageKeys
      : Math.min(script.pageKeys, query.mostKeys ?? script.pageKeys)
    if (keys.length + folders.length === most) return { keys, folders, next: last }
    const slash = query.delimiter ? key.indexOf('/', query.prefix.length) : -1
    if (slash < 0) keys.push(key)
    else if (folders.at(-1) !== key.slice(0, slash + 1)) folders.push(key.slice(0, slash + 1))
    last = key
  }
  return { keys, folders, next: undefined }
}

/** A page of a store in memory. */
export function pageOf(objects: readonly ObjectInfo[], more: Partial<ListedPage> = {}): ListedPage {
  return {
    objects: packed(objects),
    folders: [],
    truncated: false,
    nextToken: '',
    attempts: 1,
    ...more,
  }
}

/** An object of which only the key, relative to the place, is of interest. */
export const plainInfo = (key: string): ObjectInfo => infoOf(key, { size: 1, etag: 'e', second: 1 })

/** What the real store makes of a page that came damaged. */
export const notWhole = (): SyncError =>
  new SyncError('list', 'The service returned an incomplete or invalid listing page.', {
    retryable: true,
  })

function pageFor(
  prefix: string,
  { keys, folders, next }: Found,
  script: ListedStoreScript,
  fault?: PageFault,
) {
  const objects = keys.map((key) =>
    infoOf(key.slice(prefix.length), script.objects.get(key) as ListedObject),
  )
  if (fault === 'unordered') objects.reverse()
  return pageOf(objects, {
    folders: folders.map((folder) => toKeyBytes(folder.slice(prefix.length))),
    truncated: next !== undefined,
    nextToken: next ?? '',
  })
}

/** A store that can only be listed, as slowly and as badly as its script says. */
export function listedStore(
  script: ListedStoreScript,
): Store & { readonly queries: readonly ListQuery[] } {
  const { faults, waits = [] } = script
  let sorted: SortedKey[] = []
  const sort = (): void => {
    if (sorted.length === script.objects.size) return
    sorted = [...script.objects.keys()]
      .map((key) => ({ key, form: sortable(key, script.order) }))
      .sort((a, b) => (a.form < b.form ? -1 : 1))
  }
  sort()
  const queries: ListQuery[] = []
  let broken = false
  const store = scriptedStore({
    objects: scriptedObjects({
      stat: async ({ key }, _limit, what) => {
        const object = script.objects.get(key)
        if (!object) return undefined
        const { size, etag, modified, restored } = infoOf(key, object)
        const checksums = what ? (object.checksums ?? new Map()) : undefined
        return { size, etag, modified, restored, checksums }
      },
    }),
    page: async (query) => {
      const fault = broken ? 'damaged-for-good' : faults?.get(queries.length)
      script.before?.(queries.length)
      sort()
      const turns = waits[queries.length % waits.length] ?? 0
      queries.push(query)
      for (let turn = 0; turn < turns; turn++) await undefined
      query.signal?.throwIfAborted()
      if (fault === 'refused') throw failure('AccessDenied', 403)
      if (fault === 'expired') throw failure('ExpiredToken', 400)
      broken ||= fault === 'damaged-for-good'
      if (broken || fault === 'damaged') throw notWhole()
      const { token } = query
      const asked = fault === 'ignored-start-after' ? { ...query, startAfter: undefined } : query
      const found = find(sorted, asked, script)
      const same = fault === 'same-token' && token !== undefined && found.next !== undefined
      return pageFor(query.prefix, same ? { ...found, next: token } : found, script, fault)
    },
  })
  return { ...store, queries }
}
