import { join } from 'node:path'

/** The environment of a step whose disk has no room for the files of these names, be they finished or not. */
export const fullDiskFor = (...names: readonly string[]): Readonly<Record<string, string>> => ({
  FULL_DISK_FILES: names.join(','),
  NODE_OPTIONS: `--import ${join(import.meta.dirname, 'full-disk.mjs')}`,
})
