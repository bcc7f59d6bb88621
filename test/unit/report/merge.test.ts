import { describe, expect, test } from 'vitest'
import { OutcomeTotals } from '../../../src/ledger/totals.ts'
import type { Report } from '../../../src/model/report.ts'
import { mergeReports } from '../../../src/report/merge.ts'
import { outputs } from '../../../src/report/outputs.ts'
import { stepSummary } from '../../../src/report/summary.ts'
import { SUCCESS } from './sample.ts'

const merged = (one: Partial<Report>, other: Partial<Report>): Report =>
  mergeReports(
    [
      { name: 'one', report: { ...SUCCESS, warnings: [], ...one } },
      { name: 'two', report: { ...SUCCESS, warnings: [], ...other } },
    ],
    {
      startedMs: 0,
      durationSeconds: 7,
      stages: [{ stage: 'install', seconds: 2, line: 'not needed' }],
      failure: undefined,
      outcomes: new OutcomeTotals(),
      failOn: 'failed',
      files: { folder: '/r', report: '/r/report.json' },
    },
  )

describe('what transfers come to together', () => {
  test('is the sum of their counts, bytes and times, by the clock of the step', () => {
    const { totals, copySeconds, durationSeconds, stages, listed } = merged({}, {})
    const twice = (amount: number) => amount * 2
    expect(totals.copied.objects).toBe(twice(SUCCESS.totals.copied.objects))
    expect(totals.planned.bytes).toBe(twice(SUCCESS.totals.planned.bytes))
    expect(listed.source).toBe(twice(SUCCESS.listed.source))
    expect(copySeconds).toBe(twice(SUCCESS.copySeconds))
    expect(durationSeconds).toBe(7)
    const copying = SUCCESS.stages.find(({ stage }) => stage === 'copy')
    expect(stages.find(({ stage }) => stage === 'copy')).toEqual({
      stage: 'copy',
      seconds: twice(copying?.seconds ?? Number.NaN),
      line: `one: ${copying?.line}; two: ${copying?.line}`,
    })
  })

  test('names a place or an identity only where all have it', () => {
    const place = { bucket: 'other', prefix: '', single: false, region: 'eu-west-1' }
    const { source, destination, identity } = merged({}, { destination: place })
    expect(source).toEqual(SUCCESS.source)
    expect(identity).toEqual(SUCCESS.identity)
    expect(destination).toBeUndefined()
  })

  test('warns once of what all of them have, else by name', () => {
    const { warnings } = merged({ warnings: ['Both.', 'Mine.'] }, { warnings: ['Both.'] })
    expect(warnings).toEqual(['Both.', 'Mine. Transfer: one.'])
  })

  test('is silent on globs of the step that another transfer needs', () => {
    const idle = ['exclude "x" matched nothing at the source and at the destination.']
    const by = (origin: 'input' | 'transfer') => ({
      warnings: idle,
      settings: [{ name: 'exclude', value: 'x', origin }],
    })
    expect(merged(by('input'), {}).warnings).toEqual([])
    expect(merged(by('transfer'), {}).warnings).toEqual([`${idle[0]} Transfer: one.`])
    expect(merged(by('input'), by('input')).warnings).toEqual(idle)
  })

  test('is an output of numbers, one for each', () => {
    const failure = { kind: 'list' as const, title: 'No such bucket', text: 'Make it.' }
    const files = { report: '/r/two/report.json' }
    const report = merged({}, { result: 'failed', failure, files })
    const told: readonly object[] = JSON.parse(outputs(report).transfers)
    expect(told).toMatchObject([
      { name: 'one', result: 'success', copied: SUCCESS.totals.copied.objects },
      { name: 'two', result: 'failed', 'report-path': '/r/two/report.json', 'failed-path': '' },
    ])
    expect(told).toMatchObject([{ 'failure-message': '' }, { 'failure-message': failure.title }])
  })

  test('is a summary of at most its size, however much each of 50 has to tell', () => {
    const warnings = Array.from({ length: 20 }, (_, at) => `${at} ${'w'.repeat(3000)}`)
    const report = { ...SUCCESS, warnings }
    const parts = Array.from({ length: 50 }, (_, at) => ({ name: `t${at}`, report }))
    const text = stepSummary(merged({ warnings }, {}), parts)
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_001)
    expect(text.indexOf('| `one`')).toBeGreaterThan(0)
  })
})
