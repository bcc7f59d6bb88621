import { expect, it } from 'vitest'
import { cloudWatch } from '../../src/adapters/cloudwatch.ts'
import { serviceOf } from '../../src/model/service.ts'

const service = serviceOf({ region: 'eu-west-1' })

const DATA = { namespace: 'S3DirectSync', dimensions: {}, metrics: [] }

it('metrics are given up in time though the credentials never come', async () => {
  const metrics = cloudWatch({ service, credentials: () => new Promise(() => {}) })
  await expect(metrics.put(DATA, { timeoutMs: 50 })).rejects.toThrow('It took longer than 0.05 s.')
})

it('metrics are given up at once when the run is cancelled already', async () => {
  const metrics = cloudWatch({ service, credentials: () => new Promise(() => {}) })
  const signal = AbortSignal.abort(new Error('cancelled'))
  await expect(metrics.put(DATA, { timeoutMs: 5000, signal })).rejects.toThrow('cancelled')
})
