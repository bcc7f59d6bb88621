import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { InstallPorts } from '../../../../src/s5cmd/install/sources.ts'
import { toolchainFor } from '../../../../src/s5cmd/install/toolchain.ts'
import { asking, openStage } from './stage.ts'

/** A machine with so much free disk space, where any download would be a fault. */
function withFree(ports: InstallPorts, freeBytes: number): InstallPorts {
  const downloaded = (): never => {
    throw new Error('downloaded')
  }
  return {
    ...ports,
    files: { ...ports.files, diskSpace: async () => ({ freeBytes, totalBytes: 1e9 }) },
    tools: { ...ports.tools, restore: downloaded, download: downloaded },
  }
}

describe('a machine without room for s5cmd', () => {
  it.each(['auto', 'release', 'go', 'brew'] as const)(
    'is told before anything is fetched (install-method: %s)',
    async (method) => {
      await using stage = await openStage()
      const ports = withFree(stage.ports, 99e6)
      const choice = { engine: 's5cmd', request: asking({ method }) } as const
      const temp = path.join(stage.root, 'temp')
      await expect(toolchainFor(choice, ports, stage.log)).rejects.toMatchObject({
        kind: 'install',
        message: `There is not enough disk space for s5cmd: 99.0 MB free in ${temp}, 100.0 MB needed.`,
        hint: expect.stringContaining('RUNNER_TEMP'),
      })
      expect(await readdir(temp)).toEqual([])
    },
  )

  it('goes on by the direct engine where the engine is open', async () => {
    await using stage = await openStage()
    const choice = { engine: 'auto', request: asking() } as const
    const had = await toolchainFor(choice, withFree(stage.ports, 0), stage.log)
    expect(had.toolchainProblem).toMatch(/^There is not enough disk space for s5cmd: 0 B free/)
  })

  it('may use the s5cmd that is there', async () => {
    await using stage = await openStage()
    const choice = { engine: 'auto', request: asking({ path: '/no/such/s5cmd' }) } as const
    const had = await toolchainFor(choice, withFree(stage.ports, 0), stage.log)
    expect(had.toolchainProblem).toContain('ENOENT')
  })

  it('is not believed in when nobody can tell', async () => {
    await using stage = await openStage()
    const ports = withFree(stage.ports, 0)
    const diskSpace = async (): Promise<never> => {
      throw new Error('no such call')
    }
    const choice = { engine: 'auto', request: asking({ method: 'release' }) } as const
    const blind = { ...ports, files: { ...ports.files, diskSpace } }
    const had = await toolchainFor(choice, blind, stage.log)
    expect(had.toolchainProblem).toContain('release: downloaded')
  })
})
