import { describe, expect, it } from 'vitest'
import { batchOperations } from '../../../src/inputs/batch-operations-input.ts'

const ROLE = 'arn:aws:iam::123456789012:role/batch'
const problems = (text: string): readonly string[] =>
  batchOperations.safeParse(text).error?.issues.map(({ message }) => message) ?? []

describe('batch-operations', () => {
  it('reads its settings, separated by commas or lines', () => {
    expect(batchOperations.parse(`role=${ROLE},bucket=lists`)).toEqual({
      ...{ roleArn: ROLE, bucket: 'lists', prefix: 's3-direct-sync', priority: 10, confirm: false },
    })
    expect(
      batchOperations.parse(
        `role = ${ROLE}\nbucket=lists\nprefix=team/a/\npriority=7\nconfirm=true\n`,
      ),
    ).toMatchObject({ prefix: 'team/a', priority: 7, confirm: true })
  })

  it.each<[string, string, string]>([
    ['nothing of what is needed', 'priority=1', 'needs role='],
    ['no bucket', `role=${ROLE}`, 'needs bucket='],
    ['a setting that is none', `role=${ROLE},bucket=lists,wait=true`, '"wait" is no setting'],
    ['a word alone', `role=${ROLE},bucket=lists,confirm`, 'confirm: expected true or false'],
    ['one twice', `role=${ROLE},bucket=lists,bucket=more`, 'bucket is set twice'],
    ['an account that is empty', 'role=arn:aws:iam:::role/batch,bucket=lists', 'role: expected'],
    ['a URL in place of a bucket', `role=${ROLE},bucket=s3://lists`, 'bucket: expected'],
    ['a prefix that is no folder', `role=${ROLE},bucket=lists,prefix=/a`, 'prefix: expected'],
    ['a priority that is none', `role=${ROLE},bucket=lists,priority=high`, 'priority: expected'],
  ])('says what is wrong with %s', (_what, text, problem) => {
    expect(problems(text).join('; ')).toContain(problem)
  })
})
