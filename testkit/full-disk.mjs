// Loaded into a step by NODE_OPTIONS: what is to become one of the files FULL_DISK_FILES finds no room on the disk.
import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const full = (process.env['FULL_DISK_FILES'] ?? '').split(',')
const { open } = promises

promises.open = (file, ...more) =>
  full.some((name) => path.basename(String(file)).startsWith(name))
    ? open('/dev/full', 'w')
    : open(file, ...more)
syncBuiltinESMExports()
