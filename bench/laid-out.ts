import { createHash } from 'node:crypto'
import path from 'node:path'
import { localFiles as files } from '../src/adapters/files.ts'
import { rowOfCopy } from '../src/ledger/rows.ts'
import { addTally, type CopyOp, NO_TALLY, type PlanHeader, type Tally } from '../src/model/op.ts'
import { RowSum } from '../src/model/row-sum.ts'
import { visibleJson } from '../src/model/safe.ts'
import { sealedText } from '../src/model/sealed.ts'
import {
  INDEX_FILE,
  INDEX_SCHEMA,
  partFile,
  RECEIPT_SCHEMA,
  receiptFile,
  rowsFile,
} from '../src/model/shard.ts'
import type { PlanIndex, PlanPart } from '../src/model/shard-schema.ts'

/** Objects in a folder: a part ends with one. */
const FOLDER = 1000
const hide = (text: string): string => text

/** A row of a copy as a shard leaves it: done, or after four attempts not. */
export function rowAt(op: CopyOp, fails: boolean) {
  const how = { op, engine: 'direct', route: 'approved-plan', batchBeganMs: 0 } as const
  const said = { code: 'SlowDown', message: 'Reduce your request rate.' }
  return fails
    ? rowOfCopy(op, { ...how, status: 'failed', attempts: 4, ...said }, 'believed', hide)
    : rowOfCopy(op, { ...how, status: 'done', attempts: 1, tookMs: 51 }, 'proven', hide)
}

/** What a shard says of itself and of its rows, with a report of the least that is read of it. */
export async function leaveReceipt(
  folder: string,
  number: number,
  { planId, parts }: Pick<PlanIndex, 'planId' | 'parts'>,
): Promise<void> {
  const file = rowsFile(number)
  const engine = {
    ...{ used: ['direct'], numworkers: 50, crashes: 0, processes: 0, requestRetries: 0 },
    ...{ slowdowns: 0, extraPasses: 0, batches: 1, unconditional: false, tagsUnreadable: false },
  }
  const said = {
    schema: RECEIPT_SCHEMA,
    planId,
    shard: number,
    of: parts.length,
    attempt: 1,
    part: parts[number - 1]?.digest,
    rows: { file, digest: await files.sha256(path.join(folder, file)) },
    report: {
      result: 'success',
      durationSeconds: 1,
      copySeconds: 1,
      peakBytesPerSecond: 1,
      engine,
      warnings: [],
    },
  }
  await files.writeText(path.join(folder, receiptFile(number)), sealedText(said, 'digest'))
}

const digitsOf = (i: number): string => String(i).padStart(9, '0')
const nameOf = (digits: string): string =>
  `${digits.slice(0, 3)}/${digits.slice(3, 6)}/${digits.slice(6)}.parquet`
const sizeOf = (i: number): number => 100_000 + (i % 900_000)

/** The copy of object `i`, which the server of shards lists so. */
const opAt = (i: number, toEtag?: string): CopyOp => ({
  op: 'copy',
  key: `data/${nameOf(digitsOf(i))}`,
  to: `data/${nameOf(digitsOf(i))}`,
  size: sizeOf(i),
  etag: `c0ffeec0ffeec0ffeec0ffe${digitsOf(i)}`,
  lastModified: '2026-01-02T03:04:05.000Z',
  ...(toEtag === undefined ? {} : { toEtag }),
  reason: 'missing',
})

/** Lines alike but for the object: what the action makes of one, with the others put in its place. */
function lineMaker(make: (i: number) => string): (i: number) => string {
  const sample = 123_456_789
  const [digits, size] = [digitsOf(sample), String(sizeOf(sample))]
  const pieces = make(sample).split(new RegExp(`(${nameOf(digits)}|${digits}|:${size},)`))
  const fillers: ((digits: string, i: number) => string)[] = pieces.map((piece) => {
    if (piece === nameOf(digits)) return nameOf
    if (piece === digits) return (own) => own
    if (piece === `:${size},`) return (_own, i) => `:${sizeOf(i)},`
    return () => piece
  })
  return (i) => {
    const own = digitsOf(i)
    let line = ''
    for (const filler of fillers) line += filler(own, i)
    return line
  }
}

