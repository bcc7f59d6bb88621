import type { Toolchain } from '../../model/report.ts'
import type { InstallRequest, TransferRequest } from '../../model/request.ts'
import type { Log } from '../../ports.ts'
import { CATALOG } from './catalog.ts'
import { findTool, install } from './install.ts'
import type { InstallPorts } from './sources.ts'

type EngineChoice = TransferRequest['engine']

/** The s5cmd of a run, or why the run goes on without it; neither when the direct engine was asked for. */
export interface ToolchainResult {
  readonly toolchain?: Toolchain | undefined
  readonly toolchainProblem?: string | undefined
}

/** Has s5cmd at hand as the engine asks for it. Throws SyncError when `engine: s5cmd` cannot be met, or a hash is wrong. */
export async function toolchainFor(
  { engine, request }: { readonly engine: EngineChoice; readonly request: InstallRequest },
  ports: InstallPorts,
  log: Log,
): Promise<ToolchainResult> {
  if (engine === 'direct') return {}
  if (engine === 's5cmd') return { toolchain: await install(request, ports, log) }
  const found = await findTool({ catalog: CATALOG, request, ports, log })
  return 'problem' in found ? { toolchainProblem: found.problem.message } : found
}
