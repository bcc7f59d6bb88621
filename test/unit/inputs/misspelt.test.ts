import { describe, expect, it } from 'vitest'
import { misspelt } from '../../../src/inputs/misspelt.ts'

const ALL = { identities: true }

describe('a setting of a profile', () => {
  it.each([
    ['AWS_SECRET_ACCESS_KEY', 'aws_secret_access_key'],
    ['export aws_access_key_id', 'aws_access_key_id'],
    ['\u200baws_session_token', 'aws_session_token'],
    ['role-arn', 'role_arn'],
    ['Endpoint-URL', 'endpoint_url'],
    ['\ufeffregion', 'region'],
  ])('is told where it is passed over in silence: %s', (written, meant) => {
    expect(misspelt({ [written]: 'x' }, ALL)).toEqual([{ written, meant }])
  })

  it.each([
    'region',
    'aws_access_key_id',
    's3.endpoint_url',
    'output',
    'OUTPUT',
    'x_principal',
    '',
  ])('is no problem where it is read, or nobody needs it: %s', (name) =>
    expect(misspelt({ [name]: 'x' }, ALL)).toEqual([]),
  )

  it('is no problem beside the right one', () => {
    expect(misspelt({ REGION: 'eu-west-1', region: 'eu-west-1' }, ALL)).toEqual([])
  })

  it('that says who somebody is matters only where somebody asks the profile', () => {
    const settings = { AWS_ACCESS_KEY_ID: 'x', 'endpoint-url': 'y' }
    expect(misspelt(settings, { identities: false })).toEqual([
      { written: 'endpoint-url', meant: 'endpoint_url' },
    ])
  })
})
