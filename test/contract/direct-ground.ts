import { systemClock } from '../../src/adapters/clock.ts'
import { createConditions } from '../../src/execute/direct/carry.ts'
import type { DirectGround } from '../../src/execute/direct/direct.ts'
import { createLink } from '../../src/execute/direct/link.ts'
import { createBudget } from '../../src/execute/direct/memory.ts'
import { looker } from '../../src/execute/look.ts'

type Own = Pick<DirectGround, 'source' | 'destination'> & Partial<DirectGround>

/** What the direct engine works with, where a test wants nothing else: few workers, small parts, no retries. */
export function directGround(own: Own): DirectGround {
  const { source, destination } = own
  const signal = own.signal ?? new AbortController().signal
  return {
    sourceObjects: source.store.objects,
    objects: destination.store.objects,
    options: {},
    streamed: false,
    keepEtags: false,
    link: createLink(systemClock),
    onTagsUnreadable: () => {},
    partBytes: () => 5 * 2 ** 20,
    memory: createBudget(32 * 2 ** 20),
    mostWorkers: 8,
    clock: systemClock,
    deadline: new AbortController().signal,
    concurrency: 3,
    requestTimeoutMs: 5000,
    onUnbound: () => {},
    onUnknownWay: () => {},
    signal,
    conditions: createConditions(false, destination.store.capabilities, () => {}),
    lookAtSource: looker(source.store, source.bucket),
    lookAtDestination: looker(destination.store, destination.bucket),
    replan: true,
    ...own,
  }
}
