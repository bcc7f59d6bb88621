import { execFileSync } from 'node:child_process'
import { devNull } from 'node:os'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JobPart } from '../../src/model/shard-schema.ts'
import type { WriteOptions } from '../../src/model/write-options.ts'
import { jobCreation } from '../../src/plan/create-job.ts'

/** Checks parameters by AWS's own model as the AWS CLI does, enums and patterns included, and makes the request of them. */
const SCRIPT = `
import json, re, sys
import botocore.session
session = botocore.session.Session()
client = session.create_client('s3control', region_name='eu-west-1', aws_access_key_id='a', aws_secret_access_key='b')
model = client.meta.service_model.operation_model('CreateJob')

def flaws(shape, value, at):
    if shape.type_name == 'structure':
        for name, inner in value.items():
            yield from flaws(shape.members[name], inner, at + '.' + name)
    elif shape.type_name == 'list':
        for inner in value:
            yield from flaws(shape.member, inner, at + '[]')
    elif shape.type_name == 'string':
        rules = shape.metadata
        if rules.get('enum') and value not in rules['enum']:
            yield at + ': ' + value
        if len(value) > rules.get('max', 10**9):
            yield at + ': too long'
        if '\\\\p' not in rules.get('pattern', '') and not re.match(rules.get('pattern', ''), value):
            yield at + ': ' + value

answers = []
for given in json.load(sys.stdin):
    sent = {}
    def keep(request, **_):
        sent['body'] = request.body.decode() if isinstance(request.body, bytes) else request.body
        sent['url'] = request.url
        raise KeyboardInterrupt
    try:
        client.meta.events.register_first('before-send.s3-control.CreateJob', keep)
        client.create_job(**given)
    except KeyboardInterrupt:
        pass
    except Exception as error:
        sent['error'] = str(error)
    client.meta.events.unregister('before-send.s3-control.CreateJob', keep)
    answers.append({**sent, 'flaws': list(flaws(model.input_shape, given, '')) if 'error' not in sent else []})
json.dump(answers, sys.stdout)
`

interface Answer {
  readonly body?: string
  readonly url?: string
  readonly error?: string
  readonly flaws: readonly string[]
}

/** What the SDK for Python makes of requests, without sending any. */
function sent(...given: readonly unknown[]): readonly Answer[] {
  const text = execFileSync(parts().python, ['-I', '-c', SCRIPT], {
    input: JSON.stringify(given),
    env: { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
    encoding: 'utf8',
  })
  return JSON.parse(text) as readonly Answer[]
}

const JOB: JobPart = {
  ...{ file: 'batch-operations.ndjson', from: 'a', to: 'z', ops: 7, bytes: 70 },
  ...{ digest: 'd'.repeat(64), rows: 'e'.repeat(32), bucket: 'lists', prefix: 'handed' },
  ...{ versions: false, md5: '0123456789abcdef0123456789abcdef', left: {} },
}
const PLAN_ID = 'f'.repeat(64)

const creation = (write: WriteOptions, more: Partial<JobPart> = {}, to = 'all/data/') =>
  jobCreation({
    planId: PLAN_ID,
    job: { ...JOB, ...more },
    request: {
      ...{ roleArn: 'arn:aws:iam::123456789012:role/team/batch', bucket: 'lists' },
      ...{ prefix: 'handed', priority: 10, confirm: true },
    },
    source: { bucket: 'src', prefix: 'data/', single: false, region: 'us-east-1' },
    destination: { bucket: 'dst', prefix: to, single: false, region: 'eu-west-1' },
    write,
    requestPayer: undefined,
  })

const CASES: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'what is to be done',
    creation({}),
    [
      '<ConfirmationRequired>true</ConfirmationRequired>',
      '<TargetResource>arn:aws:s3:::dst</TargetResource>',
      '<TargetKeyPrefix>all</TargetKeyPrefix>',
      '<MetadataDirective>COPY</MetadataDirective>',
      '<Fields><member>Bucket</member><member>Key</member></Fields>',
      `<ObjectArn>arn:aws:s3:::lists/handed/${PLAN_ID}/batch-operations.csv</ObjectArn>`,
      `<ETag>${JOB.md5}</ETag>`,
      `<Prefix>handed/${PLAN_ID}</Prefix>`,
      '<ReportScope>AllTasks</ReportScope>',
      `<ClientRequestToken>${PLAN_ID}</ClientRequestToken>`,
      '<Priority>10</Priority>',
    ],
  ],
  [
    'versions, and no folder where keys stay as they are',
    creation({}, { versions: true }, 'data/'),
    ['<member>Key</member><member>VersionId</member>'],
  ],
  [
    'a storage class',
    creation({ storageClass: 'GLACIER_IR' }),
    ['<StorageClass>GLACIER_IR</StorageClass>'],
  ],
  [
    'an ACL',
    creation({ acl: 'bucket-owner-full-control' }),
    ['<CannedAccessControlList>bucket-owner-full-control<'],
  ],
  ['SSE-S3', creation({ sse: 'AES256' }), ['<SSEAlgorithm>AES256</SSEAlgorithm>']],
  [
    'SSE-KMS',
    creation({ sse: 'aws:kms', sseKmsKeyId: 'alias/own' }),
    ['<SSEAlgorithm>KMS<', '<SSEAwsKmsKeyId>alias/own<'],
  ],
  [
    'other metadata',
    creation({ metadata: { contentType: 'text/plain', cacheControl: 'no-cache' } }),
    ['<MetadataDirective>REPLACE<', '<ContentType>text/plain<', '<CacheControl>no-cache<'],
  ],
]

describe('the request for a job', () => {
  let answers: readonly Answer[]
  let wrong: Answer | undefined
  beforeAll(() => {
    const none = creation({ storageClass: 'REDUCED_REDUNDANCY' })
    answers = sent(...CASES.map(([, given]) => given), none)
    wrong = answers.at(-1)
  })

  it.each(CASES.map(([what, , elements], at) => [what, at, elements] as const))(
    'is one that the SDK of AWS takes as it stands, with %s',
    (_what, at, elements) => {
      expect(answers[at]?.error).toBeUndefined()
      expect(answers[at]?.flaws).toEqual([])
      expect(answers[at]?.url).toBe(
        'https://123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/jobs',
      )
      for (const element of elements) expect(answers[at]?.body).toContain(element)
    },
  )

  it('is seen not to be one where it is none', () => {
    expect(wrong?.flaws).toEqual(['.Operation.S3PutObjectCopy.StorageClass: REDUCED_REDUNDANCY'])
    expect(answers[1]?.body).not.toContain('TargetKeyPrefix')
  })
})
