import { spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { childProcesses } from '../../src/adapters/processes.ts'
import { runCommand, type ShellMachine } from '../../src/adapters/shell-command.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-'))
  await mkdir(join(folder, 'temp'))
  vi.stubEnv('RUNNER_TEMP', join(folder, 'temp'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const never = new AbortController().signal

/** A shell, and what it starts, which both ignore signals; each tells its number when it is there. */
const hanging = () =>
  `trap '' TERM INT HUP; sh -c 'trap "" TERM INT HUP; echo $$ > "${folder}/child"; sleep 600; :' & echo $$ > "${folder}/shell"; wait`

async function pidsThere(): Promise<number[]> {
  return vi.waitFor(
    async () => {
      const texts = ['shell', 'child'].map((name) => readFile(join(folder, name), 'utf8'))
      const pids = (await Promise.all(texts)).map(Number)
      if (pids.includes(0)) throw new Error('One is not there yet.')
      return pids
    },
    { timeout: 20_000, interval: 10 },
  )
}

const isGone = (pid: number): void => expect(() => process.kill(pid, 0)).toThrow('ESRCH')

/** What is killed is a process until its parent has heard of it. */
const expectGone = (pids: readonly number[]) =>
  vi.waitFor(() => pids.forEach(isGone), { timeout: 10_000, interval: 10 })

describe.skipIf(process.platform === 'win32')('a command line', () => {
  it('is run by a shell, which tells its end', async () => {
    const done = await runCommand(`printf '%s' "a  b" | tr a-z A-Z; exit 3`, never)
    expect(done).toEqual({ how: 3, stdout: 'A  B' })
    expect(await runCommand('kill -9 $$', never)).toEqual({ how: 'SIGKILL', stdout: '' })
  })

  it('is ended with all that it started when it is told to, whatever they ignore', async () => {
    const reason = new Error('enough')
    const told = new AbortController()
    const run = runCommand(hanging(), told.signal)
    const pids = await pidsThere()
    told.abort(reason)
    await expect(run).rejects.toBe(reason)
    await expectGone(pids)
    expect(await readdir(join(folder, 'temp'))).toEqual([])
  })

  it('is ended with all that it started when this process exits', async () => {
    const adapter = JSON.stringify(resolve('src/adapters/shell-command.ts'))
    const files = JSON.stringify([join(folder, 'shell'), join(folder, 'child')])
    const code = `
      const { runCommand } = await import(${adapter})
      const { readFileSync } = await import('node:fs')
      void runCommand(${JSON.stringify(hanging())}, new AbortController().signal)
      const isThere = (file) => { try { return readFileSync(file, 'utf8') !== '' } catch { return false } }
      setInterval(() => { if (${files}.every(isThere)) process.exit(0) }, 10)`
    const args = ['--input-type=module', '-e', code]
    const env = { RUNNER_TEMP: join(folder, 'temp'), PATH: process.env['PATH'] ?? '' }
    const spec = { command: process.execPath, args, env }
    expect(await childProcesses.run(spec, { timeoutMs: 20_000 })).toMatchObject({ code: 0 })
    await expectGone(await pidsThere())
  })

  it('leaves nothing behind that holds its output open', async () => {
    const done = await runCommand(`sleep 600 & echo $! > "${folder}/child"; echo said`, never)
    expect(done).toEqual({ how: 0, stdout: 'said\n' })
    await expectGone([Number(await readFile(join(folder, 'child'), 'utf8'))])
  })

  it('is ended when it prints without end, and may print to stderr as it likes', async () => {
    await expect(runCommand('yes', never)).rejects.toThrow('more than 1048576 bytes')
    const loud = 'yes | head -c 2000000 >&2; echo said'
    expect(await runCommand(loud, never)).toEqual({ how: 0, stdout: 'said\n' })
  })

  it('does not begin when it is told to end before', async () => {
    const began = runCommand(`: > "${folder}/began"`, AbortSignal.abort(new Error('enough')))
    await expect(began).rejects.toThrow('enough')
    await expect(access(join(folder, 'began'))).rejects.toThrow('ENOENT')
  })

  it('runs in an empty folder of its own, which is gone afterwards', async () => {
    const { stdout } = await runCommand('pwd; ls -A', never)
    expect(stdout.trim()).toMatch(/^\S+\/temp\/s3-direct-sync-\w+$/)
    expect(await readdir(join(folder, 'temp'))).toEqual([])
  })

  it('gets what every command of the job gets, and nothing of this step alone', async () => {
    const shared = {
      HOME: '/home/me',
      VAULT_TOKEN: 'of the job',
      AWS_PROFILE: 'backup',
      HTTPS_PROXY: 'http://proxy.test',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
      RUNNER_TRACKING_ID: 'github_1',
    }
    const own = {
      'INPUT_AWS-SECRET-ACCESS-KEY': 'secret',
      INPUT_SOURCE: 's3://src',
      ACTIONS_RUNTIME_TOKEN: 'secret',
      ACTIONS_CACHE_URL: 'https://cache.test',
      ACTIONS_RESULTS_URL: 'https://results.test',
    }
    for (const [name, value] of Object.entries({ ...shared, ...own })) vi.stubEnv(name, value)
    const print = `'${process.execPath}' -p 'JSON.stringify(process.env)'`
    const seen = JSON.parse((await runCommand(print, never)).stdout)
    expect(seen).toMatchObject(shared)
    expect(Object.keys(seen).filter((name) => name in own)).toEqual([])
  })

  it('has absolute folders alone in its PATH, and files named from there where it runs', async () => {
    vi.stubEnv('PATH', ['', '.', 'bin', '/opt/bin', '../x', '/bin', ''].join(delimiter))
    vi.stubEnv('AWS_CONFIG_FILE', 'aws/config')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '~/credentials')
    const seen = await runCommand(
      `echo "$PATH"; echo "$AWS_CONFIG_FILE"; echo "$AWS_SHARED_CREDENTIALS_FILE"`,
      never,
    )
    expect(seen.stdout).toBe(`/opt/bin:/bin\n${resolve('aws/config')}\n~/credentials\n`)
  })
})

/** Windows as far as a command line is concerned: its shell prints what it was given, or hangs. */
function windows({ hangs = false, hasTaskkill = true } = {}) {
  const started: string[][] = []
  const ended: string[][] = []
  const code = hangs
    ? 'console.log("up"); setInterval(() => {}, 1000)'
    : 'console.log(JSON.stringify(process.env))'
  const { promise: up, resolve: isUp } = Promise.withResolvers<void>()
  const machine: ShellMachine = {
    platform: 'win32',
    env: {
      Path: String.raw`C:\bin;bin;.;D:\tools`,
      SystemRoot: String.raw`C:\WINNT`,
      INPUT_SOURCE: 's3://src',
      actions_runtime_token: 'secret',
      HOME: '/home/me',
    },
    spawn: (program, args, options) => {
      if (program.endsWith('cmd.exe')) {
        started.push([program, ...args])
        expect(options).toMatchObject({ detached: false, windowsVerbatimArguments: true })
        const shell = spawn(process.execPath, ['-e', code], { ...options, detached: true })
        shell.stdout?.once('data', () => isUp())
        return shell
      }
      ended.push([program, ...args])
      if (!hasTaskkill) return spawn(join(folder, 'no-such-program'), [], options)
      process.kill(Number(args[1]), 'SIGKILL')
      return spawn('/bin/true', [], options)
    },
  }
  return { machine, started, ended, up }
}

describe.skipIf(process.platform === 'win32')('a command line of Windows', () => {
  it('is run by its own shell, as it is written, without inputs and with absolute folders', async () => {
    const { machine, started, ended } = windows()
    const { how, stdout } = await runCommand('"C:\\My Tools\\keys.exe" --for "a b"', never, machine)
    expect(how).toBe(0)
    expect(started).toEqual([
      [
        String.raw`C:\WINNT\System32\cmd.exe`,
        ...['/d', '/s', '/c'],
        String.raw`""C:\My Tools\keys.exe" --for "a b""`,
      ],
    ])
    const seen = JSON.parse(stdout)
    expect(seen).toMatchObject({ Path: String.raw`C:\bin;D:\tools`, HOME: '/home/me' })
    expect(seen).not.toHaveProperty('INPUT_SOURCE')
    expect(seen).not.toHaveProperty('actions_runtime_token')
    // What has ended is not ended again: its number may be another's by then.
    expect(ended).toEqual([])
  })

  it.each([
    ['with all that it started', true],
    ['by itself where there is no taskkill', false],
  ])('is ended %s when it is told to', async (_how, hasTaskkill) => {
    const { machine, ended, up } = windows({ hangs: true, hasTaskkill })
    const told = new AbortController()
    const run = runCommand('hang', told.signal, machine)
    await up
    told.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(ended).toHaveLength(1)
    expect(ended[0]).toEqual([
      String.raw`C:\WINNT\System32\taskkill.exe`,
      ...['/pid', expect.stringMatching(/^\d+$/), '/t', '/f'],
    ])
    expect(await readdir(join(folder, 'temp'))).toEqual([])
  })
})
