import { readFile } from 'node:fs/promises'
import { openStage } from 's3-direct-sync-testkit/stage.ts'
import { expect, it } from 'vitest'

it.each(['auto', 's5cmd', 'direct'])(
  'archived objects are failed by name without a request, restored ones are copied: %s',
  async (engine) => {
    await using stage = await openStage()
    const put = (key: string, storageClass: string, restored = false) =>
      stage.kit.store.put('src', `data/${key}`, { body: key, storageClass, restored })
    put('cold', 'GLACIER')
    put('deep', 'DEEP_ARCHIVE')
    put('instant', 'GLACIER_IR')
    put('restored', 'GLACIER', true)
    put('warm', 'STANDARD')
    await using run = await stage.run({ engine })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '3', failed: '2' })
    expect(stage.kit.counters.of('CopyObject')).toBe(3)
    const failed = (await readFile(run.outputs['failed-path'] ?? '', 'utf8')).trimEnd().split('\n')
    expect(failed.map((line) => JSON.parse(line))).toMatchObject([
      { key: 'data/cold', code: 'InvalidObjectState' },
      { key: 'data/deep', code: 'InvalidObjectState' },
    ])
    expect(run.annotations.errors[0]?.message).toContain('restore it first')
    await using again = await stage.run({ engine, 'dry-run': 'true' })
    expect(again.outputs).toMatchObject({ 'planned-copies': '2' })
  },
)
