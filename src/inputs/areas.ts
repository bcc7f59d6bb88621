import type { PlaceRequest } from '../model/request.ts'
import type { InputValues } from './schema.ts'
import { endpointOf, type Side } from './sides.ts'

/** A folder of a service, as others are compared with it. */
export interface Area {
  /** undefined means AWS. */
  readonly endpoint: string | undefined
  readonly bucket: string
  /** '' or text that ends in `/`. */
  readonly folder: string
  /** Of a folder of this runner. */
  readonly local?: string | undefined
}

/** What stands for the endpoint of folders of this runner. */
const LOCAL = 'file:'

/** The folder that a place names, be it one for sure or not. */
export const folderNamed = (place: PlaceRequest): string =>
  place.path === '' || place.path.endsWith('/') ? place.path : `${place.path}/`

/** What a side names; undefined where it is not given. */
export function areaOf(values: InputValues, side: Side): Area | undefined {
  const place = values[side]
  if (!place) return undefined
  const { bucket, local } = place
  if (local !== undefined)
    return { endpoint: LOCAL, bucket, folder: local.replace(/[/\\]?$/, '/'), local }
  return { endpoint: endpointOf(values, side), bucket, folder: folderNamed(place) }
}

/** How one area lies to another; undefined: apart. */
export function relationOf(one: Area | undefined, other: Area | undefined): string | undefined {
  if (!one || !other || one.bucket !== other.bucket || one.endpoint !== other.endpoint)
    return undefined
  if (one.folder === other.folder) return 'is also'
  if (one.folder.startsWith(other.folder)) return 'lies inside'
  return other.folder.startsWith(one.folder) ? 'contains' : undefined
}
