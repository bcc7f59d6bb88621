import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { PageWatch } from '../model/page-watch.ts'
import type { Place } from '../model/place.ts'
import { objectAt } from '../storage/object-page.ts'
import type { Store } from '../storage/store.ts'
import { before } from './before.ts'
import { Head } from './join-streams.ts'
import { HEADS_PER_LIST, PAGES_TO_TELL } from './key-looks.ts'
import { type ListedPlace, nextToken, OUT_OF_ORDER, pageOf } from './pages.ts'

interface Keyed {
  readonly key: KeyBytes
}

/** A record, and what the place has under its key; `unseen`: no page tells. */
export type Seen<T> = readonly [record: T, seen: ObjectInfo | undefined | 'unseen']

/** Where pages show that keys lie far apart, so many are left unseen before pages are tried again. */
const LEFT_OUT = 1000

/** What stands right before a key, to begin a page there. */
const startBefore = ({ key }: Keyed): string => before(toText(key) ?? '')

async function step(sought: Head<Keyed>): Promise<void> {
  sought.step()
  if (!sought.isKnown) await sought.fill()
}

/** Takes the next records, at most so many. */
async function* take<T extends Keyed>(sought: Head<T>, most: number): AsyncGenerator<T> {
  for (let left = most; sought.value && left > 0; left--) {
    yield sought.value
    await step(sought)
  }
}

/**
 * Looks records up by listing the pages on which their keys may be, and no page between them: never more pages than lie
 * between the first key and the last, nor more than there are keys. Left `unseen` is what HEAD requests show at less cost,
 * and what is missing where the order of a service may be another, as on all but AWS. `blocks` are in byte order of their
 * keys, each key once, and so are the answers. Throws as `listAll` does, and OUT_OF_ORDER.
 */
export async function* listSought<T extends Keyed>(
  place: ListedPlace & Pick<Place, 'endpoint'> & { readonly store: Pick<Store, 'capabilities'> },
  blocks: AsyncGenerator<readonly T[]>,
  signal: AbortSignal,
): AsyncGenerator<Seen<T>, void> {
  const sought = new Head(blocks)
  const notShown = place.endpoint === undefined ? undefined : 'unseen'
  const watch = new PageWatch()
  let end: KeyBytes | undefined
  let token: string | undefined
  let [pages, told] = [0, 0]
  try {
    await sought.fill()
    while (sought.value) {
      const start = startBefore(sought.value)
      const startAfter = token === undefined && start !== '' ? place.prefix + start : undefined
      const page = await pageOf(place, { token, startAfter, signal })
      const { objects } = page
      for (let row = 0; sought.value && row < objects.count; row++) {
        const key = objects.sharedKey(row)
        if (end !== undefined && key <= end) throw OUT_OF_ORDER
        end = key
        for (; sought.value && sought.value.key <= key; told++) {
          yield [sought.value, sought.value.key === key ? objectAt(objects, row) : notShown]
          await step(sought)
        }
      }
      objects.release()
      if (!page.truncated)
        for await (const record of take(sought, Number.POSITIVE_INFINITY)) yield [record, notShown]
      if (++pages === PAGES_TO_TELL) {
        if (told < pages * HEADS_PER_LIST && place.store.capabilities.heads)
          for await (const record of take(sought, LEFT_OUT)) yield [record, 'unseen']
        ;[pages, told] = [0, 0]
      }
      if (!sought.value) return
      // Behind an empty page nothing else leads on.
      const isAhead = objects.count > 0 && toKeyBytes(startBefore(sought.value)) > (end ?? '')
      token = isAhead ? undefined : nextToken(page, watch, place)
    }
  } finally {
    await sought.close()
  }
}
