import { describe, expect, it } from 'vitest'
import { windowsRefuses } from '../../../src/model/windows-names.ts'

describe('a folder on Windows', () => {
  it.each([
    ...['nul', 'NUL', 'con', 'prn.txt', 'aux', 'C:\\x\\com1', 'lpt9.a.b', 'a/COM¹', 'con .x'],
  ])('may not have the name of a device: %s', (path) => {
    expect(windowsRefuses(path)).toMatch(/ is a device name on Windows$/)
  })

  it.each(['x.', 'x ', 'D:\\a.\\b', 'a /b', '...'])(
    'may not end in a dot or a blank: %j',
    (path) => {
      expect(windowsRefuses(path)).toMatch(
        / ends with a dot or a space, which Windows does not allow$/,
      )
    },
  )

  it.each(['a<b', 'D:\\a:b', 'x?', 'x*', 'a|b', 'a"b', 'a\nb'])(
    'may not hold what paths are made of: %j',
    (path) => {
      expect(windowsRefuses(path)).toMatch(
        / contains one of <>:"\|\?\*, which Windows does not allow$/,
      )
    },
  )

  it.each([
    ...[
      'D:\\a\\_temp\\report',
      './report',
      '../x',
      'console',
      'com',
      'com10',
      'lpt',
      'a.b',
      'nul-1',
    ],
    ...['\\\\server\\share', 'ünï cödé'],
  ])('may be called %s', (path) => {
    expect(windowsRefuses(path)).toBeUndefined()
  })
})
