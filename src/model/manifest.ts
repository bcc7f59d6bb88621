/** How the rows of a manifest are written: the name of its file says it, never what is in it. */
export type ManifestFormat = 'keys' | 'keys0' | 'csv' | 'ndjson' | 'inventory' | 'batch'

/** Where a manifest is: a file of this machine, or an object. */
export type ManifestAddress =
  | { readonly path: string }
  | { readonly bucket: string; readonly key: string }

/** A manifest as it is asked for. */
export interface ManifestRequest {
  /** As the user wrote it. */
  readonly name: string
  readonly address: ManifestAddress
  readonly format: ManifestFormat
  /** What becomes of a row whose object is not in the source. */
  readonly missing: 'fail' | 'skip'
}

/** What a row may say of the object that it names. */
export interface ManifestPins {
  /** The object is looked up, copied and compared in this version. */
  readonly version?: string
  /** Bytes. */
  readonly size?: number
  /** Without quotes. */
  readonly etag?: string
  /** 64 hex digits in lower case. */
  readonly sha256?: string
}

/** One object of a manifest that was read. */
export interface ManifestRow extends ManifestPins {
  /** Of the file, from 1; of an S3 Inventory that of the data file. */
  readonly line: number
  /** Key relative to the source. */
  readonly key: string
  /** Key relative to the destination, where the row says it. */
  readonly target?: string
}

/** Why a row of an S3 Inventory is no object of the source as it is now. */
export type LeftOutReason = 'noncurrent' | 'delete-marker' | 'filtered'

/** The rows of a manifest that are of one bucket; it was read to its end, and found to be in order. */
export interface Manifest {
  /** As the user wrote it. */
  readonly name: string
  /** Hex, of all bytes of the manifest. */
  readonly sha256: string
  readonly missing: ManifestRequest['missing']
  /** A file with a ManifestRow in each line. */
  readonly path: string
  /** Those that were left out included. */
  readonly rows: number
  /** Rows that are in no line of `path`. */
  readonly leftOut: Readonly<Record<LeftOutReason, number>>
  /** Whether rows say where their objects go. */
  readonly hasTargets: boolean
  /** Where their objects lie. */
  readonly bucket: string
  /** A few full keys of the source. */
  readonly firstKeys: readonly string[]
}
