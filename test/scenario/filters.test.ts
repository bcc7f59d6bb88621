import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const put = (bucket: string, ...keys: readonly string[]) => {
  for (const key of keys) stage.kit.store.put(bucket, key, { body: key.replace(/^\w+\//, '') })
}
const destination = () => stage.kit.store.keys('dst')
const EXTRAS = ['logs/a.txt', 'logs/deep/b.txt']
const MIRROR = {
  source: 's3://src/data/',
  destination: 's3://dst/mirror/',
  delete: 'true',
  engine: 'direct',
}

beforeEach(async () => {
  stage = await openStage()
  put('src', 'data/x')
  put('dst', 'mirror/x', ...EXTRAS.map((key) => `mirror/${key}`))
})
afterEach(() => stage[Symbol.asyncDispose]())

describe('an exclude of those who come from other tools', () => {
  it('protects all that it means', async () => {
    // Each has a folder that no other one protects.
    const meant = {
      'logs/': 'logs',
      'star/*': 'star',
      'stars/**': 'stars',
      '/root/': 'root',
      '**/any/': 'any',
      'beg*': 'begun',
      '*.zip': 'ends',
    }
    const kept = Object.values(meant).flatMap((folder) => {
      const type = folder === 'ends' ? 'zip' : 'txt'
      return [`mirror/${folder}/a.${type}`, `mirror/${folder}/deep/b.${type}`]
    })
    put('dst', ...kept)
    const exclude = Object.keys(meant).join('\n')
    await using run = await stage.run({ ...MIRROR, exclude })
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-deletes': '0' })
    expect(destination()).toEqual([...kept, 'mirror/x'].sort())
  })

  it.each([
    ['logs', 'logs/'],
    ['logs/**, tmp/**', 'logs/**'],
    ["'logs/**'", 'logs/**'],
  ])('that would protect nothing deletes nothing either: %s', async (exclude, meant) => {
    await using run = await stage.run({ ...MIRROR, exclude })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard', deleted: '0' })
    const message = run.outputs['failure-message'] ?? ''
    expect(message).toContain(`exclude ${JSON.stringify(exclude)} does not protect`)
    expect(message).toContain('"mirror/logs/a.txt"')
    expect(message).toContain(`Write ${meant} instead `)
    expect(destination()).toHaveLength(3)
  })

  it('that matches nothing today is a warning, and no refusal', async () => {
    await using run = await stage.run({ ...MIRROR, exclude: '*.tmp\nlogs/deep/', include: '*' })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1' })
    expect(run.annotations.warnings.map(({ message }) => message)).toContain(
      'exclude "*.tmp" matched nothing at the source and at the destination.',
    )
    expect(run.summary).toContain('`*.tmp`')
    expect(destination()).toEqual(['mirror/logs/deep/b.txt', 'mirror/x'])
  })

  it('whose name is mistyped deletes nothing, and asks nobody', async () => {
    await using run = await stage.run({ ...MIRROR, exlude: 'logs/' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('exlude: is not an input; write exclude')
    expect(stage.kit.counters.total()).toBe(0)
    expect(destination()).toHaveLength(3)
  })

  it('beside a name that no input resembles is a warning', async () => {
    await using run = await stage.run({ ...MIRROR, exclude: 'logs/', 'post-hook': 'x' })
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(run.annotations.warnings.map(({ message }) => message)).toContain(
      'Unknown input, ignored: post-hook.',
    )
  })

  it('is judged again when a plan is carried out', async () => {
    await using plan = await stage.run({ ...MIRROR, mode: 'plan', exclude: 'gone' })
    expect(plan.outputs).toMatchObject({ result: 'planned', 'planned-deletes': '2' })
    put('dst', 'mirror/gone/y')
    const execute = { ...MIRROR, mode: 'execute', exclude: 'gone', 'plan-dir': plan.reportDir }
    await using run = await stage.run(execute)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard', deleted: '0' })
    expect(run.outputs['failure-message']).toContain('"mirror/gone/y"')
  })

  it('of keys that are organised anew protects its own matches and what the excluded ones become', async () => {
    put('src', 'data/secret/s', 'data/open/o')
    put('dst', 'mirror/by/secret/s', 'mirror/by/open/o', 'mirror/secret/old', 'mirror/gone')
    const inputs = { 'key-template': 'by/{key}', exclude: 'secret/\nlogs/\nx', 'max-delete': '5' }
    await using run = await stage.run({ ...MIRROR, ...inputs })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '1' })
    expect(destination()).toEqual([
      'mirror/by/open/o',
      'mirror/by/secret/s',
      'mirror/logs/a.txt',
      'mirror/logs/deep/b.txt',
      'mirror/secret/old',
      'mirror/x',
    ])
  })
})

describe('filters that leave nothing', () => {
  it('are refused at the inputs where the globs show it, with the spelling that is right here', async () => {
    await using run = await stage.run({ ...MIRROR, exclude: '*', include: '*.parquet' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('remove exclude and keep include')
    expect(stage.kit.counters.of('ListObjectsV2')).toBe(0)
  })

  it('are refused where the listing shows it, unless that is allowed', async () => {
    const inputs = { ...MIRROR, delete: 'false', exclude: '?', include: 'x' }
    await using refused = await stage.run(inputs)
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(refused.outputs['failure-message']).toContain('remove exclude and keep include')
    await using allowed = await stage.run({ ...inputs, 'allow-empty-source': 'filtered' })
    expect(allowed.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(allowed.summary).toContain('Nothing to do: 0 objects compared')
    stage.kit.store.delete('src', 'data/x')
    await using empty = await stage.run({ ...inputs, 'allow-empty-source': 'filtered' })
    expect(empty.outputs['failure-message']).toContain('The source is empty')
  })
})
