import { expect, test } from 'vitest'
import { parseRequest } from '../request.ts'

const asked = (host: string, url: string, method = 'GET') => {
  const arrived = { id: '1', headerBytes: 0, arrival: 'whole', payload: Buffer.alloc(0) } as const
  const raw = { ...arrived, method, url, headers: { host } }
  const { bucket, key, operation, rawPath } = parseRequest(raw)
  return { bucket, key, operation, rawPath }
}

test.each([
  'my.bucket.s3.eu-west-1.amazonaws.com',
  'my.bucket.s3-fips.us-east-1.amazonaws.com:443',
  'my.bucket.s3.dualstack.us-east-1.amazonaws.com',
  'my.bucket.oss-cn-hangzhou.aliyuncs.com',
])('a bucket may stand in the host %s, as at AWS', (host) => {
  expect(asked(host, '/?list-type=2')).toMatchObject({
    bucket: 'my.bucket',
    operation: 'ListObjectsV2',
  })
  expect(asked(host, '/a//../b%20c')).toEqual({
    bucket: 'my.bucket',
    key: 'a//../b c',
    operation: 'GetObject',
    rawPath: '/a//../b%20c',
  })
})

test.each([
  's3.us-east-1.amazonaws.com',
  's3-fips.us-east-1.amazonaws.com',
  '127.0.0.1:9000',
  'minio.s3.test',
])('at the host %s it stands in the path', (host) => {
  expect(asked(host, '/bucket/a/b')).toMatchObject({ bucket: 'bucket', key: 'a/b' })
})
