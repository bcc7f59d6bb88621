import { createHash } from 'node:crypto'
import { keyFilter } from '../inventory/globs.ts'
import { type Inventories, takeInventories } from '../inventory/inventory.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { type CopyReason, type Op, PLAN_SCHEMA, type Plan, type PlanHeader } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'
import type { Files, Log, Store } from '../ports.ts'
import { decide } from './decide.ts'
import { refuseEmptySource } from './guard.ts'
import { pairUp } from './pair.ts'
import { type PlanWriter, planWriter } from './plan-file.ts'
import { tallies } from './tallies.ts'

interface Side extends Place {
  readonly store: Store
}

/** What a plan is made from. */
export interface PlanGround {
  readonly source: Side
  readonly destination: Side
  readonly rules: PlanRules
  readonly files: Files
  /** Where the plan file is written, absolute. */
  readonly path: string
  readonly signal: AbortSignal
  readonly log: Log
  readonly nowMs: number
}

const placeLine = ({ endpoint, region, bucket, prefix, single }: Place) => ({
  ...(endpoint === undefined ? {} : { endpoint }),
  region,
  bucket,
  prefix,
  single,
})

function headerOf({ source, destination, rules, nowMs }: PlanGround): PlanHeader {
  const places = { source: placeLine(source), destination: placeLine(destination) }
  return {
    schema: PLAN_SCHEMA,
    ...places,
    compare: rules.compare,
    requestDigest: createHash('sha256').update(JSON.stringify({ places, rules })).digest('hex'),
    createdAt: new Date(nowMs).toISOString(),
  }
}

/** The text of a key; one that is not valid UTF-8 is shown with U+FFFD and can never be carried. */
const textOrShown = (key: KeyBytes): string =>
  toText(key) ?? Buffer.from(key, 'latin1').toString('utf8')

function copyOpOf(
  ground: PlanGround,
  source: ObjectInfo,
  found: { destination: ObjectInfo | undefined; reason: CopyReason },
): Op {
  const relative = textOrShown(source.key)
  const { destination, reason } = found
  return {
    op: 'copy',
    key: ground.source.prefix + relative,
    to: ground.destination.prefix + relative,
    size: source.size,
    etag: source.etag,
    lastModified: new Date(source.lastModifiedMs).toISOString(),
    ...(destination ? { toEtag: destination.etag } : {}),
    ...(source.storageClass && source.storageClass !== 'STANDARD'
      ? { storageClass: source.storageClass }
      : {}),
    ...(toText(source.key) === undefined ? { unnameable: true as const } : {}),
    reason,
  }
}

async function join(ground: PlanGround, sides: Inventories, writer: PlanWriter): Promise<Plan> {
  const { reasons, add } = tallies()
  if (sides.source.filtered.objects > 0)
    add('filtered', sides.source.filtered.objects, sides.source.filtered.bytes)
  for await (const [source, destination] of pairUp(
    sides.source.objects,
    sides.destination.objects,
  )) {
    if (!source) {
      if (destination) add('only-at-destination', 1, destination.size)
      continue
    }
    // A bucket's root has no key that the marker of a source folder could be copied to.
    if (ground.destination.prefix + source.key === '') continue
    const decision = decide(ground.rules.compare, source, destination)
    if ('skip' in decision) add(decision.skip, 1, source.size)
    else {
      add(decision.copy, 1, source.size)
      await writer.add(copyOpOf(ground, source, { destination, reason: decision.copy }))
    }
  }
  const listed = { source: sides.source.listed, destination: sides.destination.listed }
  return writer.finish({ reasons, listed })
}

/**
 * Lists both places, compares them and writes the plan file.
 * Throws SyncError, and leaves no plan file, when a listing is not complete or a guard refuses.
 */
export async function makePlanFile(ground: PlanGround): Promise<Plan> {
  const { files, source, destination, rules, signal, log } = ground
  const folder = await files.temporaryFolder()
  try {
    const filter = keyFilter(rules.include, rules.exclude)
    const sides = await takeInventories({ source, destination }, filter, {
      files,
      folder,
      signal,
      log,
    })
    refuseEmptySource(source, sides.source, rules)
    const writer = await planWriter(files, ground.path, headerOf(ground))
    try {
      return await join(ground, sides, writer)
    } catch (error) {
      await writer.discard()
      throw error
    }
  } finally {
    await files.remove(folder)
  }
}
