// Stands for actions/download-artifact: one artifact by its name, or all that match a pattern. Of two attempts it brings the
// older one: which of them GitHub gives goes by IDs that do not grow with the attempts.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
const stores = [process.env['ARTIFACTS_BEFORE'], process.env['ARTIFACTS']]
const artifacts = new Map()
for (const store of stores.filter((folder) => existsSync(folder)))
  for (const found of readdirSync(store))
    if (!artifacts.has(found)) artifacts.set(found, path.join(store, found))
const target = path.resolve(input('path') || '.')
const name = input('name')
mkdirSync(target, { recursive: true })
if (name !== '') {
  if (!artifacts.has(name)) {
    console.log(`::error::Unable to download artifact(s): Artifact not found for name: ${name}`)
    process.exit(1)
  }
  cpSync(artifacts.get(name), target, { recursive: true })
} else {
  const parts = (input('pattern') || '*').split('*').map((text) => text.replace(/[^\w-]/g, '\\$&'))
  const pattern = new RegExp(`^${parts.join('.*')}$`)
  const merged = input('merge-multiple') === 'true'
  for (const [found, folder] of artifacts)
    if (pattern.test(found))
      cpSync(folder, merged ? target : path.join(target, found), { recursive: true })
}
