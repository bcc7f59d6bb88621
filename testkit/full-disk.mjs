// Loaded into a step by NODE_OPTIONS. What is to become one of the files FULL_DISK_FILES finds no room on the disk; once
// the file FULL_DISK_SIGN is there, nothing does that is written to any file, be it open already.
import fs, { existsSync, promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const full = (process.env['FULL_DISK_FILES'] ?? '').split(',').filter((name) => name !== '')
const sign = process.env['FULL_DISK_SIGN']
const { open } = promises
const { openSync } = fs
const isFull = (file) => full.some((name) => path.basename(String(file)).startsWith(name))

if (full.length > 0) {
  promises.open = (file, ...more) => (isFull(file) ? open('/dev/full', 'w') : open(file, ...more))
  fs.openSync = (file, ...more) =>
    isFull(file) ? openSync('/dev/full', 'r+') : openSync(file, ...more)
}

const noSpace = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    errno: -28,
    syscall: 'write',
  })

/** Standard streams are no files. */
const isRefused = (target) => existsSync(sign) && !(typeof target === 'number' && target < 3)

/** Lets calls of some names fail while there is no room. */
function guard(calls, names, refuse) {
  for (const name of names) {
    const call = calls[name]
    calls[name] = function (...given) {
      return isRefused(given[0]) ? refuse(given) : call.apply(this, given)
    }
  }
}

if (sign !== undefined) {
  const refuseNow = () => {
    throw noSpace()
  }
  const reject = async () => refuseNow()
  const handle = await open(import.meta.filename)
  guard(Object.getPrototypeOf(handle), ['write', 'writev', 'writeFile', 'appendFile'], reject)
  await handle.close()
  guard(promises, ['writeFile', 'appendFile'], reject)
  guard(fs, ['writeSync', 'writevSync', 'writeFileSync', 'appendFileSync'], refuseNow)
  guard(fs, ['write', 'writev', 'writeFile', 'appendFile'], (given) =>
    process.nextTick(given.at(-1), noSpace()),
  )
}
syncBuiltinESMExports()