/** Of so many rows one is that of a copy that failed, and one of a copy that overwrote something. */
const [FAILED_EVERY, REPLACED_EVERY] = [1000, 10]

const opLine = lineMaker((i) => visibleJson(opAt(i)))
const doneLine = lineMaker((i) => visibleJson(rowAt(opAt(i), false)))
const failedLine = lineMaker((i) => visibleJson(rowAt(opAt(i), true)))
const replacedLine = lineMaker((i) => visibleJson(rowAt(opAt(i, 'e'), false)))

function rowLine(i: number): string {
  if (i % FAILED_EVERY === 0) return failedLine(i)
  return i % REPLACED_EVERY === 1 ? replacedLine(i) : doneLine(i)
}

/** Where a plan and the folders of its shards are laid out. */
export interface LayOut {
  readonly header: PlanHeader
  readonly keys: number
  readonly shards: number
  /** With finish.ndjson of a plan without deletes. */
  readonly planFolder: string
  readonly shardFolder: (number: number) => string
}

/** Writes one part of a plan, and the rows of it. */
async function layOutPart(
  { header, planFolder, shardFolder }: LayOut,
  number: number,
  [from, before]: readonly [number, number],
): Promise<PlanPart> {
  const file = partFile(number)
  const [part, rows] = [
    await files.writer(path.join(planFolder, file)),
    await files.writer(path.join(shardFolder(number), rowsFile(number))),
  ]
  const [sum, hash] = [new RowSum(), createHash('sha256')]
  let copies: Tally = NO_TALLY
  const write = async (lines: readonly string[]): Promise<void> => {
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    hash.update(bytes)
    await part.append(bytes)
  }
  await write([visibleJson(header)])
  for (let first = from; first < before; first += FOLDER) {
    const many = Math.min(FOLDER, before - first)
    const lines = Array.from({ length: many }, (_, at) => opLine(first + at))
    for (const [at, line] of lines.entries()) {
      sum.add(line)
      copies = addTally(copies, { objects: 1, bytes: sizeOf(first + at) })
    }
    await write(lines)
    const told = Array.from({ length: many }, (_, at) => rowLine(first + at))
    await rows.append(Buffer.from(`${told.join('\n')}\n`))
  }
  const reasons = { missing: copies }
  const counts = { copies, deletes: NO_TALLY, reasons, listed: { source: 0, destination: 0 } }
  const digest = hash.copy().digest('hex')
  await write([visibleJson({ trailer: true, ...counts, inScope: 0, digest })])
  await part.close()
  await rows.close()
  return {
    file,
    from: opAt(from).to,
    to: opAt(before - 1).to,
    ops: copies.objects,
    bytes: copies.bytes,
    digest: hash.digest('hex'),
    rows: sum.digest,
  }
}

/** Lays out a plan of so many copies in parts, and what its shards would leave, as they would write it. */
export async function layOut(all: LayOut): Promise<PlanIndex> {
  const { header, keys, shards, planFolder, shardFolder } = all
  const cutAt = (part: number): number =>
    part === shards ? keys : Math.floor((keys * part) / shards / FOLDER) * FOLDER
  const old = JSON.parse(await files.readText(path.join(planFolder, INDEX_FILE))) as PlanIndex
  const parts: PlanPart[] = []
  for (let part = 0; part < shards; part++) {
    await files.makeFolder(shardFolder(part + 1))
    parts.push(await layOutPart(all, part + 1, [cutAt(part), cutAt(part + 1)]))
  }
  const copies = parts.reduce<Tally>(
    (sum, { ops: objects, bytes }) => addTally(sum, { objects, bytes }),
    NO_TALLY,
  )
  const listed = { source: keys, destination: 0 }
  const totals = { copies, deletes: NO_TALLY, reasons: { missing: copies }, listed, inScope: 0 }
  const text = sealedText(
    { schema: INDEX_SCHEMA, header, totals, parts, finish: old.finish },
    'planId',
  )
  await files.writeText(path.join(planFolder, INDEX_FILE), text)
  const index = JSON.parse(text) as PlanIndex
  for (const at of parts.keys()) await leaveReceipt(shardFolder(at + 1), at + 1, index)
  return index
}
