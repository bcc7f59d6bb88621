import { describe, expect, test } from 'vitest'
import { lasting } from '../../../src/report/lasting.ts'
import { summary } from '../../../src/report/summary.ts'
import { pageUrl, surroundings } from '../../../src/report/surroundings.ts'
import { PARTIAL, PLANNED, REFUSED, SUCCESS } from './sample.ts'

const ENV = { GITHUB_ACTION_REPOSITORY: 'o/s3-direct-sync', GITHUB_ACTION_REF: 'v1.2' }

describe('a page of the documentation', () => {
  test('has its whole URL, of the version that runs', () => {
    expect(pageUrl(ENV, 'docs/troubleshooting.md', 'slowdown')).toBe(
      'https://github.com/o/s3-direct-sync/blob/v1.2/docs/troubleshooting.md#slowdown',
    )
    const enterprise = { ...ENV, GITHUB_SERVER_URL: 'https://git.example.com' }
    expect(pageUrl(enterprise, 'README.md')).toBe(
      'https://git.example.com/o/s3-direct-sync/blob/v1.2/README.md',
    )
  })

  test.each([
    {},
    { ...ENV, GITHUB_ACTION_REPOSITORY: '' },
    { ...ENV, GITHUB_ACTION_REF: '' },
    { ...ENV, GITHUB_ACTION_REF: 'a)[x](http://evil' },
    { ...ENV, GITHUB_ACTION_REPOSITORY: 'o/r/../x y' },
    { ...ENV, GITHUB_SERVER_URL: 'http://x' },
  ])('is a path where the runner does not name a version, or names none: %o', (env) => {
    expect(pageUrl(env, 'README.md')).toBeUndefined()
    expect(surroundings(env).pageOf('README.md')).toBe('`README.md`')
  })

  test('is a link in the summary of a run in which objects failed', () => {
    expect(summary(PARTIAL, surroundings(ENV))).toContain(
      '[docs/troubleshooting.md](https://github.com/o/s3-direct-sync/blob/v1.2/docs/troubleshooting.md#error-codes-of-s3) has a section for each code.',
    )
  })
})

describe('the smallest policy', () => {
  const around = surroundings({}, '{\n  "a": "```"\n}\n')
  const POLICY = '````json\n{\n  "a": "```"\n}\n````'

  test('stands in the summary where something was denied', () => {
    expect(summary(PARTIAL, around)).toContain(POLICY)
    const failure = {
      kind: 'preflight',
      title: 's3:PutObject denied on s3://b/',
      text: 'Allow it.',
    }
    expect(summary({ ...REFUSED, failure }, around)).toContain(POLICY)
  })

  test('stands in no other, nor where the role was denied, which is for its trust policy', () => {
    expect(summary(SUCCESS, around)).not.toContain(POLICY)
    expect(summary(REFUSED, around)).not.toContain(POLICY)
    const failure = { kind: 'credentials', title: 'The role was not given: AccessDenied', text: '' }
    expect(summary({ ...REFUSED, failure }, around)).not.toContain(POLICY)
  })
})

describe('what objects are written with', () => {
  const settings = [
    { name: 'storage-class', value: 'STANDARD_IA', origin: 'input' },
    { name: 'cache-control', value: 'no-cache', origin: 'preset' },
    { name: 'acl', value: '', origin: 'input' },
    { name: 'sse', value: 'AES256', origin: 'default' },
  ] as const

  test.each([SUCCESS, PLANNED, { ...SUCCESS, result: 'nothing-to-do' as const }])(
    'is not changed in what stays, which is said with how to change it (%#)',
    (report) => {
      expect(lasting({ ...report, settings })).toBe(
        '> [!NOTE]\n> `storage-class`, `cache-control`: applied to copied objects only. 8,500 objects that did not change keep their values. To apply it to all objects, run once with `compare: always`, which copies them again.',
      )
    },
  )

  test('is nothing to tell where nothing stays, nothing is asked for, or the run failed', () => {
    expect(lasting(SUCCESS)).toBe('')
    expect(lasting({ ...PARTIAL, settings })).toBe('')
    const totals = { ...SUCCESS.totals, skipped: { objects: 12, bytes: 1 } }
    expect(lasting({ ...SUCCESS, settings, totals })).toBe('')
  })
})
