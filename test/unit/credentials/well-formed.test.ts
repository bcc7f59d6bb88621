import { describe, expect, it } from 'vitest'
import { wellFormed } from '../../../src/credentials/well-formed.ts'

const GOOD = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'abc/+=', sessionToken: 'FwoG//==' }

describe('credentials', () => {
  it('that can be sent are given as they are, with a session token or without', () => {
    expect(wellFormed(GOOD)).toBe(GOOD)
    const quoting = { ...GOOD, secretAccessKey: `"a'b=,` }
    expect(wellFormed(quoting)).toBe(quoting)
    const { sessionToken: _none, ...bare } = GOOD
    expect(wellFormed(bare)).toBe(bare)
  })

  it.each([
    ['accessKeyId', 'AKID\n', /access key id ends with a line break/],
    ['accessKeyId', 'AKID\r', /access key id ends with a line break/],
    ['accessKeyId', 'AK ID', /access key id holds a blank/],
    ['accessKeyId', 'AKID\u200b', /access key id holds a character that no key has/],
    ['secretAccessKey', 'hush\nhush', /secret access key holds a line break/],
    ['sessionToken', 'hush\nhush', /session token holds a line break/],
    ['secretAccessKey', '', /secret access key is empty/],
    ['accessKeyId', '"AKID"', /access key id stands in quotes/],
    ['secretAccessKey', "'hush'", /secret access key stands in quotes/],
    ['sessionToken', '"hush"\n', /session token ends with a line break/],
    ['accessKeyId', 'AWS_ACCESS_KEY_ID=AKID', /access key id holds a character that no key has/],
    ['accessKeyId', 'AKID,hush', /access key id holds a character that no key has/],
  ])('that cannot be sent are refused without showing them: %s %j', (field, value, why) => {
    const refuse = () => wellFormed({ ...GOOD, [field]: value })
    expect(refuse).toThrow(why)
    expect(refuse).not.toThrow(/hush|AK ?ID/)
  })
})
