/** An object that stands at the destination as the run leaves it: a row of published.ndjson, which can be read as a manifest. */
export interface PublishedRow {
  /** Relative to the destination. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Of the destination, without quotes; undefined where nobody saw it. */
  readonly etag?: string | undefined
  /** Hex, of its bytes; undefined where nobody wants to know it, or nobody does. */
  readonly sha256?: string | undefined
  readonly status: 'copied' | 'unchanged'
}
