import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../../src/errors/sync-error.ts'
import { findTool } from '../../../../src/s5cmd/install/install.ts'
import { archiveOf, asking, catalogOf, openStage, scriptFor, sha256, toolchainOf } from './stage.ts'

const DEV = scriptFor('v0.0.0-dev')
const catalog = catalogOf('http://127.0.0.1:9', await archiveOf(DEV), sha256(DEV))

/** What every stand-in does first: it writes down how it was called. */
const record = (root: string): string => `#!/bin/sh
echo "$@" >> ${root}/calls
env | sort > ${root}/env
`

/** A stand-in for `go install` that puts this program where Go would. */
const goFor = (program: string) => (root: string) =>
  `${record(root)}cat > "$GOBIN/s5cmd" <<'END'\n${program}END\nchmod 0755 "$GOBIN/s5cmd"\n`

/** A stand-in for Homebrew that has this program. */
const brewFor = (program: string) => (root: string) =>
  `${record(root)}case "$1" in
  install) mkdir -p ${root}/opt/s5cmd/bin; cat > ${root}/opt/s5cmd/bin/s5cmd <<'END'
${program}END
  chmod 0555 ${root}/opt/s5cmd/bin/s5cmd ;;
  --prefix) echo ${root}/opt/s5cmd ;;
esac
`

/** A stage whose PATH has one stand-in, beside the system's own programs. */
async function openBuilder(
  method: 'go' | 'brew',
  standIn?: (root: string) => string,
  env: Readonly<Record<string, string>> = {},
) {
  const stage = await openStage()
  const bin = path.join(stage.root, 'bin')
  await mkdir(bin)
  if (standIn) await writeFile(path.join(bin, method), standIn(stage.root), { mode: 0o755 })
  const search = standIn ? `${bin}:/usr/bin:/bin` : bin
  const host = { ...stage.ports.host, env: { PATH: search, HOME: stage.root, ...env } }
  const ports = { ...stage.ports, host }
  const read = (name: string) => readFile(path.join(stage.root, name), 'utf8')
  return {
    ...stage,
    seek: (version = '2.3.0', system = ports.system) => {
      const on = { ...ports, system }
      return findTool({ catalog, request: asking({ method, version }), ports: on, log: stage.log })
    },
    calls: async () => (await read('calls')).trim().split('\n'),
    seen: async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await read('env')).split('\n').map((line) => [line.split('=')[0], line.split('=')[1]]),
      ),
  }
}

/** The step's environment, with what is nobody's business. */
const OUTSIDE = {
  GOPROXY: 'https://proxy.internal.test',
  GOOS: 'windows',
  GOOGLE_CREDENTIALS: 'secret',
  HOMEBREW_NO_AUTO_UPDATE: '1',
  HTTPS_PROXY: 'http://proxy.test:3128',
  RUNNER_TRACKING_ID: 'github_1',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_PROFILE: 'secret',
  GITHUB_TOKEN: 'secret',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
  'INPUT_AWS-SECRET-ACCESS-KEY': 'secret',
  MY_PASSWORD: 'secret',
}

