import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { toLocalPaths } from '../../../src/inputs/local-paths.ts'
import type { InputValues } from '../../../src/inputs/schema.ts'

/** Where a local source leads on a system, or what is wrong with it. */
function sourceOn(system: 'Linux' | 'Windows', local: string, home = ''): string {
  const { join, resolve } = system === 'Windows' ? path.win32 : path.posix
  const workspace = system === 'Windows' ? 'D:\\a\\repo' : '/work/repo'
  const { values, problems } = toLocalPaths(
    { source: { bucket: '', path: '', local } } as unknown as InputValues,
    {
      env: { RUNNER_OS: system, RUNNER_TEMP: '/tmp', GITHUB_WORKSPACE: workspace, HOME: home },
      files: { join: (...parts) => resolve(join(...parts)) },
    },
  )
  return problems[0]?.text ?? values.source?.local ?? ''
}

describe('a local source', () => {
  it.each([
    ['./dist', '/work/repo/dist'],
    ['.', '/work/repo'],
    ['../site/', '/work/site'],
    ['/tmp/site', '/tmp/site'],
    ['file:dist', '/work/repo/dist'],
    ['file:/tmp/site', '/tmp/site'],
    ['file:///tmp/my%20site', '/tmp/my site'],
    ['./a\\b', '/work/repo/a\\b'],
  ])('%s is a path of Linux, relative to the workspace', (local, where) => {
    expect(sourceOn('Linux', local)).toBe(where)
  })

  it('may begin with ~/, as every other path of an input', () => {
    expect(sourceOn('Linux', '~/site', '/home/me')).toBe('/home/me/site')
    expect(sourceOn('Linux', '~', '/home/me')).toBe('/home/me')
    expect(sourceOn('Windows', '~\\site', 'C:\\Users\\me')).toBe('C:\\Users\\me\\site')
    expect(sourceOn('Linux', './~/site', '/home/me')).toBe('/work/repo/~/site')
    expect(sourceOn('Linux', '~/site')).toContain('~ cannot be expanded: HOME is not set')
  })

  it.each([
    ['./dist', 'D:\\a\\repo\\dist'],
    ['.\\dist\\site', 'D:\\a\\repo\\dist\\site'],
    ['C:\\site', 'C:\\site'],
    ['C:/site', 'C:\\site'],
    ['file:///C:/my%20site', 'C:\\my site'],
    ['\\\\server\\share\\site', '\\\\server\\share\\site'],
  ])('%s is a path of Windows', (local, where) => {
    expect(sourceOn('Windows', local)).toBe(where)
  })

  it.each(['C:\\site', '.\\dist', '\\\\server\\share', 'D:/x'])(
    '%s is refused where the runner has another system',
    (local) => {
      expect(sourceOn('Linux', local)).toContain('is a Windows path')
    },
  )

  it.each(['file:', 'file://host/site', 'file:///a?b', 'file:///%zz'])('%s is refused', (local) => {
    expect(sourceOn('Linux', local)).toContain('expected a file: URL such as')
  })
})
