import { describe, expect, it } from 'vitest'
import type { SelectionRequest } from '../../../src/model/request.ts'
import { planStage, refusalOf, type StageScript } from './stage.ts'

/** Of both sides only `x` is one object; all else only the destination has. */
const MIRROR = {
  source: { x: '1' },
  destination: { x: '1', 'logs/a.txt': '1', 'logs/deep/b.txt': '1', 'cafe\u0301/c': '1' },
}
const PLACES = {
  from: { bucket: 'src', prefix: 'data/' },
  to: { bucket: 'dst', prefix: 'mirror/' },
}

const mirror = (exclude: readonly string[], more: StageScript = {}) =>
  planStage({ ...MIRROR, ...PLACES, ...more, rules: { delete: true, exclude, ...more.rules } })

async function deletesOf(exclude: readonly string[], more: StageScript = {}): Promise<string[]> {
  const stage = mirror(exclude, more)
  await stage.make()
  return stage.lines().ops.flatMap((op) => (op.op === 'delete' ? [op.key] : []))
}

describe('deletes that an exclude was meant to prevent are refused', () => {
  it.each<[string, string, string]>([
    ['logs', 'mirror/logs/a.txt', 'logs/'],
    ['./logs/**', 'mirror/logs/a.txt', 'logs/**'],
    ['logs/**, tmp/**', 'mirror/logs/a.txt', 'logs/**'],
    ['logs/** tmp/**', 'mirror/logs/a.txt', 'logs/**'],
    ['{logs,tmp}/**', 'mirror/logs/a.txt', 'logs/**'],
    ['s3://dst/mirror/logs/**', 'mirror/logs/a.txt', 'logs/**'],
    ['s3://dst/logs/**', 'mirror/logs/a.txt', 'logs/**'],
    ['mirror/logs/**', 'mirror/logs/a.txt', 'logs/**'],
    ['Logs/**', 'mirror/logs/a.txt', 'logs/**'],
    ['*.TXT', 'mirror/logs/a.txt', 'logs/a.txt'],
    ['caf\u00e9/**', 'mirror/cafe\u0301/c', 'cafe\u0301/**'],
    ['logs\\**', 'mirror/logs/a.txt', 'logs/**'],
    ["'logs/**'", 'mirror/logs/a.txt', 'logs/**'],
    ['logs/ **', 'mirror/logs/a.txt', 'logs/**'],
    ['--exclude logs/*', 'mirror/logs/a.txt', 'logs/*'],
    ['!logs/**', 'mirror/logs/a.txt', 'logs/**'],
    ['.\\LOGS', 'mirror/logs/a.txt', 'logs/'],
    ['deep/', 'mirror/logs/deep/b.txt', '**/deep/'],
  ])('%s', async (exclude, key, meant) => {
    const stage = mirror([exclude])
    const { kind, message, hint } = await refusalOf(stage.make())
    expect(kind).toBe('guard')
    expect(message).toContain(
      `exclude ${JSON.stringify(exclude)} does not protect ${JSON.stringify(key)}`,
    )
    const rest = /[,{]|\s\w/.test(exclude.replace('--exclude ', ''))
      ? ', with one glob per line'
      : ''
    expect(hint).toBe(
      `Write ${meant} instead to protect it${rest}; if the object may be deleted, remove this exclude: it matches nothing. Nothing was touched.`,
    )
    expect(stage.files.texts.has('/plan')).toBe(true)
    // What is recommended does what was meant.
    expect(await deletesOf([meant])).not.toContain(key)
  })

  it('also where the exclude matches something, and then with another way out', async () => {
    const source = { x: '1', logs: '1' }
    const { message, hint } = await refusalOf(mirror(['logs'], { source }).make())
    expect(message).toBe(
      'exclude "logs" does not protect "mirror/logs/a.txt", which would be deleted: end the glob with / to match everything below a folder.',
    )
    expect(hint).toBe(
      'Write logs/ instead to protect it; if the glob is correct as it is, replace one of its characters with ?. Nothing was touched.',
    )
    expect(await deletesOf(['log?'], { source })).toContain('mirror/logs/a.txt')
  })

  it('with the right advice where all of it was meant', async () => {
    const { hint } = await refusalOf(mirror(["'*'"]).make())
    expect(hint).toContain('remove exclude and set include')
  })

  it('where only the part that all includes begin with is listed', async () => {
    const more = { source: { 'logs/x': '1' }, rules: { include: ['logs/**'] } }
    const { message, hint } = await refusalOf(mirror(['./logs/deep/**'], more).make())
    expect(message).toContain('"mirror/logs/deep/b.txt"')
    expect(hint).toContain('Write logs/deep/** instead ')
  })

  it('where keys are organised anew', async () => {
    const keys = { template: 'all/{key}', mismatch: 'keep' } as const
    const more = { rules: { keys } }
    expect((await refusalOf(mirror(['./logs/**'], more).make())).message).toContain(
      '"mirror/logs/a.txt"',
    )
  })
})

describe('deletes that no exclude can mean are not refused', () => {
  it.each([
    ['one that matches nothing today', ['*.tmp']],
    ['one that matches something else', ['cafe*']],
    ['one that protects some', ['logs/deep/']],
    ['several', ['*.tmp', '*.bak', '**/cache/', 'nothing/here/*', '.*']],
  ])('with %s', async (_what, exclude) => {
    expect(await deletesOf(exclude)).toContain('mirror/logs/a.txt')
  })

  it('as long as another exclude protects what was meant', async () => {
    expect(await deletesOf(['logs', "'logs/**'", 'logs/'])).toEqual(['mirror/cafe\u0301/c'])
  })

  it('where case, braces and blanks are as in keys that are there', async () => {
    const source = { x: '1', 'Logs/a': '1', '{logs,tmp}': '1', 'a logs/b': '1' }
    const exclude = ['Logs/**', '{logs,tmp}*', 'a logs/*']
    expect(await deletesOf(exclude, { source })).toContain('mirror/logs/a.txt')
  })

  it('without delete, or in a check', async () => {
    const stage = mirror(['logs'], { rules: { delete: false } })
    expect((await stage.make()).trailer.deletes.objects).toBe(0)
    const check = mirror(['logs'], { ground: { mode: 'check' } })
    expect((await check.make()).trailer.deletes.objects).toBe(3)
  })
})

describe('a source of which nothing is in scope is an empty one', () => {
  const filtered = (rules: Partial<SelectionRequest>) => planStage({ ...MIRROR, ...PLACES, rules })

  it.each<[Partial<SelectionRequest>, string]>([
    [
      { include: ['*.csv'], exclude: ['x*'] },
      'include matches nothing: check the spelling of "*.csv".',
    ],
    [
      { include: ['x'], exclude: ['?'] },
      'An exclude overrides every include, in any order: remove exclude and keep include.',
    ],
    [
      { exclude: ['?', '*.tmp'] },
      'exclude matches everything: remove "?", "*.tmp", and set include to what should be copied.',
    ],
    [{ include: ['2026/**'] }, 'include matches nothing: check the spelling of "2026/**".'],
    [
      { keys: { pattern: 'y', template: '{key}', mismatch: 'skip' } },
      'No key matches key-pattern, and key-mismatch is skip: correct key-pattern.',
    ],
  ])('%j', async (rules, remedy) => {
    expect(await refusalOf(filtered(rules).make())).toEqual({
      kind: 'guard',
      message:
        'No source object is in scope: the filters exclude everything that lies under s3://src/data/.',
      hint: `${remedy} If this is intended, set \`allow-empty-source: filtered\`. Nothing was touched.`,
    })
    for (const allowEmptySource of [true, 'filtered'] as const)
      expect((await filtered({ ...rules, allowEmptySource }).make()).trailer.copies.objects).toBe(0)
  })

  it('in a check as well', async () => {
    const stage = planStage({ ...MIRROR, rules: { exclude: ['?'] }, ground: { mode: 'check' } })
    expect((await refusalOf(stage.make())).message).toContain('No source object is in scope')
  })

  it('but one that has nothing at all is not allowed as a filtered one', async () => {
    const rules = { exclude: ['?'], allowEmptySource: 'filtered' } as const
    const stage = planStage({ source: {}, rules })
    expect((await refusalOf(stage.make())).message).toContain('The source is empty')
  })

  it('and its own marker is no object in scope', async () => {
    const stage = planStage({ source: { '': '0', x: '1' }, rules: { exclude: ['x'] } })
    expect((await refusalOf(stage.make())).message).toContain('No source object is in scope')
  })
})

describe('a plan tells the globs that matched nothing', () => {
  const idleOf = async (script: StageScript) => (await planStage(script).make()).idleGlobs

  it('on either side', async () => {
    const rules = {
      include: ['*.txt', 'x', '*.csv'],
      exclude: ['*.tmp', 'logs/deep/', 'y', 'no/**'],
    }
    const source = { x: '1', y: '1' }
    expect(await idleOf({ ...MIRROR, source, rules })).toEqual({
      include: ['*.csv'],
      exclude: ['*.tmp', 'no/**'],
    })
  })

  it('by the keys of the source, and by those of the destination, where they are other ones', async () => {
    const keys = { template: 'all/{key}', mismatch: 'keep' } as const
    const exclude = ['tmp/**', 'logs/deep/', 'all/x', 'all/tmp/', 'no']
    const source = { x: '1', 'tmp/a': '1' }
    const destination = { ...MIRROR.destination, 'all/x': '1' }
    expect(await idleOf({ source, destination, rules: { keys, exclude } })).toEqual({
      include: [],
      exclude: ['all/tmp/', 'no'],
    })
  })
})
