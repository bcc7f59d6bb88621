/** Keys of objects that this action keeps at a destination for itself, relative to it. */
export const OWN_KEYS = {
  /** Since when its extras are extra. */
  extras: '.s3-direct-sync-extras.ndjson',
} as const
