import { systemClock } from '../../src/adapters/clock.ts'
import { createBudget } from '../../src/flow/byte-budget.ts'
import { createLink } from '../../src/flow/link.ts'
import type { Place } from '../../src/model/place.ts'
import type { WriteOptions } from '../../src/model/write-options.ts'
import type { Objects, Store } from '../../src/storage/store.ts'
import { Conditions } from '../../src/transfer/direct/conditions.ts'
import { Copier } from '../../src/transfer/direct/copier.ts'
import { SourceObjects } from '../../src/transfer/direct/source-object.ts'
import { Streamer } from '../../src/transfer/direct/stream.ts'
import { tellingTags } from '../../src/transfer/direct/tags.ts'
import { TimeLimits } from '../../src/transfer/direct/time-limits.ts'
import { Uploads } from '../../src/transfer/direct/upload.ts'
import { ObjectWriter } from '../../src/transfer/direct/write.ts'
import type { WriteDeps } from '../../src/transfer/direct/write-job.ts'
import { type Look, looker } from '../../src/transfer/look.ts'

type Side = Place & { readonly store: Store }

interface CopierScript {
  readonly source: Side
  readonly destination: Side
  readonly sourceObjects?: Objects
  readonly objects?: Objects
  readonly signal?: AbortSignal
  /** With `overwrite: never`. */
  readonly required?: boolean
  readonly onDropped?: () => void
  readonly lookAtSource?: Look
  readonly lookAtDestination?: Look
  readonly replan?: boolean
  readonly options?: WriteOptions
}

const TIMEOUT_MS = 5000

/** What copies objects as a run does, where a test wants nothing else: small parts, no retries. */
export function directCopier(script: CopierScript): Copier {
  const { source, destination, signal = new AbortController().signal } = script
  const objects = tellingTags(script.objects ?? destination.store.objects)
  const limits = new TimeLimits(TIMEOUT_MS, signal)
  const deps: WriteDeps = {
    source: new SourceObjects({
      bucket: source.bucket,
      objects: script.sourceObjects ?? source.store.objects,
      capabilities: source.store.capabilities,
      limits,
      link: createLink(systemClock),
      onTagsUnreadable: () => {},
    }),
    objects,
    bucket: destination.bucket,
    uploads: new Uploads({
      objects,
      capabilities: destination.store.capabilities,
      clock: systemClock,
      concurrency: 3,
      requestTimeoutMs: TIMEOUT_MS,
      signal,
    }),
    limits,
    options: script.options ?? {},
    ruledKey: (to) => to,
    keepEtags: false,
  }
  const streamer = new Streamer(deps, createBudget(32 * 2 ** 20), () => 5 * 2 ** 20, false)
  const { capabilities } = destination.store
  const isAws = destination.endpoint === undefined
  const writer = new ObjectWriter(deps, streamer, { streamed: false, isAws, capabilities })
  const conditions = new Conditions({
    required: script.required ?? false,
    source: source.store.capabilities,
    destination: capabilities,
    onDropped: script.onDropped ?? (() => {}),
    onUnbound: () => {},
  })
  const sides = {
    lookAtSource: script.lookAtSource ?? looker(source.store, source.bucket),
    lookAtDestination: script.lookAtDestination ?? looker(destination.store, destination.bucket),
    replan: script.replan ?? true,
    signal,
  }
  return new Copier(writer, conditions, sides, () => {})
}
