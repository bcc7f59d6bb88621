/** The most that one request may bring or copy: 5 GiB. */
export const MAX_BODY_BYTES = 5 * 1024 ** 3

/** The most that a key may have, in UTF-8. */
export const MAX_KEY_BYTES = 1024

/** The most that names and values of user metadata may have together. */
export const MAX_METADATA_BYTES = 2048

/** The most that header lines and query of a request may have. */
export const MAX_HEAD_BYTES = 8 * 1024

/** All parts but the last have at least so much. */
export const MIN_PART_BYTES = 5 * 1024 ** 2

/** Parts of an upload, and the highest number of one. */
export const MAX_PARTS = 10_000
