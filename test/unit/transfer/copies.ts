import type { RoutedOp } from '../../../src/model/batch.ts'
import type { CopyOp } from '../../../src/model/op.ts'

/** A copy that s5cmd can carry, but for what is said of it. */
export const copyOf = (more: Partial<CopyOp> = {}): CopyOp => ({
  op: 'copy',
  key: 'in/a',
  to: 'out/a',
  size: 1,
  etag: 'e',
  lastModified: '2026-01-01T00:00:00Z',
  reason: 'missing',
  ...more,
})

/** The same, as s5cmd is given it. */
export const routed = (more: Partial<CopyOp> = {}): RoutedOp => ({
  op: copyOf(more),
  engine: 's5cmd',
  attempts: 0,
})

/** The items, one after the other. */
export async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
