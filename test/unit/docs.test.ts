import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { isMap, parse, parseAllDocuments, visit } from 'yaml'
import { ERROR_ENTRIES } from '../../src/errors/catalogue.ts'

interface Job {
  readonly needs?: string | readonly string[]
  readonly permissions?: unknown
  readonly steps?: readonly {
    readonly uses?: string
    readonly with?: Readonly<Record<string, unknown>>
  }[]
}

interface Workflow {
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const find = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort()
const workflow = (file: string): Workflow => parse(read(file))
const steps = (file: string) => Object.values(workflow(file).jobs).flatMap((job) => job.steps ?? [])

const examples = find('docs/examples/*.yml')
const workflows = [...find('.github/workflows/*.yml'), ...examples]
const pages = [...find('*.md'), ...find('docs/**/*.md')]
/** What a link to a page may name: its headings as GitHub spells them, and anchors of its own. */
const anchorsOf = (file: string): string[] => {
  const text = read(file).replaceAll(/^```[\s\S]*?^```/gm, '')
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]
}
const action: { readonly inputs: object } = parse(read('action.yml'))

describe('workflows and examples', () => {
  test('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(3)
    expect(workflows.length).toBeGreaterThan(examples.length)
  })

  test.each(workflows)('%s grants nothing by default, and says what each grant is for', (file) => {
    expect(workflow(file).permissions).toEqual({})
    const grants = read(file).match(/^ +[a-z-]+: (read|write)\b.*$/gm) ?? []
    for (const grant of grants) expect(grant).toMatch(/ # \S/)
  })

  test.each(workflows)('%s pins every action to a commit, and names its version', (file) => {
    const lines = read(file).match(/^[ -]*uses: .*$/gm) ?? []
    const allowed = [
      /uses: \.\/$/,
      /uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/,
      // The action's own commit is not known before it is published.
      /uses: [\w-]+\/s3-direct-sync@v\d+\.\d+\.\d+ # pin this to the commit of the release$/,
    ]
    for (const line of lines)
      expect(
        allowed.some((form) => form.test(line)),
        line,
      ).toBe(true)
  })

  test.each(workflows)('%s leaves no credentials behind a checkout', (file) => {
    const checkouts = steps(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false })
  })

  const nameIn = (step: { readonly with?: Readonly<Record<string, unknown>> }): string =>
    String(step.with?.['name'] ?? step.with?.['pattern'])
  const keptBy = (file: string) =>
    steps(file).filter(({ uses }) => uses?.startsWith('actions/upload-artifact@'))
  const fetchedBy = (file: string) =>
    steps(file).filter(({ uses }) => uses?.startsWith('actions/download-artifact@'))

  test.each(examples.filter((file) => fetchedBy(file).length === 0))(
    '%s names what it keeps so that jobs of a matrix do not collide',
    (file) => {
      for (const step of keptBy(file)) expect(nameIn(step)).toMatch(/strategy\.job-index/)
    },
  )

  // Of two artifacts of one name, who downloads it may get that of an earlier attempt, or of another job that is called.
  test.each(workflows.filter((file) => fetchedBy(file).length > 0))(
    '%s hands on artifacts by names that no other attempt and no other job uses',
    (file) => {
      for (const step of keptBy(file))
        expect(nameIn(step)).toMatch(/steps\.plan\.outputs\.plan-id|github\.run_attempt/)
      // A job that is not run again keeps the names that it told.
      for (const step of fetchedBy(file)) expect(nameIn(step)).toMatch(/needs\.\w+\.outputs\./)
    },
  )

  test.each(workflows)('%s has a concurrency block', (file) => {
    expect(workflow(file).concurrency).toHaveProperty('group')
  })

  test.each(workflows)('%s gives this action only inputs it has', (file) => {
    const own = steps(file).filter(
      ({ uses }) => uses === './' || uses?.includes('/s3-direct-sync@'),
    )
    for (const step of own)
      expect(Object.keys(action.inputs)).toEqual(
        expect.arrayContaining(Object.keys(step.with ?? {})),
      )
  })

  test('ci-ok needs every other job', () => {
    const { 'ci-ok': gate, ...others } = workflow('.github/workflows/ci.yml').jobs
    expect(gate?.needs).toEqual(Object.keys(others))
  })
})

/** The names that blocks of YAML in a page give to this action: those below each `with`, unless another action has it. */
function inputsGiven(page: string): string[] {
  const blocks = [...read(page).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)]
  const given: string[] = []
  for (const [, indent = '', block = ''] of blocks) {
    const text = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    for (const document of parseAllDocuments(text, { uniqueKeys: false })) {
      expect(document.errors, text).toEqual([])
      visit(document, {
        Map: (_, { items }) => {
          const step = new Map(items.map(({ key, value }) => [String(key), value]))
          const values = step.get('with')
          const uses = step.get('uses')
          if (!isMap(values) || (uses && !String(uses).includes('/s3-direct-sync@'))) return
          given.push(...values.items.map(({ key }) => String(key)))
        },
      })
    }
  }
  return given
}