describe('install-method: go', () => {
  it('builds the version that was asked for, which the binary itself does not tell', async () => {
    await using stage = await openBuilder('go', goFor(DEV))
    expect(toolchainOf(await stage.seek('2.2.2'))).toMatchObject({
      version: '2.2.2',
      reported: 'v0.0.0-dev',
      sha256: sha256(DEV),
      // Although this very binary is a known one: Go promises no such thing.
      origin: 'unpinned',
    })
    expect(await stage.calls()).toEqual(['install github.com/peak/s5cmd/v2@v2.2.2'])
  })

  it('gives Go its settings and the network, and no secrets', async () => {
    await using stage = await openBuilder('go', goFor(DEV), OUTSIDE)
    const { path: program } = toolchainOf(await stage.seek())
    const { PATH, HOME, PWD, SHLVL, _, OLDPWD, ...seen } = await stage.seen()
    expect([HOME, PATH?.endsWith(':/usr/bin:/bin')]).toEqual([stage.root, true])
    expect(seen).toEqual({
      '': undefined,
      GOBIN: path.dirname(program),
      CGO_ENABLED: '0',
      GOPROXY: OUTSIDE.GOPROXY,
      HTTPS_PROXY: OUTSIDE.HTTPS_PROXY,
      RUNNER_TRACKING_ID: 'github_1',
    })
  })

  it('builds for machines that upstream builds nothing for', async () => {
    await using stage = await openBuilder('go', goFor(DEV))
    const system = { ...stage.ports.system, arch: 'riscv64' }
    const host = { ...stage.ports.host, env: { PATH: `${stage.root}/bin:/usr/bin:/bin` } }
    const ports = { ...stage.ports, system, host }
    const request = asking({ method: 'go' })
    const found = await findTool({ catalog, request, ports, log: stage.log })
    expect(toolchainOf(found).version).toBe('2.3.0')
  })

  it('builds nothing that loses data', async () => {
    await using stage = await openBuilder('go', goFor(DEV))
    await expect(stage.seek('2.2.1')).rejects.toThrow('s5cmd 2.2.1 is refused')
    await expect(stage.calls()).rejects.toThrow('ENOENT')
  })

  it('tells what Go complained of, not what it was doing', async () => {
    const failing = (root: string) =>
      `${record(root)}echo 'go: downloading go1.26 (linux/amd64)' >&2\necho 'go: s5cmd: 403 Forbidden' >&2\nexit 1\n`
    await using stage = await openBuilder('go', failing)
    const found = await stage.seek()
    expect('problem' in found && found.problem.message).toBe(
      's5cmd could not be installed by install-method: go: `go install github.com/peak/s5cmd/v2@v2.3.0` ended with exit code 1: go: s5cmd: 403 Forbidden.',
    )
    expect('problem' in found && found.problem.hint).toMatch(/^Find out why go fails/)
  })

  it('ends with the reason of the cancellation, at once', { timeout: 15_000 }, async () => {
    await using stage = await openBuilder('go', (root) => `${record(root)}sleep 20 & wait\n`)
    const reason = new SyncError('cancelled', 'The run was cancelled.')
    setTimeout(() => stage.cancel.abort(reason), 200)
    await expect(stage.seek()).rejects.toBe(reason)
  })
})

describe('install-method: brew', () => {
  it('takes the version that Homebrew has, and leaves it where it is', async () => {
    const program = scriptFor('v2.4.1-1234567')
    await using stage = await openBuilder('brew', brewFor(program))
    expect(toolchainOf(await stage.seek())).toMatchObject({
      path: path.join(stage.root, 'opt/s5cmd/bin/s5cmd'),
      version: '2.4.1',
      reported: 'v2.4.1-1234567',
      origin: 'unpinned',
    })
    expect(await stage.calls()).toEqual(['install peak/tap/s5cmd', '--prefix peak/tap/s5cmd'])
    expect(stage.lines.join()).toContain('info: This s5cmd is 2.4.1, but s5cmd-version is 2.3.0.')
  })

  it('gives Homebrew its settings and the network, and no secrets', async () => {
    await using stage = await openBuilder('brew', brewFor(DEV), OUTSIDE)
    await stage.seek()
    const seen = await stage.seen()
    expect(seen).toMatchObject({ HOMEBREW_NO_AUTO_UPDATE: '1', HTTPS_PROXY: OUTSIDE.HTTPS_PROXY })
    expect(Object.keys(seen)).not.toContain('GOPROXY')
    expect(JSON.stringify(seen)).not.toContain('secret')
  })

  it('refuses a version that loses data', async () => {
    await using stage = await openBuilder('brew', brewFor(scriptFor('v2.2.1-be63977')))
    await expect(stage.seek()).rejects.toMatchObject({
      message: expect.stringContaining('s5cmd 2.2.1 is refused'),
      hint: expect.stringContaining('Homebrew'),
    })
  })
})

describe.each([
  ['go', 'actions/setup-go'],
  ['brew', 'linuxbrew'],
] as const)('install-method: %s', (method, hint) => {
  it('says what is missing, and how to have it', async () => {
    await using stage = await openBuilder(method)
    const found = await stage.seek()
    expect('problem' in found && found.problem.message).toBe(
      `s5cmd could not be installed by install-method: ${method}: ${method} is not on the PATH.`,
    )
    expect('problem' in found && found.problem.hint).toContain(hint)
  })

  it('says so when nothing came of it', async () => {
    await using stage = await openBuilder(method, (root) => `${record(root)}echo ${root}\n`)
    const found = await stage.seek()
    expect('problem' in found && found.problem.message).toMatch(/ENOENT.*s5cmd'\.$/)
  })
})

it.each([
  ['win32', 'Homebrew does not support Windows'],
  ['darwin', '/opt/homebrew/bin'],
])('install-method: brew knows %s', async (platform, hint) => {
  await using stage = await openBuilder('brew')
  const found = await stage.seek('2.3.0', { platform, arch: 'arm64' })
  expect('problem' in found && found.problem.hint).toContain(hint)
})
