import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { childProcesses, processesOn } from '../../src/adapters/processes.ts'

const NODE = process.execPath
const limit = { timeoutMs: 20_000 }
const script = (code: string, env: Record<string, string> = {}) => ({
  command: NODE,
  args: ['-e', code],
  env,
})

/** A started process and the lines it said. */
function start(code: string) {
  const lines: string[] = []
  const child = childProcesses.spawn(script(code), (stream, line) =>
    lines.push(`${stream}: ${line}`),
  )
  return { child, lines }
}

it.skipIf(process.platform === 'win32').each([
  ['win32', { code: 0, signal: null }, ['stdout: done']],
  ['linux', { code: null, signal: 'SIGTERM' }, []],
] as const)('on %s a process that is asked to end ends as %j', async (platform, exit, said) => {
  const lines: string[] = []
  const code =
    'console.log("up"); process.stdin.on("end", () => setTimeout(() => console.log("done"), 50)).resume()'
  const { promise: up, resolve } = Promise.withResolvers<void>()
  const child = processesOn(platform).spawn(script(code), (stream, line) => {
    if (line === 'up') resolve()
    else lines.push(`${stream}: ${line}`)
  })
  await up
  child.kill('SIGTERM')
  expect(await child.exit).toEqual(exit)
  expect(lines).toEqual(said)
})

