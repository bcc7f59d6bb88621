import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DEFAULTS, INPUT_NAMES } from '../src/inputs/schema.ts'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/** The rooms in the order of the road: each may import what stands before it. */
const ROAD = [
  'flow',
  'storage',
  'lock',
  'inputs',
  's5cmd',
  'credentials',
  'preflight',
  'listing',
  'plan',
  'ledger',
  'transfer',
  'verify',
  'run',
  'report',
]
const ENTRANCE = new Set(['main.ts', 'start.ts', 'post.ts', 'open-ports.ts'])
const GROUND = new Set(['model', 'errors', 'ports.ts'])
/** Packages and built-ins without effects on the outside. */
const PURE = new Set(['zod', 'yaml', 'mime', 'node:buffer', 'node:crypto', 'node:zlib'])

interface ActionYml {
  readonly inputs: Readonly<
    Record<string, { description: string; default?: string; required?: boolean }>
  >
  readonly outputs: Readonly<Record<string, { description: string }>>
}

const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionYml

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'))

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join(src, file), 'utf8').matchAll(
      /(?:\bfrom\s+|\bimport\s*\(?\s*)'([^'\n]+)'/g,
    ),
  ].map((match) => match[1] ?? '')

const roomOf = (file: string): string => file.split('/')[0] ?? ''

/** Where the real service is asked: nobody else knows how. */
const S3 = 'storage/s3/'
/** What a store can be asked for, among the other doors. */
const STORE = 'storage/store.ts'

function violation(file: string, specifier: string): string | undefined {
  const room = roomOf(file)
  if (!specifier.startsWith('.'))
    return room === 'adapters' || file.startsWith(S3) || PURE.has(specifier)
      ? undefined
      : `${file} imports ${specifier}: the outside belongs under adapters/ and ${S3}`
  const target = relative(src, resolve(src, dirname(file), specifier)).replaceAll('\\', '/')
  const to = roomOf(target)
  if (ENTRANCE.has(file)) return undefined
  if (target.startsWith(S3) && !file.startsWith(S3))
    return `${file} imports ${target}: a store is had from the ports`
  if (to === room) return undefined
  if (GROUND.has(room))
    return GROUND.has(to) || (file === 'ports.ts' && target === STORE)
      ? undefined
      : `${file} imports ${target}`
  if (GROUND.has(to) || (file.startsWith(S3) && to === 'adapters')) return undefined
  if (room === 'adapters') return `${file} imports ${target}: adapters know no rooms`
  return ROAD.includes(to) && ROAD.indexOf(to) < ROAD.indexOf(room)
    ? undefined
    : `${file} imports ${target}: rooms import only what stands before them`
}

const isCode = (path: string): boolean => /\.(ts|mjs)$/.test(path) && !path.includes('node_modules')

