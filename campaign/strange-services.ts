import {
  endsListingsAfter,
  namesAnother,
  spelled,
  trimsKeys,
} from 's3-direct-sync-testkit/strange-services.ts'
import type { FaultName } from './catalogue.ts'
import { passes } from './passes.ts'
import { oneOf } from './random.ts'
import type { SetUp, Stand } from './stand.ts'
import { FROM, TO } from './world.ts'

const ALIAS = 'src-ap-s3alias'

/** How the destination that knows one spelling calls a key. */
export const spelling = (key: string): string => key.replace('klines/BTC/', 'klines/btc/')

/** Puts what source objects became where such a destination would have put it, as an earlier run left it an hour ago. */
function spellAll({ kit: { store } }: Stand): void {
  const lastModifiedMs = Date.now() - 3_600_000
  for (const key of store.keys('src', `${FROM}klines/BTC/`)) {
    const to = TO + key.slice(FROM.length)
    store.delete('dst', to)
    const { metadata = {} } = store.facts('src', key) ?? {}
    const body = store.bytes('src', key) ?? ''
    store.put('dst', spelling(to), { body, metadata, lastModifiedMs })
  }
}

/** Services that answer as if all were well, and would have the wrong objects deleted. */
export const STRANGE_SERVICES = {
  'incomplete source listing': ({ nth, times, amount }, { kit }) =>
    kit.faults.add({
      match: (request) =>
        passes('LIST', request) && request.bucket === 'src' && !request.query.has('max-keys'),
      nth: nth % 3,
      times,
      fault: endsListingsAfter(amount % 5),
    }),
  'deletes trim keys': ({ times }, { kit }) => {
    const { store } = kit
    // The blank is all that tells it from what the source has.
    store.put('dst', `${TO}last `, { body: store.bytes('src', `${FROM}last`) ?? '' })
    return kit.faults.add({
      match: { operation: 'DeleteObjects' },
      times,
      fault: trimsKeys(store),
    })
  },
  'deletes name another object': ({ nth, times }, { kit }) =>
    kit.faults.add({
      match: { operation: 'DeleteObjects' },
      nth: nth % 2,
      times,
      fault: namesAnother(`${TO}last`),
    }),
  'destination changes keys': (_spec, stand) => {
    spellAll(stand)
    return stand.kit.faults.add({
      match: ({ bucket, key }) => bucket === 'dst' && key !== '',
      fault: spelled(spelling),
    })
  },
  'destination is the source by another name': ({ amount }, { kit, inputs }) => {
    kit.store.alias(ALIAS, 'src')
    inputs['destination'] = `s3://${ALIAS}/${oneOf(['', FROM, `${FROM}in/`], amount)}`
    return () => 1
  },
} as const satisfies Readonly<Record<string, SetUp>>

/** Faults of which the run cannot know, so that what it says of both places may not be so. */
const MISLEADING: ReadonlySet<FaultName> = new Set([
  'incomplete source listing',
  'destination is the source by another name',
])

/** Whether a run was told of other places than there are. */
export const isMisled = (names: Iterable<FaultName>): boolean =>
  [...names].some((name) => MISLEADING.has(name))
