/** The metadata in which an object that was uploaded in parts says how many bytes they had: so its ETag can be made again. */
export const PART_SIZE = 's3-direct-sync-part-size'
