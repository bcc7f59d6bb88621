import type { Testkit } from 's3-direct-sync-testkit/testkit.ts'
import type { FaultSpec } from './catalogue.ts'

/** Something that somebody else does to an object; without a body it is deleted. */
export interface Interference {
  readonly bucket: 'src' | 'dst'
  /** Full key. */
  readonly key: string
  readonly body: string | undefined
}

/** What faults may take hold of. */
export interface Stand {
  readonly kit: Testkit
  /** Of the server, ahead of this machine, milliseconds. */
  readonly clock: { aheadMs: number }
  readonly reportDir: string
  /** The plan that is to be executed; undefined where there is none. */
  readonly planFile: string | undefined
  /** An empty folder. */
  readonly scratch: string
  /** Inputs of the step, over its usual ones. */
  readonly inputs: Record<string, string>
  /** Variables of the step, over its usual ones. */
  readonly env: Record<string, string>
  /** Where a source object goes; full keys. */
  readonly imageOf: (sourceKey: string) => string
  /** The source key of a destination key, where nothing is at the source but at the destination. */
  readonly extraSourceKey: string | undefined
  readonly interfere: (act: Interference) => void
  readonly signal: (name: 'SIGINT' | 'SIGTERM' | 'SIGKILL') => void
  /** Cancels the run when it is still there after a few seconds, or so many milliseconds. */
  readonly cancelLater: (afterMs?: number) => void
}

/** Sets a fault up and gives how to ask how often it has struck. */
export type SetUp = (spec: FaultSpec, stand: Stand) => () => number
