import { type Batch, type RoutedOp, type SizeClass, sizeClassOf } from '../model/batch.ts'
import type { EngineName } from '../model/outcome.ts'

/** How ops are packed. */
export interface PackRules {
  readonly opsPerBatch: (sizeClass: SizeClass) => number
  /** Gives the next batch id. */
  readonly nextId: () => number
  /** The destination's clock, milliseconds since the epoch. */
  readonly serverTimeMs: () => number
}

interface Open {
  readonly engine: EngineName
  readonly sizeClass: SizeClass
  readonly ops: RoutedOp[]
}

function close({ engine, sizeClass, ops }: Open, rules: PackRules): Batch {
  const bytes = ops.reduce((sum, { op }) => sum + op.size, 0)
  return { id: rules.nextId(), engine, sizeClass, ops, bytes, beganMs: rules.serverTimeMs() }
}

/** Packs ops into batches of one engine and size class each; every op is in exactly one. */
export async function* pack(ops: AsyncIterable<RoutedOp>, rules: PackRules): AsyncGenerator<Batch> {
  const open = new Map<string, Open>()
  for await (const routed of ops) {
    const { engine } = routed
    const sizeClass = sizeClassOf(routed.op.size)
    const name = `${engine} ${sizeClass}`
    const batch = open.get(name) ?? { engine, sizeClass, ops: [] }
    batch.ops.push(routed)
    if (batch.ops.length < rules.opsPerBatch(sizeClass)) open.set(name, batch)
    else {
      open.delete(name)
      yield close(batch, rules)
    }
  }
  for (const batch of open.values()) yield close(batch, rules)
}
