import { describe, expect, it } from 'vitest'
import { toolchainFor } from '../../../../src/s5cmd/install/toolchain.ts'
import { asking, openStage } from './stage.ts'

const nothing = asking({ path: '/no/such/s5cmd' })

describe('s5cmd for an engine', () => {
  it('is not looked for when the direct engine is asked for', async () => {
    await using stage = await openStage()
    const choice = { engine: 'direct', request: nothing } as const
    expect(await toolchainFor(choice, stage.ports, stage.log)).toEqual({})
  })

  it('may be missing where the engine is open, and the reason is told', async () => {
    await using stage = await openStage()
    const choice = { engine: 'auto', request: nothing } as const
    const had = await toolchainFor(choice, stage.ports, stage.log)
    expect(had.toolchain).toBeUndefined()
    expect(had.toolchainProblem).toMatch(/^\/no\/such\/s5cmd cannot be used as s5cmd: ENOENT/)
  })

  it('must be there when s5cmd is asked for', async () => {
    await using stage = await openStage()
    const choice = { engine: 's5cmd', request: nothing } as const
    await expect(toolchainFor(choice, stage.ports, stage.log)).rejects.toMatchObject({
      kind: 'install',
      hint: expect.stringContaining('s5cmd-path'),
    })
  })

  it('is not to be had for a machine that upstream builds nothing for', async () => {
    await using stage = await openStage()
    const ports = { ...stage.ports, system: { ...stage.ports.system, arch: 's390x' } }
    const none = 'There is no known release of s5cmd for linux/s390x.'
    const auto = { engine: 'auto', request: asking() } as const
    expect(await toolchainFor(auto, ports, stage.log)).toEqual({ toolchainProblem: none })
    const strict = { engine: 's5cmd', request: asking() } as const
    await expect(toolchainFor(strict, ports, stage.log)).rejects.toThrow(none)
  })

  it('stops the run, whatever the engine, when its version loses data', async () => {
    await using stage = await openStage()
    const choice = { engine: 'auto', request: asking({ version: '2.2.0' }) } as const
    await expect(toolchainFor(choice, stage.ports, stage.log)).rejects.toThrow(/2\.2\.0 is refused/)
  })
})
