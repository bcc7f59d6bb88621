import { expect, test } from 'vitest'
import { Capabilities } from '../../../src/storage/capabilities.ts'

test('a service does all that S3 does until an answer tells otherwise', () => {
  const capabilities = new Capabilities()
  expect(capabilities).toMatchObject({
    conditionalWrites: true,
    conditionalDeletes: undefined,
    heads: true,
    tags: 'unknown',
    md5Etags: true,
  })
})

test('that a service knows no conditional writes is news once', () => {
  const capabilities = new Capabilities()
  expect([1, 2, 3].map(() => capabilities.lacksConditionalWrites())).toEqual([true, false, false])
  expect(capabilities.conditionalWrites).toBe(false)
})

test('the first object tells whether tags are counted, and a refusal outweighs it', () => {
  const capabilities = new Capabilities()
  capabilities.sawTags(false)
  capabilities.sawTags(true)
  expect(capabilities.tags).toBe('uncounted')
  capabilities.refusesTags()
  capabilities.sawTags(true)
  expect(capabilities.tags).toBe('unreadable')
})

test('what was found out by one is known to all', () => {
  const capabilities = new Capabilities()
  capabilities.refusesHeads()
  capabilities.hasOtherEtags()
  capabilities.conditionalDeletes = false
  expect(capabilities).toMatchObject({ heads: false, md5Etags: false, conditionalDeletes: false })
})
