import { expect, test } from 'vitest'
import { mergedPolicy } from '../../../src/preflight/merged-policy.ts'
import type { Policy, Statement } from '../../../src/preflight/policy.ts'

const allow = (Sid: string, Action: string, ...Resource: readonly string[]): Statement => ({
  Sid,
  Effect: 'Allow',
  Action: [Action],
  Resource,
})
const listing = (bucket: string, ...prefixes: readonly string[]): Statement => ({
  ...allow('RequiredDestinationList', 's3:ListBucket', bucket),
  Condition: { StringLike: { 's3:prefix': prefixes } },
})
const policy = (...statements: readonly Statement[]): Policy => ({
  Version: '2012-10-17',
  Statement: statements,
})

test('the policy of one transfer stays as it is', () => {
  const one = policy(allow('RequiredSourceKey2', 'kms:Decrypt', 'k'))
  expect(mergedPolicy([one])).toBe(one)
})

test('what several transfers need alike is allowed once, for the resources of all', () => {
  const merged = mergedPolicy([
    policy(allow('RequiredSourceRead', 's3:GetObject', 'src'), allow('W', 's3:PutObject', 'eu')),
    policy(allow('RequiredSourceRead', 's3:GetObject', 'src'), allow('W', 's3:PutObject', 'us')),
  ])
  expect(merged.Statement).toEqual([
    allow('RequiredSourceRead', 's3:GetObject', 'src'),
    allow('W', 's3:PutObject', 'eu', 'us'),
  ])
})

test('prefixes of one bucket are listed by one statement, and no prefix is allowed in another bucket', () => {
  const merged = mergedPolicy([
    policy(listing('one', 'a/*')),
    policy(listing('two', 'b/*')),
    policy(listing('one', 'c/*')),
  ])
  expect(merged.Statement).toEqual([
    listing('one', 'a/*', 'c/*'),
    { ...listing('two', 'b/*'), Sid: 'RequiredDestinationList2' },
  ])
})

test('other actions under one name stay apart, under names of their own', () => {
  const merged = mergedPolicy([
    policy(allow('W', 's3:PutObject', 'a')),
    policy(allow('W', 's3:PutObjectAcl', 'a')),
  ])
  expect(merged.Statement.map(({ Sid }) => Sid)).toEqual(['W', 'W2'])
})