describe('run', () => {
  it('gives both streams and the exit code', async () => {
    const code = 'console.log("out"); console.error("err"); process.exitCode = 3'
    expect(await childProcesses.run(script(code), limit)).toEqual({
      code: 3,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  it('passes on exactly the given environment', async () => {
    const code = 'console.log(JSON.stringify(process.env))'
    const { stdout } = await childProcesses.run(script(code, { ONLY: 'this' }), limit)
    expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' })
  })

  it('needs no shell, and gives no input', async () => {
    const code = 'process.stdin.on("end", () => console.log(process.argv[1])).resume()'
    const spec = { ...script(code), args: ['-e', code, '$(id) `id`; "\''] }
    expect((await childProcesses.run(spec, limit)).stdout).toBe('$(id) `id`; "\'\n')
  })

  it('tells the signal that ended it', async () => {
    const ended = await childProcesses.run(script('process.kill(process.pid, "SIGKILL")'), limit)
    expect(ended).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  it('kills what takes too long, even when it ignores signals', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stubborn-'))
    const pidFile = join(folder, 'pid')
    const stubborn = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))`
    const late = childProcesses.run(script(stubborn), { timeoutMs: 1000 })
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
    const pid = Number(await readFile(pidFile, 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await rm(folder, { recursive: true })
  })

  it.skipIf(process.platform === 'win32')(
    'does not wait for what it had started',
    {
      timeout: 25_000,
    },
    async () => {
      const parent = { command: '/bin/sh', args: ['-c', 'sleep 30 & wait'], env: {} }
      const late = childProcesses.run(parent, { timeoutMs: 300 })
      await expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
    },
  )

  it('ends with the reason of the signal', async () => {
    const reason = new Error('cancelled')
    const cancel = new AbortController()
    const run = childProcesses.run(script('setInterval(() => {}, 1000)'), {
      ...limit,
      signal: cancel.signal,
    })
    setTimeout(() => cancel.abort(reason), 50)
    await expect(run).rejects.toBe(reason)
  })

  it('fails when it cannot be started, or prints without end', async () => {
    const missing = { command: '/no/such/program', args: [], env: {} }
    await expect(childProcesses.run(missing, limit)).rejects.toThrow('ENOENT')
    const endless = 'const more = () => process.stdout.write("x".repeat(65536), more); more()'
    await expect(childProcesses.run(script(endless), limit)).rejects.toThrow(
      'It printed more than 1048576 bytes.',
    )
  })
})

describe('each', () => {
  const told =
    'console.log(process.cwd(), require("fs").readdirSync(".").length, process.env.AWS_CA_BUNDLE)'
  const spec = script(told, { AWS_CA_BUNDLE: 'certs/ca.pem' })

  async function expectOwnFolder(line: string): Promise<void> {
    const [folder = '', entries, bundle] = line.trim().split(' ')
    expect(folder).not.toBe(process.cwd())
    expect(entries).toBe('0')
    await expect(access(folder)).rejects.toThrow('ENOENT')
    // Relative to where the action runs, which is not where its child does.
    expect(bundle).toBe(resolve('certs/ca.pem'))
  }

  it('runs in a folder of its own, which is gone afterwards', async () => {
    await expectOwnFolder((await childProcesses.run(spec, limit)).stdout)
    const lines: string[] = []
    await childProcesses.spawn(spec, (_stream, line) => lines.push(line)).exit
    await expectOwnFolder(lines.join())
  })

  it.skipIf(process.platform === 'win32')(
    'is looked for in the PATH that it gets, and there in absolute folders alone',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'programs-'))
      await writeFile(join(folder, 'some-program'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
      const run = (PATH: string) =>
        childProcesses.run({ command: 'some-program', args: [], env: { PATH } }, limit)
      expect((await run(`/no/such:${folder}`)).stdout).toBe('ran\n')
      await expect(run(relative(process.cwd(), folder))).rejects.toThrow(
        'spawn some-program ENOENT',
      )
      await expect(run('')).rejects.toThrow('spawn some-program ENOENT')
      await rm(folder, { recursive: true })
    },
  )

  it.skipIf(process.platform === 'win32')(
    'may have blanks, quotes and backslashes in its path',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'a "quoted" \\path '))
      const command = join(folder, 'my program')
      await writeFile(command, `#!/bin/sh\nprintf '%s' "$1"\n`, { mode: 0o755 })
      const ended = await childProcesses.run({ command, args: ['a "b" \\c'], env: {} }, limit)
      expect(ended.stdout).toBe('a "b" \\c')
      await rm(folder, { recursive: true })
    },
  )

  it('prints nothing of its own where a program is run', async () => {
    const adapter = resolve('src/adapters/processes.ts')
    const code = `import(${JSON.stringify(adapter)}).then(({ childProcesses }) => childProcesses.run({ command: process.execPath, args: ['-e', 'console.log("hush"); console.error("hush")'], env: {} }, { timeoutMs: 20000 }))`
    const ended = await childProcesses.run(script(code), limit)
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })
})

describe('spawn', () => {
  it('gives lines of both streams as they come, also the last without a newline', async () => {
    const { child, lines } = start(
      'console.error("e"); process.stdout.write("a\\rb\\u2028c\\n\\nlast")',
    )
    expect(await child.exit).toEqual({ code: 0, signal: null })
    expect(lines.toSorted()).toEqual([
      'stderr: e',
      'stdout: ',
      'stdout: a\rb\u2028c',
      'stdout: last',
    ])
  })

  it('gives long lines whole, with characters on the border of chunks', async () => {
    const { child, lines } = start('process.stdout.write("€".repeat(1e6) + "\\n" + "x".repeat(99))')
    await child.exit
    expect(lines).toEqual([`stdout: ${'€'.repeat(1e6)}`, `stdout: ${'x'.repeat(99)}`])
  })

  it('keeps a MiB of a line that does not end, and the lines behind it', async () => {
    const { child, lines } = start('process.stdout.write("x".repeat(5e6) + "\\nnext\\n")')
    await child.exit
    expect(lines.map((line) => line.length)).toEqual(['stdout: '.length + 2 ** 20, 12])
    expect(lines[1]).toBe('stdout: next')
  })

  it('feeds 5 MB to a slow reader, with back-pressure', async () => {
    const { child, lines } = start(`
      let bytes = 0
      process.stdin.on('data', (chunk) => {
        bytes += chunk.length
        process.stdin.pause()
        setTimeout(() => process.stdin.resume(), 1)
      }).on('end', () => console.log(bytes))`)
    const block = `${'y'.repeat(9_999)}\n`
    let waits = 0
    for (let sent = 0; sent < 500; sent++) {
      const begun = performance.now()
      await child.write(block)
      if (performance.now() - begun > 0.5) waits++
    }
    child.endInput()
    await child.exit
    expect(lines).toEqual(['stdout: 5000000'])
    expect(waits).toBeGreaterThan(10)
  })

  it('takes many writes at once, in their order', async () => {
    const { child, lines } = start('process.stdin.pipe(process.stdout)')
    const sent = Array.from({ length: 2000 }, (_, index) => `${index} ${'z'.repeat(500)}`)
    await Promise.all(sent.map((line) => child.write(`${line}\n`)))
    child.endInput()
    await child.exit
    expect(lines).toEqual(sent.map((line) => `stdout: ${line}`))
  })

  it('does not mind a reader that goes away', async () => {
    const { child } = start('process.exit(7)')
    for (let sent = 0; sent < 100; sent++) await child.write('w'.repeat(100_000))
    child.endInput()
    expect(await child.exit).toEqual({ code: 7, signal: null })
    await child.write('too late')
  })

  it('stops waiting writers when the reader is killed', async () => {
    const { child } = start('setInterval(() => {}, 1000)')
    const stuck = child.write('w'.repeat(1_000_000))
    child.kill('SIGKILL')
    await stuck
    expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' })
    child.kill('SIGTERM')
  })

  it('tells the exit only when all lines were read', async () => {
    const { child, lines } = start(
      'process.stdout.write("line\\n".repeat(2e5), () => process.exit(0))',
    )
    await child.exit
    expect(lines).toHaveLength(2e5)
  })

  it.each([
    ['a program that is not there', { command: '/no/such/program', args: [], env: {} }, 'ENOENT'],
    ['an impossible argument', { command: NODE, args: ['\0'], env: {} }, 'null bytes'],
    ['too large an environment', script('', { BIG: 'x'.repeat(3e6) }), 'E2BIG'],
  ])('tells of %s as of a process that ended', async (_case, spec, reason) => {
    const lines: string[] = []
    const child = childProcesses.spawn(spec, (stream, line) => lines.push(`${stream}: ${line}`))
    await child.write('text')
    child.endInput()
    child.kill('SIGTERM')
    expect(await child.exit).toEqual({ code: null, signal: null })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(reason)
  })
})
