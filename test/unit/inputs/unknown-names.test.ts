import { describe, expect, it } from 'vitest'
import { problems, read } from './reading.ts'

describe('a name that no input has', () => {
  it.each([
    ['exlude', 'exclude'],
    ['exculde', 'exclude'],
    ['excludes', 'exclude'],
    ['includ', 'include'],
    ['delate', 'delete'],
    ['max_delete', 'max-delete'],
    ['ddelete', 'delete'],
    ['dryrun', 'dry-run'],
    ['max-delet', 'max-delete'],
  ])('is refused where it is one slip away from an input: %s', async (name, meant) => {
    const env = { [`INPUT_${name.toUpperCase()}`]: '*.env' }
    expect(await problems({}, env)).toEqual([`${name}: is not an input; write ${meant}`])
  })

  it('is refused whatever its value, together with all else that is wrong', async () => {
    const found = await problems(
      { delete: 'perhaps' },
      { INPUT_EXLUDE: '', INPUT_SORCE: 's3://a/' },
    )
    expect(found.map((line) => line.split(':')[0])).toEqual(['exlude', 'sorce', 'delete'])
  })

  it.each(['exklud', 'acls', 'sse2', 'note', 'role_to_assume', 'mod'])(
    'is told as being without effect where it is further away, or the input is short: %s',
    async (name) => {
      const { unknownInputs } = await read({}, { [`INPUT_${name.toUpperCase()}`]: 'x' })
      expect(unknownInputs).toEqual([name])
    },
  )

  it.each([
    ['content-disposition', 'content-disposition: attachment'],
    ['content-encoding', 'content-encoding: gzip'],
    ['metadata', 'metadata: { name: value }'],
  ])('is refused with the rule for it where it once was an input: %s', async (name, field) => {
    const rule = `- { files: ['*'], ${field} }`
    expect(await problems({}, { [`INPUT_${name.toUpperCase()}`]: 'x' })).toEqual([
      `${name}: is no longer an input: set it with headers, such as ${rule}`,
    ])
    expect((await read({ headers: rule })).transfer.write.rules).toMatchObject([{ files: ['*'] }])
  })

  it('is nothing that the runner sets for inputs that are known', async () => {
    const env = { 'INPUT_MAX-DELETE': '10', INPUT_SOURCE: 's3://src/a/', INPUT_: '' }
    expect((await read({}, env)).unknownInputs).toEqual([])
  })
})
