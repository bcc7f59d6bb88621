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
    if (problem) throw new ServiceError('InternalError', `The listing does not end: ${problem}.`)
    token = page.nextToken
  }
}

/** A page that was asked for early. */
interface Early {
  readonly token: string | undefined
  readonly page: Promise<ListedPage>
}

/** The first pages of a place, asked for before it is known what for. */
export class FirstPages {
  readonly prefix: string
  readonly #first: Promise<ListedPage>
  /** Those that nobody took yet, at most two. */
  readonly #early: Early[] = []

  /** Asks at once; nobody has to wait for the answer. `goesOn`: the second page is asked for as well, where there is one. */
  constructor(
    lister: Lister,
    place: { readonly bucket: string; readonly prefix: string; readonly goesOn: boolean },
    signal: AbortSignal,
  ) {
    const { bucket, prefix, goesOn } = place
    const ask = (token: string | undefined): Promise<ListedPage> => {
      const page = readPage(lister, { bucket, prefix, token, signal })
      page.catch(() => {})
      this.#early.push({ token, page })
      return page
    }
    this.prefix = prefix
    this.#first = ask(undefined)
    if (goesOn)
      this.#first.then(
        ({ truncated, nextToken }) => {
          if (truncated && nextToken !== '') void ask(nextToken)
        },
        () => {},
      )
  }

  /** The keys that `firstKeys` would give; undefined where the first page tells none though more follows. */
  async keys(): Promise<readonly string[] | undefined> {
    const page = await this.#first
    const keys = firstOf(page, this.prefix)
    return keys.length > 0 || !page.truncated ? keys : undefined
  }

  /** A page, once, for who lists that very prefix from its beginning; undefined: it was not asked for. */
  take(prefix: string, token: string | undefined): Promise<ListedPage> | undefined {
    const at = this.#early.findIndex((early) => early.token === token)
    return prefix === this.prefix ? this.#early.splice(at, at < 0 ? 0 : 1)[0]?.page : undefined
  }
}
