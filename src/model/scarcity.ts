/** The part of the memory that may be in use before that is told. */
export const SCARCE_MEMORY = 0.85

/** With less than this no run can go on. */
export const NO_DISK_BYTES = 32 * 2 ** 20

const SCARCE_DISK = 0.9
const AMPLE_DISK_BYTES = 2e9

/** Whether a disk is nearly full: a large one has room when a tenth of it is free, and long after. */
export const isDiskScarce = ({
  freeBytes,
  totalBytes,
}: {
  readonly freeBytes: number
  readonly totalBytes: number
}): boolean => freeBytes < AMPLE_DISK_BYTES && 1 - freeBytes / totalBytes > SCARCE_DISK
