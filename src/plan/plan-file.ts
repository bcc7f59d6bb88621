import { createHash } from 'node:crypto'
import { SyncError } from '../errors.ts'
import type { Op, Plan, PlanHeader, PlanTrailer, Tally } from '../model/op.ts'
import type { Files } from '../ports.ts'

/** Writes a plan; it becomes a plan only by `finish`, which adds the trailer and moves it into place. */
export interface PlanWriter {
  add(op: Op): Promise<void>
  finish(rest: Pick<PlanTrailer, 'reasons' | 'listed'>): Promise<Plan>
  /** Closes and removes an unfinished file. */
  discard(): Promise<void>
}

/** Starts a plan file at `path`. */
export async function planWriter(
  files: Files,
  path: string,
  header: PlanHeader,
): Promise<PlanWriter> {
  const unfinished = `${path}.part`
  const writer = await files.writer(unfinished)
  const hash = createHash('sha256')
  const copies: { -readonly [Field in keyof Tally]: Tally[Field] } = { objects: 0, bytes: 0 }

  const line = (value: unknown): Promise<void> => {
    const text = JSON.stringify(value)
    hash.update(`${text}\n`)
    return writer.write(text)
  }

  await line(header)
  return {
    add: (op) => {
      copies.objects++
      copies.bytes += op.size
      return line(op)
    },
    finish: async (rest) => {
      const trailer: PlanTrailer = { trailer: true, copies, ...rest, digest: hash.digest('hex') }
      await writer.write(JSON.stringify(trailer))
      await writer.close()
      await files.rename(unfinished, path)
      return { path, header, trailer }
    },
    discard: async () => {
      await writer.close()
      await files.remove(unfinished)
    },
  }
}

/** The ops of a plan file that this run wrote, in its order. */
export async function* readOps(files: Files, plan: Plan): AsyncGenerator<Op> {
  let planned = 0
  for await (const text of files.lines(plan.path)) {
    const line = JSON.parse(text) as PlanHeader | Op | PlanTrailer
    if (!('op' in line)) continue
    planned++
    yield line
  }
  if (planned !== plan.trailer.copies.objects)
    throw new SyncError(
      'internal',
      `The plan file holds ${planned} ops, its trailer says ${plan.trailer.copies.objects}.`,
    )
}
