import { ServiceError } from '../errors/service-error.ts'
import { PageWatch } from '../model/page-watch.ts'
import { keyAt, type ObjectPage } from './object-page.ts'
import { readPage } from './read-page.ts'
import type { Lister } from './store.ts'

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