describe('the house', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(40)
  })

  it('lets data go one way: a room imports only from the ground, itself and the rooms before it', () => {
    const violations = files.flatMap((file) =>
      importsOf(file).flatMap((specifier) => violation(file, specifier) ?? []),
    )
    expect(violations).toEqual([])
  })

  it('has no folder beside the rooms, the model, the errors and the adapters', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map(roomOf))
    expect([...folders].filter((name) => !ROAD.includes(name)).sort()).toEqual([
      'adapters',
      'errors',
      'model',
    ])
  })

  it('asks in one place where a service is: nobody else reads what says so', () => {
    const text = (file: string) => readFileSync(join(src, file), 'utf8')
    const says =
      /AWS_(?:ENDPOINT_URL|REGION|DEFAULT_REGION|USE_\w+_ENDPOINT|IGNORE_CONFIGURED_ENDPOINT_URLS)/
    const read = new RegExp(`['"\`.]${says.source}`)
    expect(files.filter((file) => read.test(text(file)))).toEqual(['inputs/aws-lookup.ts'])
    const handedOn = new RegExp(`\\b${says.source}:`)
    expect(files.filter((file) => handedOn.test(text(file)))).toEqual(['s5cmd/command.ts'])
    const loaders = /\b(?:loadSharedConfigFiles|parseKnownFiles|loadConfig)\b/
    expect(files.filter((file) => loaders.test(text(file)))).toEqual(['adapters/aws-profiles.ts'])
  })

  it('asks in one place which system it runs on: all else takes it as a parameter', () => {
    const asks = files.filter((file) =>
      /\bprocess\.platform\b|\bos\.(?:platform|type)\(|\b(?:posix|win32)\.sep\b|\bpath\.sep\b/.test(
        readFileSync(join(src, file), 'utf8'),
      ),
    )
    expect(asks).toEqual(['adapters/platform.ts'])
  })

  it('tells every client of the SDK where its service is, so that none looks by itself', () => {
    const made = files.toSorted().flatMap((file) => {
      const code = readFileSync(join(src, file), 'utf8')
      return [...code.matchAll(/new (\w+Client)\(\{?\s*(\S*)/g)].map(([, client, first]) => ({
        file,
        client,
        told: first?.startsWith('...sdkService('),
      }))
    })
    expect(made).toEqual([
      { file: 'adapters/cloudwatch.ts', client: 'CloudWatchClient', told: true },
      { file: 'adapters/sdk-sts.ts', client: 'STSClient', told: true },
      { file: 'adapters/sts.ts', client: 'STSClient', told: true },
      { file: 'storage/s3/sdk-client.ts', client: 'S3Client', told: true },
    ])
  })

  it('keeps files within 400 lines', () => {
    const all = ['src', 'testkit', 'scripts', 'bench', 'campaign'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(isCode)
        .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
    )
    const long = all.filter(
      (file) => readFileSync(join(root, file), 'utf8').split('\n').length > 401,
    )
    expect(long).toEqual([])
  })

  it('has no file that holds just anything', () => {
    const vague = /(^|\/)(utils?|helpers?|common|types|misc)\.ts$/
    expect(files.filter((file) => vague.test(file))).toEqual([])
  })

  it('keeps the state of a class private', () => {
    const open = files.filter((file) => {
      const text = readFileSync(join(src, file), 'utf8')
      return (
        /^\s*(export )?(abstract )?class /m.test(text) &&
        /^\s+(private|protected|public) /m.test(text)
      )
    })
    expect(open).toEqual([])
  })

  it('keeps the entry within 20 lines', () => {
    expect(
      readFileSync(join(src, 'main.ts'), 'utf8').trim().split('\n').length,
    ).toBeLessThanOrEqual(20)
  })

  it('mocks no modules', () => {
    const tests = ['test', 'testkit/test'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(isCode)
        .map((file) => join(folder, file)),
    )
    const mocking = tests.filter(
      (file) =>
        !file.endsWith('architecture.test.ts') &&
        /vi\.(do)?mock\(/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(mocking).toEqual([])
  })
})

/** Tests that a page names, each with its file and a part of its title. */
const proofsOn = (page: string) => [
  ...readFileSync(join(root, page), 'utf8').matchAll(/`(test\/[\w./-]+\.test\.ts)` “([^”]+)”/g),
]

describe.each(['docs/internals/specification.md', 'docs/internals/reliability.md'])(
  '%s',
  (page) => {
    it('names tests that exist', () => {
      const proofs = proofsOn(page)
      expect(proofs.length).toBeGreaterThan(10)
      const titles = new Map<string, string>()
      const missing = proofs.filter(([, file = '', title = '']) => {
        const text = titles.get(file) ?? readFileSync(join(root, file), 'utf8')
        titles.set(file, text)
        // The start of a title, behind the quote that opens it, or a part of one.
        return !text.split('\n').some((line) => /['"`]/.test(line) && line.includes(title))
      })
      expect(missing.map(([proof]) => proof)).toEqual([])
    })
  },
)

describe('docs/internals/specification.md', () => {
  const page = readFileSync(join(root, 'docs/internals/specification.md'), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| (?!Feature)/.test(line))

  it('names a test for every feature', () => {
    expect(rows.length).toBeGreaterThan(60)
    const unproven = rows.filter((row) => !/`test\/[^`]+` “[^”]+” \|$/.test(row))
    expect(unproven).toEqual([])
  })

  it('names inputs that exist', () => {
    const named = rows.flatMap((row) => [
      ...(row.split(' | ')[1] ?? '').matchAll(/`([a-z][a-z0-9-]*)`/g),
    ])
    const known = new Set<string>([
      ...INPUT_NAMES,
      ...Object.keys(action.outputs),
      'container',
      'partial',
      'kline-archive',
    ])
    expect(named.map(([, name = '']) => name).filter((name) => !known.has(name))).toEqual([])
  })
})

describe('action.yml', () => {
  it('names exactly the inputs that are read', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...INPUT_NAMES].sort())
  })

  it('tells the defaults of the schema', () => {
    const told = Object.fromEntries(
      Object.entries(action.inputs).flatMap(([name, { description }]) => {
        const match = /Default: `([^`]+)`/.exec(description)
        return match ? [[name, match[1]]] : []
      }),
    )
    expect(told).toEqual(DEFAULTS)
  })
})

describe('docs/internals/folders.md', () => {
  it('lists the folders in the order in which they may import each other', () => {
    const page = readFileSync(join(root, 'docs/internals/folders.md'), 'utf8')
    const listed = [...page.matchAll(/^(\w+)\/ {2,}\S/gm)].map(([, name]) => name ?? '')
    expect(listed).toEqual(['model', 'errors', 'adapters', ...ROAD])
  })
})
