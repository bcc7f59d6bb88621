import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { listenOnLoopback, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'

let stage: Stage
let job: Job
/** Holds a file for each foreign code that ran. */
let ran: string

/** Nobody listens there: what only the internet has cannot be had. */
const NO_INTERNET = { HTTPS_PROXY: 'http://127.0.0.1:9', PIP_NO_INDEX: '1' }

beforeEach(async () => {
  stage = await openStage()
  job = await openJob()
  ran = join(job.home, 'ran')
  await mkdir(ran)
  for (const key of ['a', 'b', 'folder/c']) stage.kit.store.put('src', `data/${key}`, { body: key })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await job[Symbol.asyncDispose]()
})

const PROGRAMS = ['python3', 'python', 'pip3', 'tar', 'unzip', 'gzip', 'go', 'brew', 's5cmd']
const MODULES = ['pip', 'zipfile', 'shutil', 'runpy', 'sitecustomize', 'usercustomize']

/** A checkout with code in it, under every name that the action runs: as modules, and as programs in two folders. */
async function checkOutForeignCode(): Promise<void> {
  const bin = join(job.workspace, 'bin')
  await mkdir(bin)
  for (const name of MODULES)
    await writeFile(
      join(job.workspace, `${name}.py`),
      `open(${JSON.stringify(join(ran, name))}, 'w')\n`,
    )
  for (const folder of [job.workspace, bin])
    for (const name of PROGRAMS)
      await writeFile(join(folder, name), `#!/bin/sh\n: > '${join(ran, name)}'\n`, { mode: 0o755 })
}

/** The PATH of somebody who has relative folders in it, and PYTHONPATH with them. */
const careless = (path: string) => ({
  PATH: ['', '.', 'bin', path].join(delimiter),
  PYTHONPATH: job.workspace,
})

async function reportOf(path: string | undefined): Promise<Report> {
  return JSON.parse(await readFile(path ?? '', 'utf8'))
}

describe.skipIf(process.platform === 'win32')('code of the checkout is not run', () => {
  it.each(['pip', 'go', 'brew'])('by install-method: %s', async (method) => {
    await checkOutForeignCode()
    const python = process.env['PATH'] ?? ''
    const env = { ...stage.kit.idTokenEnv, ...NO_INTERNET, ...careless(python), GOPROXY: 'off' }
    const inputs = { 's5cmd-path': '', 'install-method': method }
    await using run = await stage.run(inputs, { job, env })
    expect(run.outputs).toMatchObject({ result: 'success', engine: 'direct', copied: '3' })
    const { engine } = await reportOf(run.outputs['report-path'])
    // What was meant was run in its place, or is not there.
    expect(engine?.toolchainProblem).toMatch(
      { pip: /No matching distribution found/, go: /go/, brew: /brew/ }[method] ?? '',
    )
    expect(await readdir(ran)).toEqual([])
  })

  it('where a zip is unpacked by Python, and its s5cmd copies', async () => {
    await checkOutForeignCode()
    const folder = await mkdtemp(join(job.home, 'zip-'))
    await writeFile(join(folder, 's5cmd'), `#!/bin/sh\nexec '${parts().s5cmd}' "$@"\n`)
    execFileSync('python3', ['-I', '-m', 'zipfile', '-c', 's5cmd.zip', 's5cmd'], { cwd: folder })
    const zip = await readFile(join(folder, 's5cmd.zip'))
    const mirror = await listenOnLoopback(
      webServer(false).on('request', (_request, response) => response.end(zip)),
    )
    // A PATH with Python and without unzip.
    const bin = await mkdtemp(join(job.home, 'bin-'))
    const python = execFileSync('python3', ['-I', '-c', 'import sys; print(sys.executable)'])
    await symlink(python.toString().trim(), join(bin, 'python3'))
    const inputs = {
      's5cmd-path': '',
      's5cmd-url': `${mirror.url}/s5cmd.zip`,
      's5cmd-sha256': createHash('sha256').update(zip).digest('hex'),
      engine: 's5cmd',
    }
    const env = { ...stage.kit.idTokenEnv, ...careless(bin) }
    await using run = await stage.run(inputs, { job, env })
    await mirror.close()
    expect(run.outputs, run.log).toMatchObject({ result: 'success', engine: 's5cmd', copied: '3' })
    expect(await readdir(ran)).toEqual([])
  })
})

it.skipIf(process.platform === 'win32')(
  's5cmd runs in an empty folder of its own, which is gone afterwards',
  async () => {
    const path = join(job.home, 's5cmd')
    const seen = join(job.toolCache, 'seen')
    const script = `#!/bin/sh\necho "$1 $PWD $(ls -A | wc -l)" >> '${seen}'\nexec '${parts().s5cmd}' "$@"\n`
    await writeFile(path, script, { mode: 0o755 })
    await using run = await stage.run({ 's5cmd-path': path, engine: 's5cmd' }, { job })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    const lines = (await readFile(seen, 'utf8')).trim().split('\n')
    const folders = lines.map((line) => line.split(' ')[1] ?? '')
    const asked = lines.map((line) => line.split(' ')[0])
    // The first two are asked beside each other.
    expect([...asked.slice(0, 2).sort(), asked[2]]).toEqual(['cp', 'version', '--json'])
    expect(new Set(folders).size).toBe(3)
    for (const [index, folder] of folders.entries()) {
      expect(folder.startsWith(job.runnerTemp)).toBe(true)
      expect(lines[index]?.endsWith(' 0')).toBe(true)
    }
    const left = await readdir(job.runnerTemp)
    for (const folder of folders)
      expect(left.map((name) => join(job.runnerTemp, name))).not.toContain(folder)
  },
)

describe.skipIf(process.platform === 'win32')('a tool cache that somebody else wrote', () => {
  /** Another machine than this, as far as the action looks. */
  async function machine(platform: string, processor: string): Promise<string> {
    const shim = join(job.home, 'machine.cjs')
    const set = (name: string, value: string) =>
      `Object.defineProperty(process, '${name}', { value: '${value}' })\n`
    await writeFile(shim, set('platform', platform) + set('arch', processor))
    return `--require ${shim}`
  }

  async function poison(processor: string): Promise<void> {
    const folder = join(job.toolCache, 's5cmd', '2.3.0', processor)
    await mkdir(folder, { recursive: true })
    const script = `#!/bin/sh\n: > '${join(ran, 's5cmd')}'\nexec '${parts().s5cmd}' "$@"\n`
    await writeFile(join(folder, 's5cmd'), script, { mode: 0o755 })
    const hash = createHash('sha256').update(script).digest('hex')
    await writeFile(join(folder, 's5cmd.sha256'), `${hash}\n`)
    const archive = join(folder, 's5cmd_2.3.0_macOS-64bit.tar.gz')
    execFileSync('tar', ['-czf', archive, '-C', folder, 's5cmd'])
    await writeFile(`${folder}.complete`, '')
  }

  it.each([
    ['linux', 'x64', true],
    ['linux', 'arm64', true],
    ['linux', 'ppc64', true],
    ['linux', 'arm', false],
    ['darwin', 'x64', true],
    ['darwin', 'arm64', true],
  ])('is not run on %s %s', async (platform, processor, known) => {
    await poison(processor)
    const env = {
      ...stage.kit.idTokenEnv,
      ...NO_INTERNET,
      NODE_OPTIONS: await machine(platform, processor),
    }
    await using run = await stage.run({ 's5cmd-path': '', 'log-level': 'debug' }, { job, env })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', engine: 'direct', copied: '3' })
    // Where a build is known, the cache was looked into.
    if (known) expect(run.log).toMatch(/in the tool cache is not the expected one: .*sha256/)
    expect(await readdir(ran)).toEqual([])
  })
})
