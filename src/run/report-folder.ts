import { SyncError } from '../errors/sync-error.ts'
import { JOB_FILES } from '../model/batch-job.ts'
import { INDEX_FILE, isOfParts, isPart, PARTS_FOLDER, type ShardRequest } from '../model/shard.ts'
import { isUnfinished } from '../model/unfinished.ts'
import type { Files } from '../ports.ts'
import { isBatchFileName } from '../s5cmd/batch-file.ts'
import { type FolderNote, readNote, sha256Of, writeNote } from './folder-note.ts'
import { type ReportPaths, reportPaths } from './report-paths.ts'

/** The folder that a run wants to write its files into. */
export interface WantedFolder {
  readonly path: string
  /** The checkout, whose links a pull request may have brought; '' where there is none. */
  readonly workspace: string
  /** A plan that is still to be read. */
  readonly plan: string | undefined
  /** Which part the run carries out, or that its plan is to be cut. */
  readonly shard?: ShardRequest | undefined
}

type OwnFile = Exclude<keyof ReportPaths, 'batches' | 'parts'>

const PLAN = /^\{"schema":"s3-direct-sync\/plan\//
const PUBLISHED = /^\{"key":"/
const NOT_IN_SOURCE = /^\{"source_url":"/
const ANY = /^/
const INDEX = /^\{\s*"schema": ?"s3-direct-sync\/plan-index\//
const ROW = /^\{"op":"(?:copy|delete)","key":"/

/** How the files of this action begin. Rows have no name of ours: the note must stand beside them, too. */
const BEGINNINGS: Readonly<Record<Exclude<OwnFile, 'policy'>, RegExp>> = {
  plan: PLAN,
  carried: PLAN,
  receipt: /^\{\s*"schema": ?"s3-direct-sync\/shard\//,
  report: /^\{\s*"schema": ?"s3-direct-sync\/report\//,
  note: /^\{"schema":"s3-direct-sync\/folder\//,
  results: ROW,
  failed: ROW,
  notInSource: NOT_IN_SOURCE,
  published: PUBLISHED,
  uploads: /^\{"(?:begun|over)":/,
  summary: /^<!-- s3-direct-sync\/summary\/1 -->\n/,
  sums: /^(?:[0-9a-f]{64} {2}|$)/,
  changed: /^\/[!$&'()*+,./0-9:;=@A-Z_a-z%-]*(?:\n|$)/,
}
const NAMELESS: ReadonlySet<OwnFile> = new Set([
  'results',
  'failed',
  'notInSource',
  'published',
  'uploads',
  'sums',
  'changed',
])
const START_BYTES = 256
/** No policy of ours is as large: IAM takes a tenth of it. */
const POLICY_BYTES = 256 * 1024

/** Whether an earlier run of this action wrote the file. */
async function isOwn(
  files: Files,
  { name, path }: { readonly name: OwnFile; readonly path: string },
  note: FolderNote | undefined,
): Promise<boolean> {
  if (name === 'policy')
    return note?.policySha256 === sha256Of(await files.startOf(path, POLICY_BYTES))
  const start = await files.startOf(path, START_BYTES)
  // A run that was killed or had no more disk leaves empty files.
  if (start === '') return note !== undefined
  return BEGINNINGS[name].test(start) && (note !== undefined || !NAMELESS.has(name))
}

const KINDS = { file: '', folder: ' (a folder)', link: ' (a link)', other: ' (no file)' } as const

/** What may go, and what is in the way. */
interface Inventory {
  readonly own: string[]
  readonly foreign: string[]
}

async function lookAtOwnNames(
  files: Files,
  wanted: WantedFolder,
  note: FolderNote | undefined,
): Promise<Inventory> {
  const { path: folder, plan, shard } = wanted
  const { batches, parts: _parts, ...names } = reportPaths(files, folder, shard)
  const kept = plan === undefined ? undefined : await files.realPath(plan)
  const found: Inventory = { own: [], foreign: [] }
  for (const [key, path] of Object.entries(names)) {
    const name = key as OwnFile
    const kind = path === undefined ? undefined : await files.kindOf(path)
    if (path === undefined || kind === undefined) continue
    const isKept = kind === 'file' && (await files.realPath(path)) === kept
    if (isKept) continue
    if (kind === 'file' && (await isOwn(files, { name, path }, note))) found.own.push(path)
    else found.foreign.push(`${shortName(path)}${KINDS[kind]}`)
  }
  const kind = await files.kindOf(batches)
  if (kind !== undefined && kind !== 'folder')
    found.foreign.push(kind === 'link' ? 'batches (a link)' : 'batches (no folder)')
  await lookAtParts(files, wanted, note, found)
  return found
}

/** The files of a plan in parts, which another one takes the place of. */
async function lookAtParts(
  files: Files,
  { path, shard }: WantedFolder,
  note: FolderNote | undefined,
  { own, foreign }: Inventory,
): Promise<void> {
  if (!shard || isPart(shard)) return
  const { parts } = reportPaths(files, path)
  const kind = await files.kindOf(parts)
  if (kind === undefined) return
  if (kind !== 'folder') {
    foreign.push(`${PARTS_FOLDER}${kind === 'link' ? KINDS.link : ' (no folder)'}`)
    return
  }
  for (const name of (await files.names(parts)).filter(isOfParts)) {
    const file = files.join(parts, name)
    // What others read has no name of ours in it: the note must stand beside the folder.
    const begins = name === INDEX_FILE ? INDEX : JOB_FILES.includes(name) ? ANY : PLAN
    const isOurs =
      (await files.kindOf(file)) === 'file' &&
      begins.test(await files.startOf(file, START_BYTES)) &&
      (begins !== ANY || note !== undefined)
    if (isOurs) own.push(file)
    else foreign.push(`${PARTS_FOLDER}/${name}`)
  }
}

const shortName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** Files that only a run with a note leaves: those of batches, and those that were not written to their end. */
async function leftovers(files: Files, folder: string): Promise<readonly string[]> {
  const { batches, parts: _parts, ...names } = reportPaths(files, folder)
  const own = Object.values(names).flatMap((path) => (path === undefined ? [] : [shortName(path)]))
  const unfinished = (await files.names(folder)).filter((name) =>
    own.some((file) => isUnfinished(name, file)),
  )
  const inBatches =
    (await files.kindOf(batches)) === 'folder'
      ? (await files.names(batches)).filter((name) =>
          isBatchFileName(name.replace(/\.[0-9a-f-]{36}\.part$/, '')),
        )
      : []
  const paths = [
    ...unfinished.map((name) => files.join(folder, name)),
    ...inBatches.map((name) => files.join(batches, name)),
  ]
  const regular: string[] = []
  for (const path of paths) if ((await files.kindOf(path)) === 'file') regular.push(path)
  return regular
}

/** The link on the way to a folder that somebody else may have put there; undefined where there is none. */
async function linkTo(
  files: Files,
  { path, workspace }: WantedFolder,
): Promise<string | undefined> {
  // A runner's work folder may be a link: the step then starts where it leads to, and its paths do not begin as the checkout's.
  const checkouts = workspace === '' ? [] : [files.join(workspace), await files.realPath(workspace)]
  const isCheckout = async (at: string): Promise<boolean> =>
    checkouts.includes(at) || checkouts.includes(await files.realPath(at))
  const ways: string[] = []
  let at = path
  // What lies above the checkout is the runner's own.
  while (!(await isCheckout(at)) && files.join(at, '..') !== at) {
    ways.push(at)
    at = files.join(at, '..')
  }
  // Beside the checkout links are those of who set the machine up.
  if (!(await isCheckout(at))) return undefined
  for (const way of ways) if ((await files.kindOf(way)) === 'link') return way
  return undefined
}

const ANOTHER =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
  'Give this action its own folder, such as `report-dir: ${{ runner.temp }}/report`, or remove report-dir. Nothing was touched.'

const inTheWay = (message: string): SyncError => new SyncError('inputs', message, { hint: ANOTHER })

function refuseForeign(foreign: readonly string[]): void {
  const [first, ...others] = foreign
  if (first === undefined) return
  throw inTheWay(
    others.length === 0
      ? `report-dir contains a ${first} that this action did not create.`
      : `report-dir contains files that this action did not create: ${foreign.join(', ')}.`,
  )
}

/** A folder that was looked at: nothing of somebody else's is in the way. */
interface LookedAt {
  readonly path: string
  readonly note: FolderNote | undefined
  /** Files of an earlier run. */
  readonly own: readonly string[]
}

async function lookAt(files: Files, wanted: WantedFolder): Promise<LookedAt> {
  const { path } = wanted
  const link = await linkTo(files, wanted)
  if (link !== undefined)
    throw inTheWay(`report-dir contains a symbolic link, which is not followed: ${link}`)
  const note = await readNote(files, path)
  const { own, foreign } = await lookAtOwnNames(files, wanted, note)
  refuseForeign(foreign)
  return { path, note, own }
}

async function take(files: Files, { path, note, own }: LookedAt): Promise<void> {
  await files.makeFolder(path)
  // Before the others go, so that a run that is killed here leaves nothing that is not known again.
  await writeNote(files, path, note?.policySha256)
  const { note: notePath } = reportPaths(files, path)
  const left = note === undefined ? [] : await leftovers(files, path)
  for (const file of [...own, ...left]) if (file !== notePath) await files.removeFile(file)
}

/**
 * Makes the report folders this run's own: they are made where there are none, and the files of an earlier run go.
 * What is somebody else's stays as it is; where it has the name of a file of ours, or a link leads elsewhere, a
 * SyncError says so, and one when a folder cannot be written. Nothing is removed before all has been looked at.
 */
export async function claimFolders(files: Files, wanted: readonly WantedFolder[]): Promise<void> {
  try {
    const found: LookedAt[] = []
    for (const folder of wanted) found.push(await lookAt(files, folder))
    for (const folder of found) await take(files, folder)
  } catch (cause) {
    if (cause instanceof SyncError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('inputs', `report-dir cannot be written: ${why}`, {
      hint: 'Set report-dir to a folder that this job can write to. Nothing was touched.',
      cause,
    })
  }
}