describe('README', () => {
  test('has the tables that action.yml makes', () => {
    execFileSync(process.execPath, ['scripts/docs.ts', '--check'], { cwd: root })
  })

  test('names the commands that CI runs', () => {
    const readme = read('README.md')
    expect(readme).toContain('\nnpm ci && npm test ')
    expect(readme).toContain('\nnpm ci && npm run demo ')
    expect(read('.ci/run')).toMatch(/\nnpm ci\nnpm test\n/)
    expect(read('.github/workflows/ci.yml')).toContain('- run: .ci/run\n')
  })

  test('has a quick start that is a workflow with a concurrency block', () => {
    const [, quickStart = ''] = /```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? []
    expect(parse(quickStart)).toMatchObject({ concurrency: { 'cancel-in-progress': false } })
  })
})

describe('docs', () => {
  test.each(pages)('%s links only to files that are there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to)
    for (const link of links.filter((to) => !/^https?:/.test(to)))
      expect(existsSync(path.join(root, path.dirname(page), link)), link).toBe(true)
  })

  test.each(pages)('%s links only to headings that are there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]*)#([^)\s]+)\)/g)]
    for (const [link, to = '', anchor = ''] of links.filter(([, to]) => !/^https?:/.test(to ?? '')))
      expect(anchorsOf(to === '' ? page : path.join(path.dirname(page), to)), link).toContain(
        anchor,
      )
  })

  test('the descriptions of action.yml name only pages and headings that are there', () => {
    const named = [...read('action.yml').matchAll(/docs\/[\w/-]+\.md(?:#([\w-]+))?/g)]
    expect(named.length).toBeGreaterThan(5)
    for (const [link, anchor] of named) {
      const file = link.replace(/#.*/, '')
      expect(existsSync(path.join(root, file)), link).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(file), link).toContain(anchor)
    }
  })

  test('every page for users is reached from the README', () => {
    const reached = new Set(['README.md'])
    for (const page of reached)
      for (const [, to = ''] of read(page).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g))
        if (!/^https?:/.test(to)) reached.add(path.join(path.dirname(page), to))
    expect(find('docs/*.md').filter((page) => !reached.has(page))).toEqual([])
  })

  test('a release writes its account and version wherever this action is named', () => {
    const [, list = ''] = /const PAGES = \[([^\]]*)\]/.exec(read('scripts/release.ts')) ?? []
    const written = [...list.matchAll(/'([^']+)'/g)].flatMap(([, pattern = '']) => find(pattern))
    const named = ['*.{md,yml}', 'docs/**/*.*', '.github/**/*.yml'].flatMap(find).filter((file) =>
      // A variable may end so.
      /(?<!_)OWNER\/s3-direct-sync/.test(read(file)),
    )
    expect(named.length).toBeGreaterThan(30)
    expect(written).toEqual(expect.arrayContaining(named))
  })

  test('every page and workflow names the version that package.json has', () => {
    const { version }: { readonly version: string } = JSON.parse(read('package.json'))
    for (const file of [...pages, ...workflows])
      for (const [named, of] of read(file).matchAll(/s3-direct-sync[\w./-]*@v(\d+\.\d+\.\d+)/g))
        expect(of, `${file}: ${named}`).toBe(version)
  })

  test('every example is in the list of examples', () => {
    const listed = [...read('docs/examples/README.md').matchAll(/\]\(([\w-]+\.yml)\)/g)]
    expect(listed.map(([, file]) => `docs/examples/${file}`).sort()).toEqual(examples)
  })

  test('pages of authors stand apart from those of users', () => {
    const links = find('docs/*.md').flatMap((page) =>
      [...read(page).matchAll(/\]\((?:\.\/)?(adr|internals)\/[^)]*\)/g)].map(() => page),
    )
    expect([...new Set(links)].sort()).toEqual(['docs/approval.md', 'docs/how-it-works.md'])
  })

  test.each(pages)('%s gives this action only inputs it has', (page) => {
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(inputsGiven(page)))
  })

  test('pages show how inputs are given', () => {
    expect(pages.flatMap(inputsGiven).length).toBeGreaterThan(200)
  })

  test.each(pages)('%s has one command on a line of a shell block', (page) => {
    const blocks = [...read(page).matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
    for (const line of blocks.flatMap(([, block = '']) => block.split('\n')))
      expect(line, 'has a comment, and then more').not.toMatch(/\s#\s.*\s#\s/)
  })

  test('CONTRIBUTING.md names only files that are there', () => {
    const named = [...read('CONTRIBUTING.md').matchAll(/`((?:src|test|testkit)\/[^`]*)`/g)]
    expect(named.length).toBeGreaterThan(15)
    for (const [, file = ''] of named) expect(existsSync(path.join(root, file)), file).toBe(true)
  })

  test.each([
    ['docs/internals/threat-model.md', 30],
    ['docs/runners.md', 30],
    ['docs/services.md', 7],
    ['docs/waves.md', 12],
    ['docs/website.md', 5],
    ['docs/releases.md', 2],
    ['docs/ghes.md', 1],
  ])('%s names tests that are there, by names that they have', (page, least) => {
    const cells = read(page).match(/`test\/[^|\n]*/g) ?? []
    const named = cells.flatMap((cell) =>
      [...cell.matchAll(/`(test\/[^`]+)`([^`]*)/g)].flatMap(([, file = '', names = '']) => {
        expect(existsSync(path.join(root, file)), file).toBe(true)
        const quoted = [...names.matchAll(/“([^”]+)”/g)]
        return quoted.map(([, name = '']) => ({ file, name }))
      }),
    )
    expect(named.length).toBeGreaterThanOrEqual(least)
    for (const { file, name } of named)
      expect(read(file).replaceAll("\\'", "'"), `${file} “${name}”`).toContain(name)
  })

  test('troubleshooting has a section for every error code, and tells which are tried again', () => {
    expect(ERROR_ENTRIES.length).toBeGreaterThan(60)
    const told = [
      ...read('docs/troubleshooting.md').matchAll(
        /^### (\w+)\n\n(\*\*Retried automatically\.\*\*)?/gm,
      ),
    ]
    expect(Object.fromEntries(told.map(([, code, again]) => [code, again !== undefined]))).toEqual(
      Object.fromEntries(ERROR_ENTRIES.map(({ code, retry }) => [code, retry !== 'no'])),
    )
  })
})
