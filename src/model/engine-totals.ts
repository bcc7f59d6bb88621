import type { EngineFacts } from './report.ts'

/** What adds up over several engines. */
type Summed = Pick<
  EngineFacts,
  | 'used'
  | 'processes'
  | 'crashes'
  | 'requestRetries'
  | 'slowdowns'
  | 'unconditional'
  | 'tagsUnreadable'
  | 'extraPasses'
  | 'batches'
>

/** What no engine did. */
export const IDLE_ENGINE: EngineFacts = {
  used: [],
  numworkers: 0,
  workersRule: 'size-class',
  concurrency: [],
  processes: 0,
  crashes: 0,
  requestRetries: 0,
  slowdowns: 0,
  unconditional: false,
  tagsUnreadable: false,
  extraPasses: 0,
  batches: 0,
  batchOps: {},
  partBytes: [],
}

/** What several engines did together. */
export function engineTotals(engines: readonly Summed[]): Summed {
  const total = (of: (engine: Summed) => number): number =>
    engines.reduce((sum, engine) => sum + of(engine), 0)
  return {
    used: (['s5cmd', 'direct'] as const).filter((name) =>
      engines.some(({ used }) => used.includes(name)),
    ),
    processes: total(({ processes }) => processes),
    crashes: total(({ crashes }) => crashes),
    requestRetries: total(({ requestRetries }) => requestRetries),
    slowdowns: total(({ slowdowns }) => slowdowns),
    unconditional: engines.some(({ unconditional }) => unconditional),
    tagsUnreadable: engines.some(({ tagsUnreadable }) => tagsUnreadable),
    extraPasses: total(({ extraPasses }) => extraPasses),
    batches: total(({ batches }) => batches),
  }
}
