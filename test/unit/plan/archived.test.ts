import { expect, it } from 'vitest'
import type { PlanRequest } from '../../../src/plan/compare.ts'
import { makePlanFile } from '../../../src/plan/plan.ts'
import { memoryFiles } from '../../memory-files.ts'
import { idleSystem, jumpingClock, recordingLog, scriptedStore } from '../../ports.ts'
import { listing } from '../listing/listing.ts'

it('on AWS the listing itself tells what is restored', async () => {
  const dates = ['', '<RestoreExpiryDate>2100-01-01T00:00:00.000Z</RestoreExpiryDate>']
  const restore = () =>
    `<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>${dates.shift() ?? ''}</RestoreStatus></Contents>`
  const bend = (xml: string) =>
    xml.replaceAll('STANDARD', 'GLACIER').replaceAll('</Contents>', restore)
  const pages: Readonly<Record<string, Buffer>> = {
    from: listing({ keys: ['p/cold', 'p/restored'], bend }),
    to: listing({ keys: [] }),
  }
  const store = scriptedStore({
    listPage: async ({ bucket }, read) => ({
      value: read(pages[bucket] ?? Buffer.of()),
      attempts: 1,
    }),
  })
  const place = { store, prefix: 'p/', single: false, region: 'us-east-1' }
  const files = memoryFiles()
  const request: PlanRequest = {
    mode: 'plan',
    write: {},
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
  const [, cold, restored] = files.texts.get('/plan')?.split('\n') ?? []
  expect(JSON.parse(cold ?? '')).toMatchObject({ key: 'p/cold', archived: true })
  expect(JSON.parse(restored ?? '')).toMatchObject({ key: 'p/restored' })
  expect(restored).not.toContain('archived')
})
