import { describe, expect, it } from 'vitest'
import type { Place } from '../../../src/model/place.ts'
import type { SelectionRequest } from '../../../src/model/request.ts'
import type { WriteOptions } from '../../../src/model/write-options.ts'
import { headerOf } from '../../../src/plan/header.ts'
import { PLAIN_RULES } from './stage.ts'

const folder: Place = { bucket: 'from', prefix: 'a/', single: false, region: 'eu-west-1' }

interface Asked {
  readonly source?: Partial<Place>
  readonly destination?: Partial<Place>
  readonly rules?: Partial<SelectionRequest>
  readonly write?: WriteOptions
}

const header = ({ source, destination, rules, write = {} }: Asked, nowMs = 0) =>
  headerOf(
    {
      source: { ...folder, ...source },
      destination: { ...folder, bucket: 'to', ...destination },
    },
    { rules: { ...PLAIN_RULES, ...rules }, write },
    nowMs,
  )

describe('the first line of a plan', () => {
  it('says where from, where to, and when', () => {
    const asked = {
      destination: { endpoint: 'https://s3.example', single: true },
      rules: { compare: 'newer', delete: true },
    } as const
    expect(header(asked, 90_000)).toEqual({
      schema: 's3-direct-sync/plan/1',
      source: { region: 'eu-west-1', bucket: 'from', prefix: 'a/', single: false },
      destination: {
        endpoint: 'https://s3.example',
        region: 'eu-west-1',
        bucket: 'to',
        prefix: 'a/',
        single: true,
      },
      compare: 'newer',
      delete: true,
      requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      createdAt: '1970-01-01T00:01:30.000Z',
    })
  })

  it('has a digest that the next release gives as well', () => {
    expect(header({}).requestDigest).toMatchInlineSnapshot(
      `"48184e24812ff2c0714c903f3fe5e38a8e731e75c2e2aba8d849ffc47971a329"`,
    )
  })

  const DIFFERENT: readonly Asked[] = [
    { source: { bucket: 'x' } },
    { source: { prefix: 'x/' } },
    { source: { region: 'x' } },
    { source: { single: true } },
    { source: { endpoint: 'https://x' } },
    { destination: { bucket: 'x' } },
    { destination: { prefix: 'x/' } },
    { rules: { include: ['x'] } },
    { rules: { exclude: ['x'] } },
    { rules: { compare: 'size' } },
    { rules: { overwrite: 'never' } },
    { rules: { delete: true } },
    { rules: { keys: { template: 'x', mismatch: 'keep' } } },
    { rules: { keys: { template: 'x', mismatch: 'skip' } } },
    { rules: { waves: { globs: [['x']] } } },
    { rules: { waves: { globs: [['x'], ['y']] } } },
    { rules: { waves: { globs: [['x', 'y']] } } },
    { write: { storageClass: 'STANDARD_IA' } },
  ]
  it('has another digest for each other request', () => {
    const digests = [{}, ...DIFFERENT].map((asked) => header(asked).requestDigest)
    expect(new Set(digests).size).toBe(DIFFERENT.length + 1)
  })

  it.each<Asked>([{ rules: { allowEmptySource: true } }, { rules: { maxDelete: { percent: 5 } } }])(
    'has the same digest where only a guard differs: %j',
    (asked) => {
      expect(header(asked).requestDigest).toBe(header({}).requestDigest)
    },
  )

  it('is that of the globs which a recipe stands for, whatever its name', () => {
    const globs = [['x'], ['y']]
    const named = header({ rules: { waves: { recipe: 'apt', globs } } }).requestDigest
    expect(named).toBe(header({ rules: { waves: { globs } } }).requestDigest)
  })

  it('differs between two plans of one request in nothing but the time', () => {
    expect({ ...header({}, 5000), createdAt: '' }).toEqual({ ...header({}), createdAt: '' })
  })
})
