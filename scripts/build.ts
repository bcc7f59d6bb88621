// Builds dist/ from src/: `npm run build`, or `npm run build -- --check` to fail when dist/ is not current.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type OutputOptions, type Plugin, type RolldownOptions, rolldown } from 'rolldown'
import { packageFolder, thirdPartyNotices } from './notices.ts'

const root = path.dirname(import.meta.dirname)
const dist = path.join(root, 'dist')
const source = (file: string): string => path.join(root, 'src', file)
const receiverThread = source(path.join('adapters', 'receiver-thread.ts'))
const smallFileThread = source(path.join('adapters', 'small-file-thread.ts'))
const entries = {
  index: source('main.ts'),
  start: source('start.ts'),
  'receiver-thread': receiverThread,
  'small-file-thread': smallFileThread,
}
/** An old Node loads these, and nothing of the rest; the second one waits at its top level, as what is loaded later may not. */
const apart: ReadonlySet<string> = new Set([
  ...Object.values(entries),
  source(path.join('adapters', 'node-version.ts')),
])

/** What is used of modules of Node that would load much more than that; a name that is missing here fails the build. */
const IN_PART: ReadonlyMap<string, readonly string[]> = new Map([
  ['http', ['Agent', 'globalAgent', 'request']],
  [
    'crypto',
    [
      'createHash',
      'createHmac',
      'createSecretKey',
      'hash',
      'randomBytes',
      'randomUUID',
      'X509Certificate',
    ],
  ],
])

/**
 * An `import` of node:http has Node read all that it exports, also the WebSocket for which it loads a client of its own:
 * 60 ms at each start of the action; one of node:crypto has it load what the Web's API for that needs. This reads what is
 * used.
 */
const builtinsInPart: Plugin = {
  name: 'builtins in part',
  resolveId: {
    filter: { id: /^(node:)?(http|crypto)$/ },
    // What is imported later is imported seldom, and the SDK is loaded later.
    handler: (id, importer, { kind }) =>
      kind === 'dynamic-import' || /[\\/]node_modules[\\/]@(aws|smithy)/.test(importer ?? '')
        ? null
        : `\0${id.replace('node:', '')}`,
  },
  load: {
    filter: { id: /^\0(http|crypto)$/ },
    handler: (id) => {
      const name = id.slice(1)
      return `const all = process.getBuiltinModule('node:${name}')
      export default all
      export const { ${(IN_PART.get(name) ?? []).join(', ')} } = all`
    },
  },
}

const INPUT: RolldownOptions = {
  input: entries,
  plugins: [builtinsInPart],
  // Comments of the output name the files, the same in every checkout.
  cwd: root,
  platform: 'node',
  transform: { target: 'node24' },
  // The AWS SDK keeps its ES modules under this name, and only of these can what nobody uses be left out.
  resolve: { conditionNames: ['module', 'node'], mainFields: ['module', 'main'] },
  treeshake: {
    // They do nothing when they are loaded, but do not say so: @actions/http-client would bring undici along, unused.
    moduleSideEffects: [{ test: /[\\/]node_modules[\\/]@actions[\\/]/, sideEffects: false }],
  },
  // What the bundler only warns of, such as an import that it cannot find, would fail at a user's.
  onLog: (level, { message }) => {
    if (level === 'warn') throw new Error(message)
  },
}

/** What requests are made with, what goes through the SDK, compares places, and reads plans that other runs wrote. */
const REQUESTS =
  /[\\/]src[\\/](adapters[\\/](?!aws-profiles|hearing|sdk-(?!service))|(errors|flow|model|storage)[\\/])/
const AWS_SDK =
  /[\\/]node_modules[\\/]@(aws|smithy)|[\\/]adapters[\\/](aws-profiles|hearing|sdk-(credentials|handler))/
