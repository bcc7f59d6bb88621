import type { ListedChecksums } from './checksum.ts'
import { sameEtag } from './etag.ts'
import type { KeyBytes } from './key.ts'

/** What a listing tells of one object. */
export interface ObjectInfo {
  /** Key relative to the place's prefix; '' for the object whose key is the prefix itself. */
  readonly key: KeyBytes
  /** Bytes. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  /** The server's time, ISO 8601, as it wrote it. */
  readonly modified: string
  /** '' for STANDARD, or where the service names none. */
  readonly storageClass: string
  /** Whether a readable copy of an archived object was restored. */
  readonly restored: boolean
  /** Which checksums it has; undefined: the listing names none. */
  readonly checksums?: ListedChecksums | undefined
}

/** An object of the source, and where it stands among the keys of the destination. */
export interface SourceObject extends ObjectInfo {
  /** Its key in the source, where that is another. */
  readonly origin?: KeyBytes
  /** Whether the filters leave it out, where that cannot be told from `key`. */
  readonly out?: boolean
  /** Hex, of its bytes, where it is a file of this runner that was read and somebody wants to know it. */
  readonly sha256?: string
  /** Where another version than that of now is copied, or the same by its id. */
  readonly version?: string | undefined
  /** A manifest says what it is: as anything else it is not copied. */
  readonly pinned?: true | undefined
  /** Hex: what a manifest says of its bytes, where nothing has proven it yet. */
  readonly expectedSha256?: string | undefined
}

const ARCHIVES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE'])

/** Whether an object must be restored before it can be read, by what a listing tells. */
export const isArchived = ({
  storageClass,
  restored,
}: Pick<ObjectInfo, 'storageClass' | 'restored'>): boolean =>
  ARCHIVES.has(storageClass) && !restored

/** Whether an object is as it was listed: by its ETag, or where nobody told one, by size and time (S3 tells whole seconds). */
export function isAsListed(
  listed: Pick<ObjectInfo, 'size' | 'etag' | 'modified'>,
  found: Pick<ObjectInfo, 'size' | 'etag' | 'modified'>,
): boolean {
  if (listed.etag !== '' && found.etag !== '') return sameEtag(listed.etag, found.etag)
  const second = (object: Pick<ObjectInfo, 'modified'>) => Math.floor(modifiedMs(object) / 1000)
  return listed.size === found.size && second(listed) === second(found)
}

/** When an object was last written, milliseconds since the epoch. */
export const modifiedMs = ({ modified }: Pick<ObjectInfo, 'modified'>): number =>
  Date.parse(modified)
