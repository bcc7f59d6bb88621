import { describe, expect, test } from 'vitest'
import { intrusions } from '../markdown.ts'

describe('what only text from outside can have made of a summary', () => {
  test.each([
    ['a link', '[x](https://example.com)'],
    ['an address', 'see https://example.com'],
    ['an image', '![x](y)'],
    ['emphasis', 'a *b* c'],
    ['a struck word', '~~a~~'],
    ['a mention', 'ask @somebody'],
    ['an issue', 'as #12 says'],
    ['an emoji', ':+1: :tada:'],
    ['HTML', 'a <b>c</b>'],
    ['a comment', '<!-- a -->'],
    ['a fold of its own', '<details><summary>a</summary>'],
    ['a block', '```js\nx\n```'],
    ['a diagram with another label', '```mermaid\npie showData\n  "a<b>" : 1\n```'],
    ['a row with too many cells', '| a | b |\n| - | - |\n| `x` | y | z |'],
    ['a command', 'x ##[error]y'],
    ['a control character', 'x\u001b[31m'],
    ['a command in code', '`x ##[error]y`'],
    ['a rule', 'a\n\n---'],
  ])('is found: %s', (_what, text) => {
    expect(intrusions(`## ✅ Done\n\n${text}\n`)).not.toEqual([])
  })

  test.each(['`<b>` and `@x` and `[a](b)`', '| `a\\|b` | c |\n| - | - |\n| `x\\|y` | z |'])(
    'is not what stands as code: %s',
    (text) => {
      expect(intrusions(text)).toEqual([])
    },
  )
})
