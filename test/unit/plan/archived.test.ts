import { expect, it } from 'vitest'
import type { PlanRequest } from '../../../src/plan/compare.ts'
import { makePlanFile } from '../../../src/plan/plan.ts'
import { pageOf, plainInfo } from '../../listed-store.ts'
import { memoryFiles } from '../../memory-files.ts'
import { idleSystem, jumpingClock, recordingLog, scriptedStore } from '../../ports.ts'

it('on AWS the listing itself tells what is restored', async () => {
  const cold = { ...plainInfo('cold'), storageClass: 'GLACIER' }
  const restored = { ...plainInfo('restored'), storageClass: 'GLACIER', restored: true }
  const store = scriptedStore({
    page: async ({ bucket }) => pageOf(bucket === 'from' ? [cold, restored] : []),
  })
  const place = { store, prefix: 'p/', single: false, region: 'us-east-1' }
  const files = memoryFiles()
  const request: PlanRequest = {
    mode: 'plan',
    write: {},
    looks: { requestTimeoutMs: 1000, retryCount: 0 },
    source: { ...place, bucket: 'from' },
    destination: { ...place, bucket: 'to' },
    rules: {
      include: [],
      exclude: [],
      compare: 'auto',
      overwrite: 'if-different',
      allowEmptySource: false,
      delete: false,
      maxDelete: { objects: 0 },
    },
  }
  await makePlanFile(request, '/plan', {
    files,
    clock: jumpingClock(),
    system: idleSystem,
    signal: new AbortController().signal,
    log: recordingLog(),
  })
  const [, first, second] = files.texts.get('/plan')?.split('\n') ?? []
  expect(JSON.parse(first ?? '')).toMatchObject({ key: 'p/cold', archived: true })
  expect(JSON.parse(second ?? '')).toMatchObject({ key: 'p/restored' })
  expect(second).not.toContain('archived')
})
