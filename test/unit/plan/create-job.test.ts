import { describe, expect, it } from 'vitest'
import { jobFlaws, jobRoleTrust } from '../../../src/plan/create-job.ts'

const place = (bucket: string, prefix: string) => ({
  ...{ bucket, prefix, single: false, region: 'cn-north-1' },
})

describe('the role of a job', () => {
  it('is one for jobs of its own account alone', () => {
    const request = {
      ...{ roleArn: 'arn:aws-cn:iam::123456789012:role/batch', bucket: 'lists' },
      ...{ prefix: 'p', priority: 1, confirm: false },
    }
    expect(jobRoleTrust(request, place('dst', ''))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'batchoperations.s3.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:SourceAccount': '123456789012' },
            ArnLike: { 'aws:SourceArn': 'arn:aws-cn:s3:cn-north-1:123456789012:job/*' },
          },
        },
      ],
    })
  })
})

describe('what the service cannot do', () => {
  const [source, destination] = [place('src', 'data/'), place('dst', 'data/')]
  const flaws = (write: object, to = destination) =>
    jobFlaws({ source, destination: to, write }).join('; ')

  it.each<[string, object, string]>([
    ['headers by key', { rules: [] }, 'remove headers'],
    ['tags that are dropped', { tags: 'drop' }, 'tags: drop'],
    ['a type that is kept', { metadata: {} }, 'set content-type'],
    ['a class that it has not', { storageClass: 'REDUCED_REDUNDANCY' }, 'REDUCED_REDUNDANCY'],
    ['dual encryption', { sse: 'aws:kms:dsse' }, 'aws:kms:dsse'],
  ])('is told of %s, and all at once', (_what, write, why) => {
    expect(flaws(write)).toContain(why)
    expect(flaws(write, place('dst', 'copy/'))).toMatch(/keeps whole keys.*; /)
  })

  it('is nothing where it can do all of it', () => {
    expect(flaws({ sse: 'aws:kms', storageClass: 'GLACIER', acl: 'private' })).toBe('')
  })
})
