import { describe, expect, it } from 'vitest'
import { wellFormed } from '../../../src/credentials/well-formed.ts'

const GOOD = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'abc/+=', sessionToken: 'FwoG//==' }
const SENT = /hush|AK ?ID|ecret_/

describe('credentials', () => {
  it.each([
    GOOD,
    { accessKeyId: 'test', secretAccessKey: 'test' },
    { accessKeyId: 'minio@example.com', secretAccessKey: '$ecret"Word\'=*' },
    { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'AKIAIOSFODNN7EXAMPLE' },
    { ...GOOD, sessionToken: '' },
  ])('that can be sent are given as they are: %j', (credentials) => {
    expect(wellFormed(credentials)).toBe(credentials)
  })

  it.each([
    ['accessKeyId', 'AKID\n', /access key id \(the response of STS\) ends with a line break/],
    ['accessKeyId', 'AKID\r', /access key id .* ends with a line break/],
    ['accessKeyId', 'AK ID', /access key id .* contains a space/],
    ['accessKeyId', 'AKID\u200b', /access key id .* contains an invisible character/],
    ['accessKeyId', '\ufeffAKID', /access key id .* contains an invisible character/],
    ['accessKeyId', 'AKIDé', /access key id .* contains a character that is not valid in a key/],
    [
      'accessKeyId',
      'AKID,hush',
      /access key id .* contains a character that is not valid in a key/,
    ],
    ['accessKeyId', '"AKID"', /access key id .* is in quotes/],
    ['secretAccessKey', "'hush'", /secret access key .* is in quotes/],
    [
      'secretAccessKey',
      '“hush”',
      /secret access key .* contains a character that is not valid in a key/,
    ],
    ['secretAccessKey', 'hush\nhush', /secret access key .* contains a line break/],
    ['secretAccessKey', 'AWS_SECRET_ACCESS_KEY=hush', /begins with its own name/],
    ['secretAccessKey', 'export aws_secret_access_key = hush', /begins with its own name/],
    ['secretAccessKey', '***', /consists of asterisks only/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
    ['secretAccessKey', '${{ secrets.SECRET }}', /is the name of a variable or a secret/],
    ['secretAccessKey', '$R2_SECRET_ACCESS_KEY', /is the name of a variable or a secret/],
    ['secretAccessKey', 'AKIAIOSFODNN7EXAMPLE', /the two values seem to be swapped/],
    ['sessionToken', 'hush\nhush', /session token .* contains a line break/],
    ['secretAccessKey', '', /secret access key .* is empty/],
  ])('that cannot be right are refused without showing them: %s %j', (field, value, why) => {
    const refuse = () => wellFormed({ ...GOOD, [field]: value })
    expect(refuse).toThrow(why)
    expect(refuse).not.toThrow(SENT)
  })

  it.each([
    ['inputs', 'The access key id (aws-access-key-id) is empty.'],
    ['environment', 'The access key id (the environment variable AWS_ACCESS_KEY_ID) is empty.'],
    ['profile "p"', 'The access key id (profile "p") is empty.'],
  ])('that cannot be right are named by where they come from: %s', (foundIn, message) => {
    expect(() => wellFormed({ ...GOOD, accessKeyId: '', foundIn })).toThrow(message)
  })
})
