import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

const isFolder = (at: string): boolean =>
  statSync(at, { throwIfNoEntry: false })?.isDirectory() ?? false

/**
 * Makes a folder, and those above it that are missing. One by one: Node's own way never ends where a file system makes no
 * folders and says ENOENT, as /proc does.
 */
export function makeFolders(folder: string): void {
  const missing = [folder]
  let above = path.dirname(folder)
  // A drive of Windows that is not there has nothing above it.
  while (above !== path.dirname(above) && !isFolder(above)) {
    missing.unshift(above)
    above = path.dirname(above)
  }
  for (const one of missing)
    try {
      mkdirSync(one)
    } catch (error) {
      if (!isFolder(one)) throw error
    }
}
