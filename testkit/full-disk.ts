import { join } from 'node:path'

const NODE_OPTIONS = `--import ${join(import.meta.dirname, 'full-disk.mjs')}`

/** The environment of a step whose disk has no room for the files of these names, be they finished or not. */
export const fullDiskFor = (...names: readonly string[]): Readonly<Record<string, string>> => ({
  FULL_DISK_FILES: names.join(','),
  NODE_OPTIONS,
})

/** The environment of a step whose disk has room for nothing as long as a file of this name is there. */
export const fullDiskWhile = (sign: string): Readonly<Record<string, string>> => ({
  FULL_DISK_SIGN: sign,
  NODE_OPTIONS,
})
