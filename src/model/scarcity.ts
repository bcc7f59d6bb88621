/** Parts of memory and disk that may be in use before that is told. */
export const SCARCE_MEMORY = 0.85
export const SCARCE_DISK = 0.9

/** With less than this no run can go on. */
export const NO_DISK_BYTES = 32 * 2 ** 20
