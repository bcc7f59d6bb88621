import { before, type Fault, type RequestInfo } from 's3-direct-sync-testkit/faults.ts'
import { keysToDelete } from 's3-direct-sync-testkit/strange-services.ts'
import type { FaultSpec } from './catalogue.ts'
import { passes } from './passes.ts'
import type { SetUp, Stand } from './stand.ts'

/** Acts once, around the first request that writes what the source object becomes. */
const around =
  (act: (spec: FaultSpec, stand: Stand) => void, when: 'before' | 'after' = 'before'): SetUp =>
  (spec, stand) => {
    const to = stand.imageOf(spec.key)
    const fault: Fault = async (_request, next) => {
      if (when === 'before') act(spec, stand)
      const reply = await next()
      if (when === 'after') act(spec, stand)
      return reply
    }
    const match = (request: RequestInfo) =>
      passes('COPY', request) && request.bucket === 'dst' && request.key === to
    return stand.kit.faults.add({ match, times: 1, fault })
  }

const bodyOf = ({ amount }: FaultSpec): string => `of somebody else ${amount}`

const intrude = (spec: FaultSpec, { interfere, imageOf }: Stand): void =>
  interfere({ bucket: 'dst', key: imageOf(spec.key), body: bodyOf(spec) })

/** What is there of the objects that a request would delete; full keys. */
const victimsOf = (request: RequestInfo, { kit }: Stand): string[] =>
  keysToDelete(request).filter((key) => kit.store.facts('dst', key) !== undefined)

/** Writes one of the objects right before the first request that would delete it. */
const saveFromDelete: SetUp = (spec, stand) =>
  stand.kit.faults.add({
    match: (request) => victimsOf(request, stand).length > 0,
    times: 1,
    fault: before((request) => {
      const victims = victimsOf(request, stand)
      const key = victims[spec.amount % victims.length] ?? ''
      stand.interfere({ bucket: 'dst', key, body: bodyOf(spec) })
    }),
  })

/** What somebody else does to objects at the worst of moments. */
export const SOMEBODY_ELSE = {
  'source object changed': around(({ key, amount }, { interfere }) =>
    interfere({ bucket: 'src', key, body: `changed ${amount}` }),
  ),
  'source object deleted': around(({ key }, { interfere }) =>
    interfere({ bucket: 'src', key, body: undefined }),
  ),
  'destination written before the copy': around(intrude),
  'destination written after the copy': around(intrude, 'after'),
  'destination object deleted': around(({ key }, { interfere, imageOf }) =>
    interfere({ bucket: 'dst', key: imageOf(key), body: undefined }),
  ),
  'extra written before its delete': saveFromDelete,
} as const satisfies Readonly<Record<string, SetUp>>
