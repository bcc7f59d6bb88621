// Loaded into a step by NODE_OPTIONS: what is to become one of the files FULL_DISK_FILES finds no room on the disk.
import fs, { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const full = (process.env['FULL_DISK_FILES'] ?? '').split(',')
const { open } = promises
const { openSync } = fs
const isFull = (file) => full.some((name) => path.basename(String(file)).startsWith(name))

promises.open = (file, ...more) => (isFull(file) ? open('/dev/full', 'w') : open(file, ...more))
fs.openSync = (file, ...more) =>
  isFull(file) ? openSync('/dev/full', 'r+') : openSync(file, ...more)
syncBuiltinESMExports()
