import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
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
const TAMPERED = scriptFor('v2.3.0-evil')
const archive = await archiveOf(PROGRAM)
const pins = [
  ['is pinned', sha256(PROGRAM)],
  ['is not pinned', undefined],
] as const

describe.each(pins)('the tool cache, where the hash of the binary %s', (_case, pin) => {
  it('gives what an earlier run put there, without a download', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const ground = { catalog: catalogOf(server.url, archive, pin), request: asking(), ...stage }
    const first = toolchainOf(await findTool(ground))
    const second = toolchainOf(await findTool(ground))
    expect([first.origin, second.origin]).toEqual(['release', 'tool-cache'])
    expect(second.sha256).toBe(sha256(PROGRAM))
    expect(second.path.startsWith(stage.toolCache)).toBe(false)
    expect(server.requests).toHaveLength(1)
  })

  it('is not believed when what the hash is of was changed; a new one takes its place', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const ground = { catalog: catalogOf(server.url, archive, pin), request: asking(), ...stage }
    await findTool(ground)
    const hashed = path.join(stage.cached, pin ? 's5cmd' : ASSET)
    const kept = await readFile(hashed)
    await writeFile(hashed, pin ? TAMPERED : await archiveOf(TAMPERED))
    const again = toolchainOf(await findTool(ground))
    expect(again).toMatchObject({ origin: 'release', reported: 'v2.3.0-991c9fb' })
    expect(stage.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
    expect(await readFile(hashed)).toEqual(kept)
  })

  it('is not believed when both the binary and a hash beside it were changed', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const catalog = catalogOf(server.url, archive, pin)
    await mkdir(stage.cached, { recursive: true })
    await writeFile(path.join(stage.cached, 's5cmd'), TAMPERED, { mode: 0o755 })
    await writeFile(path.join(stage.cached, 's5cmd.sha256'), sha256(TAMPERED))
    await writeFile(`${stage.cached}.complete`, '')
    const found = toolchainOf(await findTool({ catalog, request: asking(), ...stage }))
    expect(found).toMatchObject({ origin: 'release', sha256: sha256(PROGRAM) })
  })

  it('serves many runs at once', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const ground = { catalog: catalogOf(server.url, archive, pin), request: asking(), ...stage }
    const runs = Array.from({ length: 4 }, async () => toolchainOf(await findTool(ground)))
    for (const toolchain of await Promise.all(runs)) {
      expect(toolchain.sha256).toBe(sha256(PROGRAM))
      const ended = await stage.ports.processes.run(
        { command: toolchain.path, args: ['version'], env: {} },
        { timeoutMs: 5000 },
      )
      expect(ended.stdout).toBe('v2.3.0-991c9fb\n')
    }
  })
})

describe('the tool cache', () => {
  it('gives the binary of the pinned archive, whatever stands beside that', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const ground = { catalog: catalogOf(server.url, archive), request: asking(), ...stage }
    await findTool(ground)
    await writeFile(path.join(stage.cached, 's5cmd'), TAMPERED)
    const found = toolchainOf(await findTool(ground))
    expect(found).toMatchObject({ origin: 'tool-cache', sha256: sha256(PROGRAM) })
    expect(server.requests).toHaveLength(1)
  })

  it('keeps versions apart', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const catalog = catalogOf(server.url, archive)
    await findTool({ catalog, request: asking(), ...stage })
    const request = asking({ version: '2.2.2' })
    const pinned = { '2.2.2': catalog.pinned['2.3.0'] ?? {} }
    const found = await findTool({ catalog: { ...catalog, pinned }, request, ...stage })
    expect('problem' in found && found.problem.message).toContain('it does not contain s5cmd 2.2.2')
  })

  it('may be missing', async () => {
    await using stage = await openStage()
    vi.stubEnv('RUNNER_TOOL_CACHE', '')
    await using server = await serve((_request, response) => response.end(archive))
    const catalog = catalogOf(server.url, archive)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect(toolchainOf(found).origin).toBe('release')
  })

  it('may be impossible to write to', async () => {
    await using stage = await openStage()
    await rm(stage.toolCache, { recursive: true })
    // Root may write to read-only folders, but nobody into a file.
    await writeFile(stage.toolCache, '')
    await using server = await serve((_request, response) => response.end(archive))
    const catalog = catalogOf(server.url, archive)
    const found = await findTool({ catalog, request: asking(), ...stage })
    expect(toolchainOf(found).origin).toBe('release')
    expect(stage.lines.join('\n')).toContain('debug: s5cmd could not be added to the tool cache')
    await chmod(stage.toolCache, 0o644)
  })

  it('does not get a binary that a later run would refuse', async () => {
    await using stage = await openStage()
    await using server = await serve((_request, response) => response.end(archive))
    const ground = {
      catalog: catalogOf(server.url, archive, sha256(TAMPERED)),
      request: asking(),
      ...stage,
    }
    expect(toolchainOf(await findTool(ground)).origin).toBe('release')
    expect(toolchainOf(await findTool(ground)).origin).toBe('release')
    expect(stage.lines.filter((line) => line.startsWith('warn'))).toEqual([])
  })
})
