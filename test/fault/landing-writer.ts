import { openFolder } from '../../src/adapters/folder.ts'
import { openWritable } from '../../src/adapters/small-files.ts'
import { DiskLanding } from '../../src/storage/local/disk-landing.ts'

/** A process that replaces files for ever, small ones at once and large ones piece by piece, until it is killed. */
const [root = '', run = '', files = '', ready = ''] = process.argv.slice(2)
const names = { platform: 'linux', ignoresCase: false, rootBytes: root.length }
const beside = { others: new Set<never>(), leftovers: new Set<never>() }
const landing = new DiskLanding({ folder: openWritable(root), run, names, own: [] }, beside)
const folder = openFolder(root)

/** What stands under a key, as a plan knows it. */
async function standing(key: string) {
  const found = await folder.look(key as Parameters<typeof folder.look>[0])
  return found
    ? {
        to: key,
        toEtag: '',
        toSize: found.size,
        toLastModified: new Date(found.modifiedMs).toISOString(),
      }
    : { to: key }
}

for (let round = 0; ; round++) {
  if (round === Number(ready)) process.send?.('ready')
  for (const key of files.split(',')) {
    const isLarge = key.endsWith('.large')
    const bytes = Buffer.alloc(isLarge ? 300_000 : 3000, `${key} ${run} ${round} `)
    const op = await standing(key)
    if (!isLarge) await landing.whole(op, bytes)
    else {
      const file = landing.begin(op)
      for (let at = 0; at < bytes.length; at += 50_000)
        await file.write(bytes.subarray(at, at + 50_000), at)
      await file.keep()
    }
  }
}
