import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { ChangedPaths, pathsOf } from '../../../src/model/cdn-paths.ts'
import type { Cdn, Invalidation } from '../../../src/ports.ts'
import { invalidate } from '../../../src/report/invalidate.ts'
import { preflightOf, requestOf, sessionsOf, stageOf } from './stage.ts'

const FULL = () => new ServiceError('TooManyInvalidationsInProgress', 'Too many.', { status: 400 })
const SESSIONS = sessionsOf({ account: '111122223333', source: 'oidc' })

async function tell(
  keys: readonly string[],
  answer: (asked: number, nowMs: number) => string,
  inputs: Readonly<Record<string, string>> = { cloudfront: 'E2ABCDEF' },
  cancelled = new AbortController(),
) {
  const asked: Invalidation[] = []
  const cdn: Cdn = {
    invalidate: async (invalidation) => {
      asked.push(invalidation)
      return answer(asked.length, stage.clock.now())
    },
  }
  const stage = stageOf({ ports: { cdn: async () => cdn }, cancelled: cancelled.signal })
  const { run, clock, told } = stage
  Object.assign(run.record.found, {
    inputs: await requestOf(inputs),
    credentials: SESSIONS,
    preflight: preflightOf(),
  })
  const changed = new ChangedPaths()
  for (const key of keys) for (const path of pathsOf(key)) changed.add(path)
  const beganMs = clock.now()
  const end = await invalidate(changed, run)
  return { ...end, asked, told, tookMs: clock.now() - beganMs }
}

describe('CloudFront', () => {
  it('that has too many invalidations under way is waited for, and asked by the same reference', async () => {
    const { made, problems, asked, tookMs } = await tell(['a', 'b'], (times) => {
      if (times < 4) throw FULL()
      return 'I1'
    })
    expect(problems).toEqual([])
    expect(made).toEqual([{ distribution: 'E2ABCDEF', id: 'I1', paths: ['/a', '/b'] }])
    expect(new Set(asked.map(({ reference }) => reference)).size).toBe(1)
    expect(tookMs).toBe(30_000)
  })

  it('is not waited for longer than five minutes: then a person can do it', async () => {
    const { made, problems, tookMs } = await tell(['c&d', 'b/index.html'], () => {
      throw FULL()
    })
    expect(made).toEqual([])
    expect(tookMs).toBeLessThanOrEqual(300_000)
    expect(tookMs).toBeGreaterThan(280_000)
    expect(problems).toEqual([
      `CloudFront E2ABCDEF could not be invalidated: TooManyInvalidationsInProgress: Too many. To do it by hand: aws cloudfront create-invalidation --distribution-id E2ABCDEF --paths '/b' '/b/' '/b/index.html' '/c&d'`,
    ])
  })

  it('is told of every distribution, though one refuses, and in several requests where paths are many', async () => {
    const keys = Array.from({ length: 1500 }, (_, at) => `${at}`)
    const { made, problems, asked } = await tell(
      keys,
      (times) => {
        if (times <= 2) throw new ServiceError('AccessDenied', 'No.', { status: 403 })
        return `I${times}`
      },
      { cloudfront: 'E2ABCDEF,E3ABCDEF,max-paths=3000' },
    )
    expect(made.map(({ id, paths }) => [id, paths.length])).toEqual([
      ['I3', 1000],
      ['I4', 500],
    ])
    expect(new Set(asked.map(({ reference }) => reference)).size).toBe(2)
    expect(problems[0]).toContain('Allow cloudfront:CreateInvalidation on the distribution')
    expect(problems[0]).toMatch(/--distribution-id E2ABCDEF --paths '\/\*'$/)
  })

  it('that cannot be reached at all is a problem for a person, and no failure of the run', async () => {
    const { made, problems } = await tell(['a'], () => {
      throw new SyncError('preflight', 'AWS_CA_BUNDLE cannot be used: /ca.pem.', {
        hint: 'Unset it.',
      })
    })
    expect(made).toEqual([])
    expect(problems[0]).toContain(
      'AWS_CA_BUNDLE cannot be used: /ca.pem. Unset it. To do it by hand',
    )
  })

  it('is asked once by a cancelled run, and else a person is told what to do', async () => {
    const cancelled = new AbortController()
    cancelled.abort(new SyncError('cancelled', 'Cancelled.', { hint: 'Run again.' }))
    const { made } = await tell(['a'], () => 'I1', undefined, cancelled)
    expect(made).toEqual([{ distribution: 'E2ABCDEF', id: 'I1', paths: ['/a'] }])
    const full = () => {
      throw FULL()
    }
    const { asked, problems } = await tell(['a'], full, undefined, cancelled)
    expect(asked).toHaveLength(1)
    expect(problems[0]).toMatch(/Too many\. To do it by hand: .*--paths '\/a'$/)
  })

  it('that is waited for is asked once more by a run that is cancelled then, by the same reference', async () => {
    const cancelled = new AbortController()
    const { made, asked } = await tell(
      ['a'],
      (times) => {
        if (times === 2) return 'I1'
        cancelled.abort(new SyncError('cancelled', 'Cancelled.'))
        throw FULL()
      },
      undefined,
      cancelled,
    )
    expect(made).toHaveLength(1)
    expect(new Set(asked.map(({ reference }) => reference)).size).toBe(1)
  })

  it('is no reason to run again where a cancelled run has no time left', async () => {
    const cancelled = new AbortController()
    const reason = new SyncError('cancelled', 'Cancelled.', { hint: 'Run again.' })
    cancelled.abort(reason)
    const { problems } = await tell(
      ['a'],
      () => {
        throw reason
      },
      undefined,
      cancelled,
    )
    expect(problems).toEqual([
      `CloudFront E2ABCDEF could not be invalidated: the run was cancelled. To do it by hand: aws cloudfront create-invalidation --distribution-id E2ABCDEF --paths '/a'`,
    ])
  })

  it('is asked nothing where nothing changed', async () => {
    expect((await tell([], () => 'I1')).asked).toEqual([])
  })
})
