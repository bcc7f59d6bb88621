import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const text = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Every file of code, by its path from the root. */
const FILES: readonly string[] = ['src', 'testkit', 'campaign', 'bench', 'test', 'scripts'].flatMap(
  (folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
      .filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes('node_modules/')),
)

const specifiersOf = (file: string): readonly string[] =>
  [...text(file).matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^'\n]+)'/g)].map(
    ([, specifier = '']) => specifier,
  )

/** The file that an import names, undefined for one of another project. */
function target(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier)
  const [name, ...path] = specifier.split('/')
  return name === 's3-direct-sync-testkit' ? posix.join('testkit', ...path) : undefined
}

const IMPORTS: ReadonlyMap<string, readonly string[]> = new Map(
  FILES.map((file) => [file, specifiersOf(file).flatMap((name) => target(file, name) ?? [])]),
)

/** The files of which none can be read before another of them. */
function circles(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const inCircle = (file: string): boolean => {
    const seen = new Set<string>()
    const open = [...(imports.get(file) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === file) return true
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...(imports.get(next) ?? []))
    }
    return false
  }
  return [...imports.keys()].filter(inCircle)
}

describe('imports', () => {
  it('name files that exist', () => {
    expect(FILES.length).toBeGreaterThan(400)
    const known = new Set(FILES)
    const lost = [...IMPORTS].flatMap(([file, targets]) =>
      targets.filter((path) => !known.has(path)).map((path) => `${file}: ${path}`),
    )
    expect(lost).toEqual([])
  })

  it('go in no circle, not even for a type', () => {
    const ring = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b', 'd']],
      ['d', []],
    ])
    expect(circles(ring)).toEqual(['b', 'c'])
    expect(circles(IMPORTS)).toEqual([])
  })
})

describe('the testkit', () => {
  it('is imported by its name', () => {
    const outside = FILES.filter((file) => !file.startsWith('testkit/'))
    const byPath = outside.filter((file) =>
      specifiersOf(file).some(
        (specifier) => specifier.startsWith('.') && target(file, specifier)?.startsWith('testkit/'),
      ),
    )
    expect(byPath).toEqual([])
  })

  const { devDependencies: own } = JSON.parse(text('testkit/package.json')) as {
    devDependencies: Readonly<Record<string, string>>
  }

  it('imports only itself, Node and the packages that it names, in the versions of the action', () => {
    const packageOf = (specifier: string): string =>
      specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
    const allowed = (file: string, specifier: string): boolean => {
      const path = target(file, specifier)
      if (path !== undefined) return path.startsWith('testkit/')
      if (specifier.startsWith('node:')) return builtinModules.includes(specifier.slice(5))
      // Types alone are in a package of their own.
      const name = packageOf(specifier)
      return name in own || `@types/${name}` in own
    }
    const foreign = FILES.filter((file) => file.startsWith('testkit/')).flatMap((file) =>
      specifiersOf(file)
        .filter((specifier) => !allowed(file, specifier))
        .map((specifier) => `${file}: ${specifier}`),
    )
    expect(foreign).toEqual([])

    const { dependencies, devDependencies } = JSON.parse(text('package.json')) as {
      dependencies: Readonly<Record<string, string>>
      devDependencies: Readonly<Record<string, string>>
    }
    const roots: Readonly<Record<string, string>> = { ...dependencies, ...devDependencies }
    const other = Object.entries(own).filter(
      ([name, version]) => (roots[name] ?? version) !== version,
    )
    expect(other).toEqual([])
  })
})
