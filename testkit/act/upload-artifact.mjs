// Stands for actions/upload-artifact: keeps files as it does, relative to the deepest folder that all of them share. What an
// earlier attempt left under the name stays there, also with overwrite.
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
if (input('path') === '') {
  console.log('::error::Input required and not supplied: path')
  process.exit(1)
}
const asked = input('path')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '')
const found = asked.filter((file) => existsSync(file)).map((file) => path.resolve(file))
if (found.length === 0) {
  const missing = `No files were found with the provided path: ${asked.join(' ')}`
  if (input('if-no-files-found') === 'error') {
    console.log(`::error::${missing}`)
    process.exit(1)
  }
  console.log(`::warning::${missing}`)
  process.exit(0)
}
const target = path.join(process.env['ARTIFACTS'], input('name') || 'artifact')
if (existsSync(target)) {
  if (input('overwrite') !== 'true') {
    console.log(
      `::error::Failed to CreateArtifact: Conflict: an artifact with this name already exists`,
    )
    process.exit(1)
  }
  rmSync(target, { recursive: true })
}
/** A single path is a folder whose contents are kept, or a file; of several, what they have in common is left out. */
const roots = found.map((file) => (statSync(file).isDirectory() ? file : path.dirname(file)))
const shared = roots.reduce((root, folder) => {
  let common = root
  while (path.relative(common, folder).startsWith('..')) common = path.dirname(common)
  return common
})
mkdirSync(target, { recursive: true })
for (const file of found)
  cpSync(file, path.join(target, path.relative(shared, file)), { recursive: true })
