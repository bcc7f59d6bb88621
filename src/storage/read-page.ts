import { SyncError } from '../errors/sync-error.ts'
import type { ListedPage, Lister, ListQuery } from './store.ts'

/** How often a page is asked for that does not come whole. */
const READS = 3

/** Reads one whole page; one that is not whole is asked for again. Throws SyncError, or the service's error. */
export async function readPage(lister: Lister, query: ListQuery): Promise<ListedPage> {
  for (let read = 1; ; read++) {
    try {
      const page = await lister.page(query)
      return read === 1 ? page : { ...page, attempts: page.attempts + read - 1 }
    } catch (error) {
      if (!(error instanceof SyncError && error.retryable) || read === READS) throw error
    }
  }
}
