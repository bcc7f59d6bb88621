import { unsealed } from '../model/sealed.ts'
import { receiptFile, rowsFile, shardOf } from '../model/shard.ts'
import { type PlanIndex, type ShardReceipt, shardReceipt } from '../model/shard-schema.ts'
import type { Files } from '../ports.ts'
import { isJobReport } from './job-report.ts'

/** What a shard left, as it says itself: its rows are not read yet. */
export interface FoundShard {
  readonly receipt: ShardReceipt
  readonly rowsPath: string
}

/** What was found of all shards of a plan. */
export interface FoundShards {
  /** By number; in words, why there is none to be believed. */
  readonly shards: ReadonlyMap<number, FoundShard | string>
  /** Files of shards that the plan does not have. */
  readonly foreign: readonly string[]
  /** Paths of what jobs of S3 Batch Operations reported. */
  readonly reports: readonly string[]
}

/** Why nothing is known of a shard of which there is no file. */
export const LEFT_NOTHING = 'its files were not found'

/** Artifacts have a folder each; nobody nests them deeper. */
const MOST_DEPTH = 16
const MOST_NAMES = 200_000
/** A receipt holds a report, which is bounded. */
const MOST_BYTES = 16 * 2 ** 20

/** Where files of shards lie, by the shard's number; no link is followed. */
interface Sightings {
  readonly receipts: Map<number, string[]>
  readonly rows: Set<number>
  readonly reports: string[]
}

async function walk(files: Files, folder: string): Promise<Sightings> {
  const found: Sightings = { receipts: new Map(), rows: new Set(), reports: [] }
  let folders = [folder]
  let names = 0
  for (let depth = 0; depth < MOST_DEPTH && folders.length > 0; depth++) {
    const below: string[] = []
    for (const at of folders)
      for (const name of (await files.names(at)).toSorted()) {
        if (++names > MOST_NAMES) return found
        const path = files.join(at, name)
        const number = shardOf(name)
        if (isJobReport(at, name)) found.reports.push(path)
        // An artifact may have any name, that of a file of it, too.
        else if ((await files.kindOf(path)) === 'folder') below.push(path)
        else if (number === undefined) continue
        else if (name === receiptFile(number))
          found.receipts.set(number, [...(found.receipts.get(number) ?? []), path])
        else found.rows.add(number)
      }
    folders = below
  }
  return found
}

/** The text of a regular file; in words, why it cannot be read. */
async function textOf(files: Files, path: string): Promise<{ readonly text: string } | string> {
  const kind = await files.kindOf(path)
  if (kind !== 'file')
    return `its file is ${kind === 'link' ? 'a symbolic link, which is not followed' : 'not a regular file'}`
  try {
    return { text: await files.readText(path, MOST_BYTES) }
  } catch {
    return 'its file cannot be read'
  }
}

/** What is wrong with a receipt; undefined: it is one of this part of this plan. */
function flawOf(
  receipt: ShardReceipt,
  number: number,
  { planId, parts }: PlanIndex,
): string | undefined {
  if (receipt.planId !== planId) return 'its files belong to another plan'
  if (receipt.shard !== number || receipt.rows.file !== rowsFile(number))
    return `its files belong to shard ${receipt.shard}`
  if (receipt.of !== parts.length || receipt.part !== parts[number - 1]?.digest)
    return 'its files belong to another part of the plan'
  return undefined
}

/** A receipt whose rows are those that it names. */
interface WholeShard extends FoundShard {
  /** Of the receipt. */
  readonly text: string
}

/** Reads a receipt, and sees that the rows beside it are those that it names. */
async function read(
  files: Files,
  path: string,
  number: number,
  index: PlanIndex,
): Promise<WholeShard | string> {
  const read = await textOf(files, path)
  if (typeof read === 'string') return read
  const { text } = read
  const value = unsealed(text, 'digest')
  if (typeof value === 'string') return `${receiptFile(number)}: ${value}`
  const parsed = shardReceipt.safeParse(value)
  if (!parsed.success) return `${receiptFile(number)} was not written by this version`
  const receipt = parsed.data
  const flaw = flawOf(receipt, number, index)
  if (flaw !== undefined) return flaw
  const rowsPath = files.join(path, '..', rowsFile(number))
  if ((await files.kindOf(rowsPath)) !== 'file')
    return `its ${rowsFile(number)} is missing beside ${receiptFile(number)}`
  if ((await files.sha256(rowsPath)) !== receipt.rows.digest)
    return `its ${rowsFile(number)} does not match ${receiptFile(number)}`
  return { receipt, rowsPath, text }
}

/**
 * One shard: what it left may have been found several times. That of the newest attempt counts, as who runs a job again
 * finds what both left; of one attempt it must be the same each time.
 */
async function shardAt(
  files: Files,
  number: number,
  { receipts, rows }: Sightings,
  index: PlanIndex,
): Promise<FoundShard | string> {
  const paths = receipts.get(number) ?? []
  if (paths.length === 0)
    return rows.has(number)
      ? `${receiptFile(number)} is missing, so its job did not finish`
      : LEFT_NOTHING
  let newest: WholeShard | undefined
  let isOneOfTwo = false
  let flaw: string | undefined
  for (const path of paths) {
    const found = await read(files, path, number, index)
    if (typeof found === 'string') {
      flaw ??= found
      continue
    }
    const ahead = found.receipt.attempt - (newest?.receipt.attempt ?? -1)
    if (ahead > 0) isOneOfTwo = false
    else if (ahead === 0) isOneOfTwo ||= found.text !== newest?.text
    if (ahead > 0) newest = found
  }
  if (isOneOfTwo) return 'it was found more than once, with different content'
  return newest ?? flaw ?? LEFT_NOTHING
}

/** Looks for what the shards of a plan left, at any depth of a folder. What others put there is left alone. */
export async function findShards(
  files: Files,
  folder: string,
  index: PlanIndex,
): Promise<FoundShards> {
  const sightings = await walk(files, folder)
  const shards = new Map<number, FoundShard | string>()
  for (const at of index.parts.keys())
    shards.set(at + 1, await shardAt(files, at + 1, sightings, index))
  const foreign = [...sightings.receipts.keys(), ...sightings.rows]
    .filter((number) => !shards.has(number))
    .toSorted((a, b) => a - b)
  const { reports } = sightings
  return { shards, reports, foreign: [...new Set(foreign)].map((number) => receiptFile(number)) }
}
