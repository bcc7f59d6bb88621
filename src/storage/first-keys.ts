import { ServiceError } from '../errors/service-error.ts'
import { PageWatch } from '../model/page-watch.ts'
import { keyAt, type ObjectPage } from './object-page.ts'
import { readPage } from './read-page.ts'
import type { ListedPage, Lister } from './store.ts'

/** Enough to look at when one of them stands for all. */
const ENOUGH = 3

function firstOf({ objects }: ObjectPage, prefix: string): readonly string[] {
  const keys: string[] = []
  for (let row = 0; row < objects.count && keys.length < ENOUGH; row++) {
    const key = keyAt(objects, row)
    // What is no text is shown as far as it is.
    if (key !== '') keys.push(prefix + Buffer.from(key, 'latin1').toString())
  }
  return keys
}

/**
 * The first keys under a prefix that are not the prefix itself, the folder's own marker; three at most, none when
 * nothing lies there. A page may be empty though more follows: only the last one tells. Throws as `Lister.page` does.
 */
export async function firstKeys(
  lister: Lister,
  bucket: string,
  prefix: string,
): Promise<readonly string[]> {
  const watch = new PageWatch()
  for (let token: string | undefined; ; ) {
    // The marker may come first.
    const page = await readPage(lister, { bucket, prefix, token, mostKeys: ENOUGH + 1 })
    const keys = firstOf(page, prefix)
    if (keys.length > 0 || !page.truncated) return keys
    const problem = watch.problemOf(page.nextToken, 0)
    if (problem)
      throw new ServiceError('InternalError', `The listing of the service has no end: ${problem}.`)
    token = page.nextToken
  }
}

/** The first page of a place, asked for before it is known what for. */
export class FirstPage {
  readonly prefix: string
  readonly #page: Promise<ListedPage>
  #given = false

  /** Asks at once; nobody has to wait for the answer. */
  constructor(
    lister: Lister,
    { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
    signal: AbortSignal,
  ) {
    this.prefix = prefix
    this.#page = readPage(lister, { bucket, prefix, signal })
    this.#page.catch(() => {})
  }

  /** The keys that `firstKeys` would give; undefined where the page tells none though more follows. */
  async keys(): Promise<readonly string[] | undefined> {
    const page = await this.#page
    const keys = firstOf(page, this.prefix)
    return keys.length > 0 || !page.truncated ? keys : undefined
  }

  /** The page itself, once, for who lists that very prefix from its beginning; else undefined. */
  give(prefix: string): Promise<ListedPage> | undefined {
    if (this.#given || prefix !== this.prefix) return undefined
    this.#given = true
    return this.#page
  }
}
