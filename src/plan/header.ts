import { createHash } from 'node:crypto'
import { PLAN_SCHEMA, type PlanHeader } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { WriteOptions } from '../model/write-options.ts'
import type { ManifestSource } from './manifest.ts'

const placeLine = ({ endpoint, region, bucket, prefix, single }: Place) => ({
  endpoint,
  region,
  bucket,
  prefix,
  single,
})

/** The first line of a plan: two plans of one request differ in nothing but `createdAt`. */
export function headerOf(
  places: { readonly source: Place; readonly destination: Place },
  {
    rules,
    write,
    manifest,
  }: {
    readonly rules: SelectionRequest
    readonly write: WriteOptions
    /** What names the objects, where it is not a listing. */
    readonly manifest?: ManifestSource | undefined
  },
  nowMs: number,
): PlanHeader {
  const source = placeLine(places.source)
  const destination = placeLine(places.destination)
  const { include, exclude, compare, overwrite, local } = rules
  const what = { include, exclude, compare, overwrite, delete: rules.delete, keys: rules.keys }
  const { sha256, missing } = manifest?.manifest ?? {}
  // By what a recipe stands for: another version may have another one under its name.
  const waves = rules.waves?.globs
  const list = sha256 ? { sha256, missing } : {}
  const { deleteAfterMs, sums } = rules
  const more = { local, deleteAfterMs, sums }
  const request = { source, destination, ...what, waves, write, ...list, ...more }
  return {
    schema: PLAN_SCHEMA,
    source,
    destination,
    compare,
    delete: rules.delete,
    ...(sha256 ? { manifest: sha256 } : {}),
    requestDigest: createHash('sha256').update(JSON.stringify(request)).digest('hex'),
    createdAt: new Date(nowMs).toISOString(),
  }
}