/** All that a thread needs which receives: it begins while the download waits for it. */
const RECEIVING =
  /[\\/]src[\\/](adapters[\\/](answer-(body|reader)|body-memory|bounded|connections|exchange|file-sink|reading|told|trust|watch|wire-request)|errors[\\/](catalogue|own-codes|service-(codes|error|failure)|spoken|sync-error|unreached|error-entry)|model[\\/](crc32|crc64nvme|fast-crc32|folding|range-sum|wasm-code))\.ts$/
/** All that a thread needs which writes small files. */
const WRITING =
  /[\\/]src[\\/](adapters[\\/](folder|make-folders|pins|platform|write-size|writable-folder)|model[\\/](folder|key))\.ts$/
const COMPARING = /[\\/]src[\\/](listing|plan)[\\/]/
const APPROVED =
  /[\\/]src[\\/](model[\\/](plan|shard)-schema|plan[\\/](adopt|approved|check-plan|extras-list|fetch-extras|plain-line|plan-index))/
/** Used by several parts that are loaded by themselves. */
const OFTEN = { minShareCount: 2 }

const OUTPUT: OutputOptions = {
  format: 'esm',
  // For those who read what they run, and for stack traces.
  minify: false,
  minifyInternalExports: false,
  keepNames: true,
  codeSplitting: {
    groups: [
      // What is loaded later may not import a file that still waits at its top level, as the entries do.
      { name: 'action', tags: ['$initial'], test: (id) => !apart.has(id), priority: 3 },
      // Each file costs half a millisecond beside what is in it, so that what several share is in few.
      { name: 'receiving', test: RECEIVING, priority: 4 },
      { name: 'writing', test: WRITING, priority: 4 },
      { name: 'yaml', test: /[\\/]node_modules[\\/]yaml[\\/]|[\\/]yaml-text\.ts$/, priority: 3 },
      { name: 'zod', test: /[\\/]node_modules[\\/]zod[\\/]/, priority: 3 },
      { name: 'aws-sdk', test: AWS_SDK, ...OFTEN },
      // The first requests do not wait for what compares, nor that for what reads the plans of others.
      {
        name: 'requests',
        test: (id) => REQUESTS.test(id) && !APPROVED.test(id),
        ...OFTEN,
        priority: 2,
      },
      {
        name: 'compare',
        test: (id) => COMPARING.test(id) && !APPROVED.test(id),
        ...OFTEN,
        priority: 1,
      },
      { name: 'approved', test: APPROVED, ...OFTEN },
      { name: 'shared', test: /[\\/]src[\\/]/, ...OFTEN },
    ],
  },
  chunkFileNames: ({ name, facadeModuleId }) => {
    // Most packages of the AWS SDK begin in dist-es/index.js.
    const folder = name === 'dist-es' && facadeModuleId && packageFolder(facadeModuleId)
    return `${folder ? path.basename(folder) : name}.js`
  },
}

function checkTypes(): void {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc], { cwd: root, stdio: 'inherit' })
  // It has said what is wrong.
  if (status !== 0) process.exit(1)
}

/** Every file of dist/ by name. */
async function bundle(): Promise<Map<string, string>> {
  await using bundler = await rolldown(INPUT)
  const { output } = await bundler.generate(OUTPUT)
  const files = new Map([['package.json', '{"type":"module"}\n']])
  // The helpers of the bundler itself are in there.
  const folders = new Set([path.join(root, 'node_modules', 'rolldown')])
  for (const file of output) {
    if (file.type === 'asset') throw new Error(`${file.fileName} is no code`)
    files.set(file.fileName, file.code)
    for (const [id, { renderedLength }] of Object.entries(file.modules)) {
      const folder = packageFolder(id)
      if (folder && renderedLength > 0) folders.add(folder)
    }
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

checkTypes()
const files = await bundle()
if (process.argv.includes('--check')) {
  const stale = differences(files)
  for (const line of stale) console.error(line)
  if (stale.length > 0) console.error('dist/ is not current: run "npm run build" and commit it.')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  replaceDist(files)
}
