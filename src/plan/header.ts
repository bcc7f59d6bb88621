import { createHash } from 'node:crypto'
import { PLAN_SCHEMA, type PlanHeader } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'

const placeLine = ({ endpoint, region, bucket, prefix, single }: Place) => ({
  ...(endpoint === undefined ? {} : { endpoint }),
  region,
  bucket,
  prefix,
  single,
})

/** The first line of a plan: two plans of one request differ in nothing but `createdAt`. */
export function headerOf(
  places: { readonly source: Place; readonly destination: Place },
  rules: PlanRules,
  nowMs: number,
): PlanHeader {
  const source = placeLine(places.source)
  const destination = placeLine(places.destination)
  const { include, exclude, compare } = rules
  const request = { source, destination, include, exclude, compare, delete: rules.delete }
  return {
    schema: PLAN_SCHEMA,
    source,
    destination,
    compare,
    delete: rules.delete,
    requestDigest: createHash('sha256').update(JSON.stringify(request)).digest('hex'),
    createdAt: new Date(nowMs).toISOString(),
  }
}
