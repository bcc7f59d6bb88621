import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localFiles } from '../src/adapters/files.ts'
import {
  addTally,
  type CopyOp,
  type DeleteOp,
  NO_TALLY,
  type Op,
  type Plan,
  type PlanHeader,
  waveOf,
} from '../src/model/op.ts'
import type { ResultRow } from '../src/model/outcome.ts'
import { visibleJson } from '../src/model/safe.ts'
import { sealedText } from '../src/model/sealed.ts'
import { RECEIPT_SCHEMA, receiptFile, rowsFile } from '../src/model/shard.ts'
import type { PlanIndex } from '../src/model/shard-schema.ts'
import { cutPlan } from '../src/plan/cut.ts'
import { type PlanTotals, writePlan } from '../src/plan/plan-file.ts'
import { count, countAt, type PlaceTallies, sumAt, type Tallies } from '../src/plan/tallies.ts'
import type { Files } from '../src/ports.ts'

const place = (bucket: string, prefix: string) => ({
  region: 'us-east-1',
  bucket,
  prefix,
  single: false,
})

/** The header of a plan; `of` tells one request from another. */
export const headerFor = (of: string): PlanHeader => ({
  schema: 's3-direct-sync/plan/1',
  source: place('src', 'data/'),
  destination: place('dst', 'copy/'),
  compare: 'auto',
  delete: true,
  requestDigest: of,
  createdAt: '2026-11-28T00:00:00.000Z',
})

export const copyOf = (name: string, size: number, wave = 0): CopyOp => ({
  op: 'copy',
  key: `data/${name}`,
  to: `copy/${name}`,
  size,
  etag: 'e',
  lastModified: '2026-11-28T00:00:00.000Z',
  ...(wave > 0 ? { wave } : {}),
  reason: 'missing',
})

export const deleteOf = (name: string): DeleteOp => ({
  op: 'delete',
  key: `copy/${name}`,
  size: 1,
  etag: 'e',
  reason: 'only-at-destination',
})

const totalsOf = (ops: readonly Op[], waves: number | undefined): PlanTotals => {
  const reasons: Tallies = {}
  const inWaves: PlaceTallies = []
  let [copies, deletes] = [NO_TALLY, NO_TALLY]
  for (const op of ops) {
    const tally = { objects: 1, bytes: op.size }
    count(reasons, op.reason, tally)
    if (op.op === 'copy') {
      copies = addTally(copies, tally)
      countAt(inWaves, waveOf(op), tally)
    } else deletes = addTally(deletes, tally)
  }
  return {
    copies,
    deletes,
    ...(waves === undefined ? {} : { waves: [...sumAt([inWaves], waves)] }),
    reasons,
    listed: { source: copies.objects, destination: deletes.objects },
    inScope: deletes.objects,
  }
}

/** Writes a plan of these ops, in order. */
export async function planOf(
  files: Files,
  folder: string,
  ops: readonly Op[],
  { header, waves }: { readonly header: PlanHeader; readonly waves?: number | undefined },
): Promise<Plan> {
  const path = files.join(folder, 'plan.ndjson')
  const { plan } = await writePlan({ files, path }, header, async (lines) => {
    for (const op of ops) await lines.write(visibleJson(op))
    return { totals: totalsOf(ops, waves), samples: {} }
  })
  return plan
}

/** How a copy ended. */
export const rowFor = (op: CopyOp, over: Partial<ResultRow> = {}): ResultRow => ({
  op: 'copy',
  key: op.key,
  to: op.to,
  size: op.size,
  status: 'done',
  engine: 'direct',
  attempts: 1,
  ...over,
})

const REPORT = {
  result: 'success',
  durationSeconds: 1,
  copySeconds: 1,
  peakBytesPerSecond: 1,
  warnings: [],
}

/** What a shard leaves: its rows, and its receipt, sealed over what is said of them. */
export async function leaveShard(
  folder: string,
  number: number,
  index: PlanIndex,
  rows: string,
  over: object = {},
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const rowsPath = join(folder, rowsFile(number))
  await writeFile(rowsPath, rows)
  const said = {
    schema: RECEIPT_SCHEMA,
    planId: index.planId,
    shard: number,
    of: index.parts.length,
    attempt: 1,
    part: index.parts[number - 1]?.digest,
    rows: { file: rowsFile(number), digest: await localFiles.sha256(rowsPath) },
    report: REPORT,
    ...over,
  }
  await writeFile(join(folder, receiptFile(number)), sealedText(said, 'digest'))
}

/** A plan in parts on disk, every part of which is carried out. */
export async function doneShards(
  root: string,
  { of, copies, parts }: { readonly of: string; readonly copies: number; readonly parts: number },
): Promise<{ readonly index: PlanIndex; readonly planDir: string; readonly shardsDir: string }> {
  const planDir = join(root, 'plan')
  const shardsDir = join(root, 'shards')
  await mkdir(root, { recursive: true })
  const ops = Array.from({ length: copies }, (_, at) => copyOf(`${of}-${100 + at}`, at))
  const plan = await planOf(localFiles, root, ops, { header: headerFor(of) })
  const index = await cutPlan(localFiles, planDir, plan, {
    parts,
    streamed: false,
    refused: undefined,
  })
  let at = 0
  for (const [number, { ops: many }] of index.parts.entries()) {
    const own = ops.slice(at, at + many)
    at += many
    const rows = own.map((op) => `${visibleJson(rowFor(op))}\n`).join('')
    await leaveShard(join(shardsDir, `s3-shard-${number + 1}`), number + 1, index, rows)
  }
  return { index, planDir, shardsDir }
}
