import { describe, expect, it } from 'vitest'
import { metricData } from '../../../src/report/metrics.ts'
import { PARTIAL, REFUSED, SUCCESS } from './sample.ts'

const JOB = { GITHUB_REPOSITORY: 'o/r', GITHUB_WORKFLOW: 'Nightly sync' }
const dataOf = (report = SUCCESS, env: Readonly<Record<string, string>> = JOB) =>
  metricData(report, { namespace: 'S3DirectSync', env })
const valuesOf = (report = SUCCESS): Record<string, number> =>
  Object.fromEntries(dataOf(report).metrics.map(({ name, value }) => [name, value]))

describe('the metrics of a run', () => {
  it('have the names and units of the specification, and three more', () => {
    const units = Object.fromEntries(dataOf().metrics.map(({ name, unit }) => [name, unit]))
    expect(units).toEqual({
      TransferSpeed: 'None',
      FilesTransferred: 'Count',
      TransferDuration: 'Seconds',
      FilesFailed: 'Count',
      FilesSkipped: 'Count',
      BytesTransferred: 'Bytes',
    })
  })

  it('are what its report says, the speed in megabytes per second of copying', () => {
    const { TransferSpeed, ...others } = valuesOf()
    expect(TransferSpeed).toBeCloseTo(1200 / 31.5)
    expect(others).toEqual({
      FilesTransferred: 3000,
      TransferDuration: 42.14,
      FilesFailed: 0,
      FilesSkipped: 8512,
      BytesTransferred: 1_200_000_000,
    })
  })

  it('count as failed what failed and what is unknown', () => {
    expect(valuesOf(PARTIAL)).toMatchObject({ FilesTransferred: 2990, FilesFailed: 10 })
  })

  it('have no speed where no bytes were copied', () => {
    const values = valuesOf(REFUSED)
    expect(values).toMatchObject({ FilesTransferred: 0, BytesTransferred: 0 })
    expect(values).not.toHaveProperty('TransferSpeed')
  })
})

describe('their dimensions', () => {
  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['are repository and workflow', JOB, { Repository: 'o/r', Workflow: 'Nightly sync' }],
    ['leave out what is not set', { GITHUB_REPOSITORY: 'o/r' }, { Repository: 'o/r' }],
    ['leave out what is blank', { GITHUB_REPOSITORY: '', GITHUB_WORKFLOW: ' ' }, {}],
    [
      'are printable ASCII',
      { GITHUB_WORKFLOW: '🚀 Sync\tnächtlich' },
      { Workflow: '? Sync?n?chtlich' },
    ],
  ])('%s', (_what, ...[env, dimensions]) => {
    expect(dataOf(SUCCESS, env).dimensions).toEqual(dimensions)
  })
})
