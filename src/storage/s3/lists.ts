import { BodyMemory } from '../../adapters/body-memory.ts'
import { MOST_PAGE_BYTES } from '../../adapters/bounded.ts'
import { escapeUri } from '../../adapters/escape-uri.ts'
import { isPuzzled, serviceFailure } from '../../errors/service-failure.ts'
import { toKeyBytes } from '../../model/key.ts'
import type { Limit } from '../../model/limit.ts'
import type { Capabilities } from '../capabilities.ts'
import type { ObjectPage } from '../object-page.ts'
import { persisting, type RetryRules } from '../retrying.ts'
import type { ListedPage, ListQuery, ObjectHeaders } from '../store.ts'
import { scanPage } from './scan.ts'
import type { Send } from './sender.ts'

/** How a page is asked for, beside what is asked. */
export interface PageForm {
  /** Whether keys come as they stand in a URL, in which all of them can be told. */
  readonly encoded: boolean
  /** Whether it is to tell which archived objects are restored. */
  readonly tellsRestored: boolean
}

/** In the order in which it is signed. */
function listQuery(
  { prefix, token, startAfter, delimiter, mostKeys }: ListQuery,
  encoded: boolean,
): string {
  const all = {
    'continuation-token': token,
    delimiter,
    'encoding-type': encoded ? 'url' : undefined,
    'list-type': '2',
    'max-keys': mostKeys?.toString(),
    prefix,
    'start-after': token === undefined ? startAfter : undefined,
  }
  return Object.entries(all)
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${escapeUri(value)}`))
    .join('&')
}

const RESTORED: ObjectHeaders = { 'x-amz-optional-object-attributes': 'RestoreStatus' }

const PAGES = new BodyMemory()

/** A service that gives no connection soon gives none at all. */
const CONNECT_MS = 10_000

/** Asks for a page once. Throws as `Lister.page` does. */
export async function askPage(
  send: Send,
  query: ListQuery,
  { encoded, tellsRestored }: PageForm,
  limit: Limit,
): Promise<ObjectPage> {
  const { body } = await send(
    {
      method: 'GET',
      on: { bucket: query.bucket, key: '' },
      query: listQuery(query, encoded),
      headers: tellsRestored ? RESTORED : {},
      connectMs: CONNECT_MS,
      answer: { mostBytes: MOST_PAGE_BYTES, into: PAGES },
    },
    limit,
  )
  try {
    return scanPage(body, toKeyBytes(query.prefix))
  } finally {
    PAGES.giveBack(body)
  }
}

/** What pages are asked for with. */
export interface PagerRules extends RetryRules {
  readonly capabilities: Capabilities
  /** For one attempt. */
  readonly timeoutMs: number
  /** Whether the service knows restored objects: some compatible ones refuse headers that they do not know. */
  readonly knowsRestored: boolean
}

/** Asks for pages, again while that may help, and without an encoding where the service knows none. */
export function pager(send: Send, rules: PagerRules): (query: ListQuery) => Promise<ListedPage> {
  const { capabilities, timeoutMs, knowsRestored } = rules
  const persist = persisting(rules)

  async function ask(query: ListQuery, encoded: boolean): Promise<ListedPage> {
    let attempts = 0
    // Who asks for a few keys wants no more than those.
    const form = { encoded, tellsRestored: knowsRestored && query.mostKeys === undefined }
    const limit = { timeoutMs, signal: query.signal }
    const once = (): Promise<ObjectPage> => {
      attempts++
      return askPage(send, query, form, limit)
    }
    const page = await persist(once, limit, 0)
    return { ...page, attempts }
  }

  return async (query) => {
    const encoded = capabilities.encodesKeys
    try {
      return await ask(query, encoded)
    } catch (error) {
      if (!encoded || !isPuzzled(serviceFailure(error))) throw error
      const page = await ask(query, false).catch(() => Promise.reject(error))
      capabilities.lacksKeyEncoding()
      return page
    }
  }
}
