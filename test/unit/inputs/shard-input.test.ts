import { describe, expect, it } from 'vitest'
import { shardInput } from '../../../src/inputs/shard-input.ts'

const ROLE = 'arn:aws:iam::123456789012:role/batch'
const JOB = `auto,batch-role=${ROLE},batch-bucket=lists`
const problems = (text: string): readonly string[] =>
  shardInput.safeParse(text).error?.issues.map(({ message }) => message) ?? []

describe('shard', () => {
  it('reads a number of parts, or one of them', () => {
    expect(shardInput.safeParse('auto').data).toEqual({ parts: 'auto' })
    expect(shardInput.safeParse('8').data).toEqual({ parts: 8 })
    expect(shardInput.safeParse('3/8').data).toEqual({ number: 3, of: 8 })
  })

  it('reads settings of a hand-off, separated by commas or lines', () => {
    expect(shardInput.safeParse(JOB).data).toEqual({
      parts: 'auto',
      job: {
        ...{ roleArn: ROLE, bucket: 'lists', prefix: 's3-direct-sync' },
        ...{ priority: 10, confirm: false },
      },
    })
    const lines = [
      ...['8', `batch-role = ${ROLE}`, 'batch-bucket=lists', 'batch-prefix=team/a/'],
      ...['batch-priority=7', 'batch-confirm=true', ''],
    ]
    expect(shardInput.safeParse(lines.join('\n')).data).toMatchObject({
      parts: 8,
      job: { prefix: 'team/a', priority: 7, confirm: true },
    })
  })

  it('takes an empty prefix for the root of the bucket', () => {
    expect(shardInput.safeParse(`${JOB},batch-prefix=`).data).toMatchObject({ job: { prefix: '' } })
  })

  it.each<[string, string, string]>([
    ['no role', 'auto,batch-bucket=lists', 'needs batch-role=, the ARN of a role'],
    ['no bucket', `auto,batch-role=${ROLE}`, 'needs batch-bucket=, the name of a bucket'],
    ['no number of parts', `batch-role=${ROLE},batch-bucket=lists`, 'expected auto, a number'],
    ['two numbers of parts', '8,9', '"9" is one value too many'],
    ['an unknown setting', `${JOB},batch-wait=true`, '"batch-wait" is not one of its settings'],
    ['a setting of another name', 'auto,role=x', '"role" is not one of its settings'],
    ['a setting without a value', `${JOB},batch-confirm`, '"batch-confirm" is one value too many'],
    ['a setting twice', `${JOB},batch-bucket=more`, 'batch-bucket is set twice'],
    ['a role without account', 'auto,batch-role=arn:aws:iam:::role/batch', 'batch-role: expected'],
    ['a URL as bucket', 'auto,batch-bucket=s3://lists', 'batch-bucket: expected the name'],
    ['a prefix that begins with a slash', `${JOB},batch-prefix=/a`, 'batch-prefix: expected'],
    ['a word as priority', `${JOB},batch-priority=high`, 'batch-priority: expected'],
    ['a word as confirmation', `${JOB},batch-confirm=yes`, 'batch-confirm: expected true or'],
    [
      ...(['settings with one part', `3/8,batch-role=${ROLE},batch-bucket=lists`] as const),
      'batch-role, batch-bucket: has an effect only with a number of parts and mode: plan',
    ],
  ])('says what is wrong with %s', (_what, text, problem) => {
    expect(problems(text).join('; ')).toContain(problem)
  })

  it('lists each problem', () => {
    expect(problems('0,batch-role=x,batch-wait=1,batch-bucket=S3')).toEqual([
      'batch-role: expected the ARN of a role, such as arn:aws:iam::123456789012:role/batch',
      expect.stringContaining('"batch-wait" is not one of its settings: expected batch-role, '),
      'batch-bucket: expected the name of a bucket',
      'expected auto, a number of parts from 1 to 256, or one of them such as 3/8',
    ])
  })
})
