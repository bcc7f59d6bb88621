import { expect, it } from 'vitest'
import { insteadOfArn, unsupportedKind } from '../../../src/model/bucket-kind.ts'

it.each([
  ['logs--use1-az4--x-s3', 'directory bucket'],
  ['ap--use1-az4--xa-s3', 'directory bucket'],
  ['8d3f--table-s3', 'table bucket'],
  ['ap-0123--op-s3', 'Outposts'],
  ['ap-0123--ol-s3', 'Object Lambda'],
  ['mfzwi23gnjvgw.mrap', 'Multi-Region'],
])('the name %s is that of a kind that is not supported', (name, kind) => {
  expect(unsupportedKind(name)).toContain(kind)
})

it.each(['logs', 'logs.example.com', 'ap-0123-s3alias', 'x-s3', 'mrap'])(
  'the name %s is that of a bucket, or of its alias',
  (name) => expect(unsupportedKind(name)).toBeUndefined(),
)

it.each([
  ['arn:aws:s3:::logs', 'use the bucket name'],
  ['arn:aws:s3:eu-west-1:123456789012:accesspoint/ap', 'access point alias'],
  ['s3://arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', 'Multi-Region'],
  ['arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/ap', 'Object Lambda'],
  ['arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op/accesspoint/ap', 'Outposts'],
  ['arn:aws:s3tables:eu-west-1:123456789012:bucket/t', 'S3 Tables'],
])('in place of %s users are told what to write', (arn, words) => {
  expect(insteadOfArn(arn)).toContain(words)
})
