import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { childPlace } from '../../../src/adapters/child-place.ts'
import { absoluteFolders } from '../../../src/adapters/platform.ts'
import { located } from '../../../src/adapters/run-program.ts'

let temp = ''
beforeAll(async () => {
  temp = await mkdtemp(path.join(os.tmpdir(), 'platform-'))
})
afterAll(() => rm(temp, { recursive: true }))

/** A machine that has these programs. */
const machine = (platform: NodeJS.Platform, ...programs: readonly string[]) => ({
  platform,
  isProgram: async (file: string) => programs.includes(file),
})

describe('the folders of a PATH', () => {
  it('are those that do not depend on where a program is started, as each system writes them', () => {
    const windows = String.raw`C:\bin;tools;.;\\server\share;;"C:\Program Files\Go\bin";"D:\a;b";C:here`
    expect(absoluteFolders(windows, 'win32')).toEqual([
      String.raw`C:\bin`,
      String.raw`\\server\share`,
      String.raw`C:\Program Files\Go\bin`,
      String.raw`D:\a;b`,
    ])
    for (const platform of ['linux', 'darwin'] as const)
      expect(absoluteFolders('/usr/bin:bin::/a;b:.:/opt/bin', platform)).toEqual([
        '/usr/bin',
        '/a;b',
        '/opt/bin',
      ])
  })
})

describe('a program', () => {
  const PATH = String.raw`evil;C:\first;D:\second`

  it('is found on Windows by the endings that its PATHEXT names, folder by folder', async () => {
    const found = (env: Record<string, string>, ...programs: readonly string[]) =>
      located({ command: 'go', env }, machine('win32', ...programs))
    const both = [
      String.raw`D:\second\go.EXE`,
      String.raw`C:\first\go.CMD`,
      String.raw`evil\go.EXE`,
    ]
    expect(await found({ PATH }, ...both)).toBe(String.raw`C:\first\go.CMD`)
    const PATHEXT = '.exe;;.bat'
    expect(await found({ PATH, PATHEXT }, String.raw`D:\second\go.bat`)).toBe(
      String.raw`D:\second\go.bat`,
    )
    await expect(found({ PATH, PATHEXT: '.exe' }, ...both)).rejects.toThrow('spawn go ENOENT')
    await expect(found({ PATH }, String.raw`C:\first\go`)).rejects.toThrow('spawn go ENOENT')
  })

  it('is found elsewhere by its name alone', async () => {
    const env = { PATH: 'evil:/opt/bin:/usr/bin', PATHEXT: '.EXE' }
    const on = machine('darwin', '/usr/bin/go', '/opt/bin/go.EXE', 'evil/go')
    expect(await located({ command: 'go', env }, on)).toBe('/usr/bin/go')
  })

  it('that is named by its whole path is that one', async () => {
    const command = String.raw`C:\tools\s5cmd.exe`
    expect(await located({ command, env: { PATH } }, machine('win32'))).toBe(command)
  })
})

describe('files that variables name from where the action runs', () => {
  const place = (env: Record<string, string>, platform: NodeJS.Platform) => {
    vi.stubEnv('RUNNER_TEMP', temp)
    const { env: seen, remove } = childPlace(env, platform)
    remove()
    return seen
  }

  it('are the same for a child on Windows, in whatever case the variable is written', () => {
    const env = {
      Aws_Config_File: 'aws\\config',
      SSL_CERT_DIR: String.raw`certs;C:\certs`,
      AWS_CA_BUNDLE: String.raw`D:\ca.pem`,
      PIP_CERT: '~/ca.pem',
      GREETING: 'hello',
    }
    expect(place(env, 'win32')).toEqual({
      ...env,
      Aws_Config_File: path.win32.resolve('aws\\config'),
      SSL_CERT_DIR: String.raw`${path.win32.resolve('certs')};C:\certs`,
    })
  })

  it('are so elsewhere, where another case is another variable', () => {
    const env = { SSL_CERT_DIR: 'certs:/etc/certs', Aws_Config_File: 'aws/config' }
    expect(place(env, 'linux')).toEqual({
      ...env,
      SSL_CERT_DIR: `${path.posix.resolve('certs')}:/etc/certs`,
    })
  })
})
