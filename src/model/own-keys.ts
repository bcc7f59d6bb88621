/** Keys of objects that this action keeps at a destination for itself, relative to it. */
export const OWN_KEYS = {
  /** Since when its extras are extra. */
  extras: '.s3-direct-sync-extras.ndjson',
  /** SHA-256 of all objects, in the format of sha256sum. */
  sums: 'SHA256SUMS',
} as const
