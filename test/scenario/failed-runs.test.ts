import { describe, expect, it } from 'vitest'
import { failedRun, play } from './failed-runs.ts'

interface Expected {
  /** What stands in bold: the cause. */
  readonly title: RegExp
  /** The first sentence below it: why, and what to do. */
  readonly why: RegExp
  readonly remedy: RegExp
  /** The last thing that the log says of the cause. */
  readonly log: RegExp
  /** What the summary opens with, up to its first section. */
  readonly summary: readonly RegExp[]
  /** A failed run says nothing that a next one would find the same. */
  readonly again: boolean
}

const WRITE = 'arn:aws:s3:::dst/copy/\\*'
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd'
const DENIED = /<summary>The smallest IAM policy for this run<\/summary>\n\n```json\n\{/

const EXPECTED: Readonly<Record<string, Expected>> = {
  'no right to write': {
    title: /^s3:PutObject denied on s3:\/\/dst\/copy\/$/,
    why: /no identity-based policy allows it/,
    remedy: new RegExp(`^Allow s3:PutObject on ${WRITE} to role Deploy`),
    log: /^Not run: s3:PutObject denied on s3:\/\/dst\/copy\/$/,
    summary: [/^## ❌ `s3:PutObject` denied on `s3:\/\/dst\/copy\/`\n/, DENIED],
    again: false,
  },
  'no right to write some keys': {
    title: /^s3:PutObject denied on s3:\/\/dst\/copy\/part-1\/.*: 30 of 60 objects not copied$/,
    why: /an explicit deny for role Deploy/,
    remedy:
      /^Remove the explicit deny of s3:PutObject on arn:aws:s3:::dst\/copy\/part-1\/\S+ from the policies/,
    log: /^Failed: 30 files, /,
    summary: [/^## ⚠️ 30 of 60 objects copied, 30 failed: `s3:PutObject` denied on /, DENIED],
    again: false,
  },
  'the role is not given': {
    title: /^The role arn:aws:iam::123456789012:role\/Deploy /,
    why: /AssumeRoleWithWebIdentity/,
    remedy: /trust policy must allow sub "repo:o\/r:ref:refs\/heads\/main" and aud /,
    log: /^Total time: /,
    summary: [
      /^## ❌ The role `arn:aws:iam::123456789012:role\/Deploy` /,
      /trust policy must allow/,
    ],
    again: false,
  },
  'the keys are gone': {
    title: /InvalidClientTokenId/,
    why: /security token included in the request is invalid/,
    remedy: /set aws-access-key-id and aws-secret-access-key to active keys/,
    log: /^Total time: /,
    summary: [
      /^## ❌ .*InvalidClientTokenId/,
      /> Set `?aws-access-key-id`? and `?aws-secret-access-key`? to active keys/,
    ],
    again: false,
  },
  'S3 alone finds the token expired': {
    title: /ExpiredToken: The provided token has expired/,
    why: /The provided token has expired/,
    remedy: /a longer role-duration-seconds/,
    log: /^Total time: /,
    summary: [/^## ❌ .*ExpiredToken/, /role-duration-seconds/],
    again: false,
  },
  'the bucket is mistyped': {
    title: /^The destination bucket dts does not exist$/,
    why: /does not exist/,
    remedy: /check the spelling of the input destination/,
    log: /^Total time: /,
    summary: [/^## ❌ The destination bucket dts does not exist\n/, /Check the spelling/],
    again: false,
  },
  'the source is empty': {
    title: /^Source is empty: s3:\/\/src\/dta\/$/,
    why: /there is no object under s3:\/\/src\/dta\//,
    remedy: /check the spelling of source/,
    log: /^Not run: Source is empty: s3:\/\/src\/dta\/$/,
    summary: [/^## ❌ Source is empty: `s3:\/\/src\/dta\/`\n/, /### What it would delete \(60\)/],
    again: false,
  },
  'too many deletes': {
    title: /^40 deletes, max-delete is 10$/,
    why: /40 of 100 objects in scope at the destination would be deleted; max-delete is 10/,
    remedy: /read the list in the plan/,
    log: /^Not run: 40 deletes, max-delete is 10$/,
    summary: [/^## ❌ 40 deletes, max-delete is 10\n/, /### What it would delete \(40\)/],
    again: false,
  },
  'S3 is too busy': {
    title: /^S3 is throttling: too many requests \(SlowDown\): 40 of 60 objects not copied$/,
    why: /^S3 is throttling: too many requests/,
    remedy: /lower numworkers, or run again later/,
    log: /^Failed: 40 files, /,
    summary: [
      /40 failed: S3 is throttling: too many requests \(SlowDown\)\n/,
      /> Lower numworkers/,
    ],
    again: true,
  },
  'no right to the key of the source': {
    title: new RegExp(`^kms:Decrypt denied on ${KEY}: 60 of 60 objects not copied$`),
    why: /an explicit deny for role Deploy/,
    remedy: new RegExp(`^Remove the explicit deny of kms:Decrypt on ${KEY} from the policies`),
    log: /^Failed: 60 files, /,
    summary: [/^## ❌ 0 of 60 objects copied, 60 failed: `kms:Decrypt` denied on /, DENIED],
    again: false,
  },
  'no right to the key of the destination': {
    title: new RegExp(`^kms:GenerateDataKey denied on ${KEY}$`),
    why: /no identity-based policy allows it/,
    remedy: new RegExp(`^Allow kms:GenerateDataKey on ${KEY} to role Deploy`),
    log: /^Not run: kms:GenerateDataKey denied on /,
    summary: [/^## ❌ `kms:GenerateDataKey` denied on /, DENIED],
    again: false,
  },
}

/** Up to the first full stop that ends a sentence, or the end of the line. */
const firstSentence = (text: string): string => /^.*?(?=\.\s+[A-Z]|\n|$)/s.exec(text)?.[0] ?? ''

describe('a run that fails tells cause and remedy at once', () => {
  it.each(Object.entries(EXPECTED))('%s', async (name, expected) => {
    await using run = await play(failedRun(name))
    expect(run.exitCode).toBe(1)
    const [error, ...others] = run.annotations.errors
    expect(others).toEqual([])
    const sentence = firstSentence(error?.message ?? '')
    expect(error?.title).toMatch(expected.title)
    expect(sentence).toMatch(expected.why)
    expect(sentence).toMatch(expected.remedy)
    expect(/\brun again (later|, and it)/.test(error?.message ?? '')).toBe(expected.again)
    // Nothing is told twice.
    expect(error?.message.match(/\brun again\b/gi)?.length ?? 0).toBeLessThanOrEqual(1)
    // What outlives the runner is named, and no ids that only programs read.
    expect(error?.message).not.toMatch(/runner-|status code: |request id: |host id:/)

    const log = run.log.trimEnd().split('\n')
    expect(log.slice(-8).filter((line) => expected.log.test(line))).toHaveLength(1)
    if (run.outputs['copied'] === '0' && run.outputs['failed'] === '0')
      expect(log.slice(-8).join('\n')).not.toMatch(/Copied: 0|Average speed/)

    const { summary } = run
    for (const part of expected.summary) expect(summary).toMatch(part)
    expect(summary).not.toMatch(/\/temp\/s3-direct-sync\/|```mermaid|request id: /)
    expect(summary.match(/Nothing was (touched|copied)/g)?.length ?? 0).toBeLessThanOrEqual(1)
    const [, alert = ''] = summary.split('> [!')
    expect(alert.split('\n\n')[0]).toMatch(expected.again ? /run again/ : /^(?!.*> Run again\.$)/ms)
  })

  it('the region is another one: it goes on, and says which', async () => {
    await using run = await play(failedRun('the region is another one'))
    expect(run.outputs).toMatchObject({ result: 'success', copied: '60' })
    expect(run.annotations.errors).toEqual([])
    expect(run.annotations.warnings[0]?.message).toBe(
      'The bucket dst is in eu-central-1, but destination-region is us-west-2: set it to eu-central-1, or remove it.',
    )
    expect(run.summary).toMatch(/^## ✅ 60 objects copied/)
    expect(run.summary).toContain('The bucket dst is in eu-central-1')
  })
})
