// Stands for actions/download-artifact: one artifact by its name, or all that match a pattern.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
const store = process.env['ARTIFACTS']
const target = path.resolve(input('path') || '.')
const name = input('name')
mkdirSync(target, { recursive: true })
if (name !== '') {
  if (!existsSync(path.join(store, name))) {
    console.log(`::error::Unable to download artifact(s): Artifact not found for name: ${name}`)
    process.exit(1)
  }
  cpSync(path.join(store, name), target, { recursive: true })
} else {
  const parts = (input('pattern') || '*').split('*').map((text) => text.replace(/[^\w-]/g, '\\$&'))
  const pattern = new RegExp(`^${parts.join('.*')}$`)
  const merged = input('merge-multiple') === 'true'
  for (const found of existsSync(store) ? readdirSync(store) : [])
    if (pattern.test(found))
      cpSync(path.join(store, found), merged ? target : path.join(target, found), {
        recursive: true,
      })
}
