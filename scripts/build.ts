// Builds dist/ from src/: `npm run build`, or `npm run build -- --check` to fail when dist/ is not current.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { packageFolder, thirdPartyNotices } from './notices.ts'

/** The part of webpack's module graph that is read here. */
interface BundledModule {
  /** File the module comes from; absent where several were joined into one. */
  readonly resource?: string
  readonly modules?: Iterable<BundledModule>
}

interface Bundle {
  readonly code: string
  readonly assets: Readonly<Record<string, { readonly source: string | Uint8Array }>>
  readonly stats: { readonly compilation: { readonly modules: Iterable<BundledModule> } }
}

type Bundler = (entry: string, options: Readonly<Record<string, unknown>>) => Promise<Bundle>

const root = path.dirname(import.meta.dirname)
const dist = path.join(root, 'dist')

function* sources(modules: Iterable<BundledModule>): Generator<string> {
  for (const { resource, modules: joined } of modules) {
    if (joined) yield* sources(joined)
    else if (resource) yield resource
  }
}

function compile(): void {
  rmSync(path.join(root, 'build'), { recursive: true, force: true })
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc], { cwd: root, stdio: 'inherit' })
  // It has said what is wrong, and has written nothing.
  if (status !== 0) process.exit(1)
}

/** Every file of dist/ by name. */
async function bundle(): Promise<Map<string, string>> {
  // ncc ships no type declarations, so it is required and given the one type that is used.
  const ncc: Bundler = createRequire(import.meta.url)('@vercel/ncc')
  const entry = path.join(root, 'build', 'main.js')
  // A cache could hand out what an older dependency left behind.
  const { code, assets, stats } = await ncc(entry, { cache: false, quiet: true })
  const files = new Map([['index.js', code]])
  for (const [name, { source }] of Object.entries(assets)) {
    files.set(name, Buffer.from(source).toString('utf8'))
  }
  const folders = new Set<string>()
  for (const source of sources(stats.compilation.modules)) {
    const folder = packageFolder(source)
    if (folder) folders.add(folder)
  }
  return files.set('licenses.txt', thirdPartyNotices(folders))
}

function differences(files: ReadonlyMap<string, string>): string[] {
  const present = existsSync(dist) ? readdirSync(dist) : []
  const names = [...new Set([...files.keys(), ...present])].sort()
  return names.flatMap((name) => {
    if (!files.has(name)) return [`dist/${name}: is there, but the build does not make it`]
    if (!present.includes(name)) return [`dist/${name}: is missing`]
    const same = readFileSync(path.join(dist, name), 'utf8') === files.get(name)
    return same ? [] : [`dist/${name}: differs`]
  })
}

function replaceDist(files: ReadonlyMap<string, string>): void {
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
  let bytes = 0
  for (const [name, text] of files) {
    writeFileSync(path.join(dist, name), text)
    bytes += Buffer.byteLength(text)
  }
  console.log(`dist/: ${files.size} files, ${(bytes / 1e6).toFixed(2)} MB`)
}

compile()
const files = await bundle()
if (process.argv.includes('--check')) {
  const stale = differences(files)
  for (const line of stale) console.error(line)
  if (stale.length > 0) console.error('dist/ is not current: run "npm run build" and commit it.')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  replaceDist(files)
}
