import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { findTool } from '../../../../src/s5cmd/install/install.ts'
import {
  ASSET,
  archiveOf,
  asking,
  catalogOf,
  openStage,
  scriptFor,
  serve,
  sha256,
  toolchainOf,
} from './stage.ts'

const PROGRAM = scriptFor('v2.3.0-991c9fb')
const FORK = scriptFor('v2.4.0-fork')
const archive = await archiveOf(PROGRAM)

describe('a mirror', () => {
  it('that serves the official archive needs no hash, and is asked after upstream', async () => {
    await using stage = await openStage()
    await using server = await serve((request, response) =>
      request.url?.startsWith('/mirror') ? response.end(archive) : response.writeHead(404).end(),
    )
    const catalog = catalogOf(server.url, archive)
    const request = asking({ url: `${server.url}/mirror/{version}/{asset}` })
    const found = await findTool({ catalog, request, ...stage })
    expect(toolchainOf(found).origin).toBe('mirror')
    expect(server.requests).toEqual([`/release/v2.3.0/${ASSET}`, `/mirror/2.3.0/${ASSET}`])
  })

  it('that fails is followed by nothing when only it was asked for', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.writeHead(404).end())
    const catalog = catalogOf(server.url, archive)
    const request = asking({ method: 'mirror', url: `${server.url}/mirror/{asset}` })
    const found = await findTool({ catalog, request, ...stage })
    expect('problem' in found && found.problem.message).toMatch(
      /installed: mirror: [^;]*HTTP status 404\.$/,
    )
  })

  it('that serves another archive under the official name stops the run', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end('not it'))
    const catalog = catalogOf(server.url, archive)
    const request = asking({ method: 'mirror', url: `${server.url}/mirror/{asset}` })
    await expect(findTool({ catalog, request, ...stage })).rejects.toThrow(sha256('not it'))
    expect(server.requests).toHaveLength(1)
  })

  it('of a bare binary needs its hash', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(FORK))
    const catalog = catalogOf(server.url, archive)
    const url = `${server.url}/s5cmd-{version}`
    const unknown = asking({ method: 'mirror', url })
    await expect(findTool({ catalog, request: unknown, ...stage })).rejects.toThrow(
      /No sha256 is known for 127\.0\.0\.1:\d+\/s5cmd-2\.3\.0/,
    )
    expect(server.requests).toEqual([])
    const request = asking({ url, version: '2.4.0', sha256: sha256(FORK) })
    const toolchain = toolchainOf(await findTool({ catalog, request, ...stage }))
    expect(toolchain).toMatchObject({ origin: 'mirror', reported: 'v2.4.0-fork' })
    expect(server.requests).toEqual(['/s5cmd-2.4.0'])
  })

  it('with a hash of your own is not replaced by the official binary, nor cached as one', async () => {
    await using stage = await openStage()
    const fork = await archiveOf(FORK)
    await using server = await serve((request, response) =>
      response.end(request.url?.startsWith('/mirror') ? fork : archive),
    )
    const catalog = catalogOf(server.url, archive)
    await findTool({ catalog, request: asking(), ...stage })
    const url = `${server.url}/mirror/{asset}`
    const request = asking({ url, sha256: sha256(fork) })
    expect(toolchainOf(await findTool({ catalog, request, ...stage })).reported).toBe('v2.4.0-fork')
    const plain = toolchainOf(await findTool({ catalog, request: asking(), ...stage }))
    expect(plain).toMatchObject({ origin: 'tool-cache', reported: 'v2.3.0-991c9fb' })
  })
})

describe('a binary of your own', () => {
  const catalog = catalogOf('http://127.0.0.1:9', archive, sha256(PROGRAM))

  async function own(root: string, program: string): Promise<string> {
    const file = path.join(root, 'mine')
    await writeFile(file, program, { mode: 0o755 })
    return file
  }

  it('is used where it is', async () => {
    await using stage = await openStage()
    const file = await own(stage.root, scriptFor('v0.0.0-dev', false))
    const found = await findTool({ catalog, request: asking({ path: file }), ...stage })
    expect(toolchainOf(found)).toMatchObject({
      path: file,
      reported: 'v0.0.0-dev',
      metadataDirective: false,
      origin: 'unpinned',
    })
    expect(stage.lines).toEqual([])
  })

  it.each([
    ['is one that is known', PROGRAM, undefined],
    ['has the hash you gave', FORK, sha256(FORK)],
  ])('counts as pinned when it %s', async (_case, program, hash) => {
    await using stage = await openStage()
    const request = asking({ path: await own(stage.root, program), sha256: hash })
    expect(toolchainOf(await findTool({ catalog, request, ...stage })).origin).toBe('path')
  })

  it('may be named without .exe on Windows, and not by a script that starts it', async () => {
    await using stage = await openStage()
    const ports = { ...stage.ports, system: { platform: 'win32', arch: 'x64' } }
    const file = await own(stage.root, PROGRAM)
    await rename(file, `${file}.exe`)
    const found = await findTool({ catalog, request: asking({ path: file }), ...stage, ports })
    expect(toolchainOf(found).path).toBe(`${file}.exe`)
    await writeFile(`${file}.cmd`, '@echo off')
    const shim = await findTool({
      catalog,
      request: asking({ path: `${file}.cmd` }),
      ...stage,
      ports,
    })
    expect('problem' in shim && shim.problem.message).toContain(
      'set s5cmd-path to the s5cmd.exe itself',
    )
  })

  it('is refused when it has another hash than you gave', async () => {
    await using stage = await openStage()
    const request = asking({ path: await own(stage.root, FORK), sha256: sha256(PROGRAM) })
    await expect(findTool({ catalog, request, ...stage })).rejects.toThrow(sha256(FORK))
  })

  it('is used with a warning when it is too old', async () => {
    await using stage = await openStage()
    const request = asking({ path: await own(stage.root, scriptFor('v2.2.1-be63977', false)) })
    expect(toolchainOf(await findTool({ catalog, request, ...stage })).origin).toBe('unpinned')
    expect(stage.lines.join()).toMatch(/^warn: Your s5cmd is v2\.2\.1-be63977: .*ignores --sse/)
  })

  it.each([
    ['is not there', undefined, /ENOENT/],
    [
      'fails',
      '#!/bin/sh\necho broken >&2\nexit 3\n',
      /`s5cmd version` ended with exit code 3: broken/,
    ],
    ['says nothing', '#!/bin/sh\n', /`s5cmd version` printed nothing/],
  ])('that %s is told as the problem', async (_case, program, reason) => {
    await using stage = await openStage()
    const file = program ? await own(stage.root, program) : path.join(stage.root, 'nothing')
    const request = asking({ path: file, method: 'path' })
    const found = await findTool({ catalog, request, ...stage })
    expect('problem' in found && found.problem.message).toMatch(reason)
  })

  it('sees nothing of the environment', async () => {
    await using stage = await openStage()
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    const leak = '#!/bin/sh\necho "v2.3.0-$AWS_SECRET_ACCESS_KEY"\n'
    const request = asking({ path: await own(stage.root, leak) })
    expect(toolchainOf(await findTool({ catalog, request, ...stage })).reported).toBe('v2.3.0-')
  })
})
