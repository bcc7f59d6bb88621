// Prepares a release: `npm run release -- 0.2.0 acme` writes the version into package.json and CHANGELOG.md, and version
// and account into every page and example that names this action, so that they can be copied as they stand.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const [version = '', owner = ''] = process.argv.slice(2)
if (
  !/^\d+\.\d+\.\d+$/.test(version) ||
  !/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/.test(owner)
) {
  console.error('Name the version and the account that publishes it: npm run release -- 0.2.0 acme')
  process.exit(1)
}

const PAGES = [
  'README.md',
  'SECURITY.md',
  'docs/**/*.{md,yml,tf}',
  '.github/zizmor.yml',
  '.github/ISSUE_TEMPLATE/*.yml',
  '.github/workflows/several-runners.yml',
]
for (const page of globSync(PAGES, { cwd: root })) {
  const file = path.join(root, page)
  const before = readFileSync(file, 'utf8')
  // Only where the action itself is named: OWNER/REPO is the reader's own.
  const after = before
    .replaceAll('OWNER/s3-direct-sync', `${owner}/s3-direct-sync`)
    .replaceAll(
      new RegExp(`(${owner}/s3-direct-sync[\\w./-]*)@v\\d+\\.\\d+\\.\\d+`, 'g'),
      `$1@v${version}`,
    )
    .replace(/ # OWNER: the account this repository is published under$/m, '')
  if (after !== before) writeFileSync(file, after)
}
for (const [name, from, to] of [
  ['package.json', /^( {2}"version": ")[^"]+/m, `$1${version}`],
  ['CHANGELOG.md', /^## .*\(?unreleased\b.*$/im, `## ${version}`],
] as const) {
  const file = path.join(root, name)
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
}
console.log(`Look at the difference, commit it, and push the tag v${version}.`)
