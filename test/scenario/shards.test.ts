import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShardStage, rowsOf, type ShardStage } from './shard-stage.ts'

const bodies = (...keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, `body of ${key.split('/').at(-1)}`]))

describe('a plan in parts', () => {
  let scene: ShardStage
  beforeAll(async () => {
    scene = await openShardStage({ delete: 'true' })
    scene.put('src', bodies(...'abcdefgh'.split('').map((name) => `data/${name}`)))
    scene.put('dst', bodies('copy/a', 'copy/old', 'copy/z'))
    await scene.plan('3')
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it('is carried out by several jobs, and ended by a last one', async () => {
    expect(scene.count()).toBe(3)
    await scene.executeAll({ 'plan-id': scene.planId() })
    expect(Object.keys(scene.held())).toContain('copy/old')
    await using ended = await scene.finish({ 'plan-id': scene.planId() })
    expect(ended.outputs, ended.stdout).toMatchObject({
      result: 'success',
      'planned-copies': '7',
      copied: '7',
      'planned-deletes': '2',
      deleted: '2',
      skipped: '1',
      failed: '0',
      unknown: '0',
    })
    expect(scene.stage.equal()).toBe(true)
    expect(Object.keys(await rowsOf(ended))).toHaveLength(9)
  })
})
