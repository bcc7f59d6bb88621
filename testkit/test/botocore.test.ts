import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { PART_SETS, venvProgram } from '../parts.ts'
import { startTestkit } from '../testkit.ts'

// It comes with moto.
const SCRIPT = `
import io, sys, datetime, boto3
from botocore.config import Config
from boto3.s3.transfer import TransferConfig
_, endpoint, digests = sys.argv
b, k = 'b', 'dir/a b+ü&'
config = Config(request_checksum_calculation=digests, retries={'max_attempts': 0})
s3 = boto3.client('s3', endpoint_url=endpoint, region_name='us-east-1', config=config)
parts = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=5 << 20)
s3.put_object(Bucket=b, Key=k, Body=b'body', Metadata={'a': 'b'}, Tagging='a=b', StorageClass='STANDARD_IA',
  ServerSideEncryption='AES256', ContentType='text/x', IfNoneMatch='*')
s3.put_object(Bucket=b, Key='empty', Body=b'')
s3.upload_fileobj(io.BytesIO(b'x' * (11 << 20)), b, 'big', Config=parts)
s3.copy({'Bucket': b, 'Key': 'big'}, b, 'copied', Config=parts)
s3.copy_object(Bucket=b, Key='copied', CopySource={'Bucket': b, 'Key': k}, MetadataDirective='REPLACE',
  TaggingDirective='REPLACE', Tagging='c=d')
s3.download_fileobj(b, 'big', io.BytesIO(), Config=parts)
s3.get_object(Bucket=b, Key=k, Range='bytes=1-2')
s3.get_object(Bucket=b, Key=k, IfModifiedSince=datetime.datetime(2020, 1, 1))
s3.head_object(Bucket=b, Key='big', PartNumber=1)
s3.put_object_tagging(Bucket=b, Key=k, Tagging={'TagSet': [{'Key': 'a', 'Value': 'b'}]})
s3.get_object_tagging(Bucket=b, Key=k)
s3.delete_object_tagging(Bucket=b, Key=k)
keys = [o['Key'] for page in s3.get_paginator('list_objects_v2').paginate(Bucket=b, PaginationConfig={'PageSize': 2})
  for o in page['Contents']]
upload = s3.create_multipart_upload(Bucket=b, Key=k)['UploadId']
s3.list_parts(Bucket=b, Key=k, UploadId=upload)
s3.list_multipart_uploads(Bucket=b)
s3.abort_multipart_upload(Bucket=b, Key=k, UploadId=upload)
for ask in [s3.head_bucket, s3.get_bucket_location, s3.get_bucket_versioning, s3.get_bucket_encryption]: ask(Bucket=b)
s3.list_buckets()
s3.create_bucket(Bucket='fresh')
s3.delete_bucket(Bucket='fresh')
s3.delete_object(Bucket=b, Key='empty')
s3.delete_objects(Bucket=b, Delete={'Objects': [{'Key': key} for key in keys + ['<&>\\r\\n']]})
`

test.each(['when_supported', 'when_required'])(
  'nothing that the SDK for Python asks is refused, with digests %s',
  { timeout: 60_000 },
  async (digests) => {
    const kit = await startTestkit()
    onTestFinished(() => kit.close())
    kit.store.createBucket('b')
    const env = {
      AWS_ACCESS_KEY_ID: kit.iam.admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kit.iam.admin.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      // Without it Python on Windows has no sockets.
      SYSTEMROOT: process.env['SYSTEMROOT'],
    }
    const python = venvProgram(PART_SETS.test, 'python')
    const child = spawn(python, ['-', kit.endpoint, digests], { env })
    child.stdin.end(SCRIPT)
    const ended = new Promise((resolve) => child.on('close', resolve))
    const stderr = await text(child.stderr)
    expect({ code: await ended, stderr }).toEqual({ code: 0, stderr: '' })
    expect(kit.counters.errors()).toEqual({})
    expect(kit.store.keys('b')).toEqual([])
    // Every operation that the server has.
    expect(Object.keys(kit.counters.operations())).toHaveLength(24)
  },
)
