import { roomOf } from '../../model/answer-room.ts'
import type { Batch, RoutedOp } from '../../model/batch.ts'
import type { DeleteOp } from '../../model/op.ts'

const KEYS_PER_REQUEST = 1000

/** Packs deletes into batches of as many as one request names and its answer can name. */
export async function* packDeletes(
  ops: AsyncIterable<RoutedOp<DeleteOp>>,
): AsyncGenerator<Batch<DeleteOp>> {
  let id = 0
  let open: RoutedOp<DeleteOp>[] = []
  let room = 1
  const close = (): Batch<DeleteOp> => ({
    id: ++id,
    engine: 'delete',
    ops: open,
    bytes: 0,
    beganMs: 0,
  })
  for await (const routed of ops) {
    const wanted = roomOf(routed.op.key)
    if (open.length === KEYS_PER_REQUEST || (wanted > room && open.length > 0)) {
      yield close()
      open = []
      room = 1
    }
    open.push(routed)
    room -= wanted
  }
  if (open.length > 0) yield close()
}
