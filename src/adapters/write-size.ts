/**
 * Bytes of one write to a file. Linux caches what a larger one brings in larger pages, which it takes from memory that it has not used
 * lately: on a virtual machine that gives free memory back to its host each of them has to come from there first, for up to
 * five times the time of the processor.
 */
export const WRITE_BYTES = 32 * 2 ** 10
