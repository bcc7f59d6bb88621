import { expect, test } from 'vitest'
import type { Plan } from '../../../src/model/op.ts'
import { planLines } from '../../../src/plan/plan-lines.ts'
import { PLAIN_RULES, planStage } from './stage.ts'

const place = { bucket: 'b', prefix: '', region: 'r', single: false }
const AWS = { source: place, destination: place }

const planned = (names: readonly string[], remove = true): Promise<Plan> =>
  planStage({
    source: { a: '5' },
    destination: Object.fromEntries(names.map((name) => [name, '2000'])),
    rules: { delete: remove },
  }).make()

const RULES = { ...PLAIN_RULES, delete: true }

test('every delete has a line, and its look-up a price', async () => {
  const plan = await planned(['old', 'new\nTo delete: x'])
  expect(planLines(plan, { mode: 'sync', selection: RULES }, AWS)).toEqual([
    'To delete: "to/new\\nTo delete: x" (2.0 kB)',
    'To delete: "to/old" (2.0 kB)',
    'Before deleting, the source is checked once more: 2 HEAD requests, less than $0.01 at the list price of S3 Standard in us-east-1.',
  ])
})

test('beyond a hundred the rest is counted', async () => {
  const plan = await planned(Array.from({ length: 1120 }, (_, i) => `old-${i}`))
  const lines = planLines(
    plan,
    { mode: 'sync', selection: RULES },
    { ...AWS, source: { ...place, endpoint: 'http://x' } },
  )
  expect(lines.length).toBe(102)
  expect(lines.slice(-2)).toEqual([
    'To delete: 1,020 more objects in plan.ndjson',
    'Before deleting, the source is checked once more: 1,120 HEAD requests.',
  ])
})

test('a plan that deletes nothing, and a check, have none', async () => {
  expect(planLines(await planned(['x'], false), { mode: 'sync', selection: RULES }, AWS)).toEqual(
    [],
  )
  expect(planLines(await planned(['x']), { mode: 'check', selection: RULES }, AWS)).toEqual([])
})
