import { type SizeClass, sizeClassOf } from '../model/batch.ts'
import type { TransferRequest } from '../model/request.ts'
import type { Tuned } from '../model/tuned.ts'

const MB = 1_000_000
const MIB = 2 ** 20

/** Objects in parallel to start with, by the size class of all the work. */
export const WORKERS: Readonly<Record<SizeClass | 'mixed', number>> = {
  small: 50,
  medium: 20,
  large: 10,
  mixed: 16,
}

/** Ops of a batch, by its size class; and at most, where the work has objects of several. */
export const BATCH_OPS: Readonly<Record<SizeClass | 'mixed', number>> = {
  small: 500,
  medium: 200,
  large: 50,
  mixed: 100,
}

/** Objects in parallel, and the largest parts, where bytes pass through a runner: for speed, or for reliability. */
export const REGIONS = {
  same: { workers: 20, partBytes: 100 * MIB },
  cross: { workers: 10, partBytes: 50 * MIB },
} as const

/** What there is to do, and on what. */
export interface Workload {
  readonly classes: ReadonlySet<SizeClass>
  /** Bytes of an object on average. */
  readonly averageBytes: number
  /** Whether bytes pass through this process. */
  readonly streamed: boolean
  readonly sameRegion: boolean
  readonly cores: number
  /** Memory that can be had, bytes. */
  readonly memoryBytes: number
}

export function workersBySize(classes: ReadonlySet<SizeClass>): number {
  const [only, another] = classes
  return WORKERS[another === undefined ? (only ?? 'small') : 'mixed']
}

const USABLE_MEMORY = 0.8
const LEAST_WORKER_BYTES = 50 * MIB
const MOST_BY_MEMORY = 50

/** A fifth of the memory stays free; a worker needs a tenth of an object, and 50 MiB at least. */
export function workersByMemory(memoryBytes: number, averageBytes: number): number {
  const each = Math.max(LEAST_WORKER_BYTES, averageBytes * 0.1)
  const most = Math.floor((memoryBytes * USABLE_MEMORY) / each)
  return Math.max(1, Math.min(most, MOST_BY_MEMORY))
}

const MOST_BY_CORES = 16

/** Two for each core, fewer for large objects and more for small ones. */
export function workersByCores(cores: number, averageBytes: number): number {
  const base = Math.min(MOST_BY_CORES, cores * 2)
  const sizeClass = sizeClassOf(averageBytes)
  if (sizeClass === 'large') return Math.max(4, Math.floor(base / 2))
  return sizeClass === 'small' ? Math.min(32, base * 2) : base
}

/** Objects in parallel to start with: by their sizes; where bytes pass through, the least of what all rules give. */
export function workersFor(
  { numworkers }: Pick<TransferRequest, 'numworkers'>,
  work: Workload,
): Tuned {
  if (numworkers !== 'auto') return { value: numworkers, rule: 'asked-for' }
  const bySize: Tuned = { value: workersBySize(work.classes), rule: 'size-class' }
  if (!work.streamed) return bySize
  const others: readonly Tuned[] = [
    { value: workersByMemory(work.memoryBytes, work.averageBytes), rule: 'memory' },
    { value: workersByCores(work.cores, work.averageBytes), rule: 'cores' },
    { value: REGIONS[work.sameRegion ? 'same' : 'cross'].workers, rule: 'region' },
  ]
  return others.reduce((least, one) => (one.value < least.value ? one : least), bySize)
}

/** Bytes of a part by object size: what is below the first bound has parts of that size, and so on. */
export const PART_SIZES: readonly { readonly belowBytes: number; readonly partBytes: number }[] = [
  { belowBytes: 50 * MB, partBytes: 5 * MIB },
  { belowBytes: 500 * MB, partBytes: 50 * MIB },
  { belowBytes: Number.POSITIVE_INFINITY, partBytes: 100 * MIB },
]
const LEAST_PART_BYTES = 5 * MIB
const MOST_PARTS = 10_000
/** Slower links have parts of half the size. */
const SLOW_LINK_BYTES_PER_SECOND = (10 * MB) / 8

/** The way that streamed parts take. */
export interface Link {
  readonly sameRegion: boolean
  /** As measured on parts; undefined as long as nothing is known. */
  readonly bytesPerSecond?: number | undefined
}

function wantedPart(asked: number | 'auto', size: number, link: Link): Tuned {
  if (asked !== 'auto') return { value: asked, rule: 'asked-for' }
  const bySize = PART_SIZES.find(({ belowBytes }) => size < belowBytes)?.partBytes ?? 0
  const most = REGIONS[link.sameRegion ? 'same' : 'cross'].partBytes
  const known: Tuned =
    most < bySize ? { value: most, rule: 'region' } : { value: bySize, rule: 'size-class' }
  const { bytesPerSecond = Number.POSITIVE_INFINITY } = link
  if (bytesPerSecond >= SLOW_LINK_BYTES_PER_SECOND || known.value === LEAST_PART_BYTES) return known
  return { value: Math.max(LEAST_PART_BYTES, Math.floor(known.value / 2)), rule: 'link' }
}

/** Bytes of the parts that an object of `size` bytes is streamed in; never more than 10,000 parts. */
export function partBytesFor(
  { partBytes }: Pick<TransferRequest, 'partBytes'>,
  size: number,
  link: Link,
): Tuned {
  const least = Math.ceil(size / MOST_PARTS / MIB) * MIB
  const wanted = wantedPart(partBytes, size, link)
  return least > wanted.value ? { value: least, rule: 'most-parts' } : wanted
}

/** Ops in a batch of a size class, where the work has these classes. */
export function batchOps(
  { batchSize }: Pick<TransferRequest, 'batchSize'>,
  sizeClass: SizeClass,
  classes: ReadonlySet<SizeClass>,
): Tuned {
  if (batchSize !== 'auto') return { value: batchSize, rule: 'asked-for' }
  const own = BATCH_OPS[sizeClass]
  return { value: classes.size > 1 ? Math.min(own, BATCH_OPS.mixed) : own, rule: 'size-class' }
}

/** What a process of s5cmd opens beside its workers' connections, and connections of a worker at a time. */
const OTHER_FILES = 20
const FILES_PER_WORKER = 1.3

const bearable = (openFiles: number | undefined, others: number, each: number): number =>
  openFiles === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(1, Math.floor((openFiles - others) / each))

/** Workers that an s5cmd bears which may open so many files; with more it ends at once. */
export const workersWithin = (openFiles: number | undefined): number =>
  bearable(openFiles, OTHER_FILES, FILES_PER_WORKER)

/** What the action opens beside the connections of its copies: listings, looks, files and s5cmd's pipes. */
const OWN_FILES = 80
/** Of a copy at a time: a connection, a second one or the file that is read, and the file and its folder that are written. */
const FILES_OF_A_COPY = { copied: 1, streamed: 2, downloaded: 3 } as const
/** Folders that two threads hold open while they write no file there. */
const IDLE_FOLDERS = 128

/** Copies at a time that the action itself bears where it may open so many files. */
export const copiesWithin = (
  openFiles: number | undefined,
  how: keyof typeof FILES_OF_A_COPY,
): number =>
  bearable(
    openFiles,
    how === 'downloaded' ? OWN_FILES + IDLE_FOLDERS : OWN_FILES,
    FILES_OF_A_COPY[how],
  )

/** Of each object that is read at a time: the others are brought to the disk meanwhile, or wait to be read. */
const FILES_PER_READ = 3
const FILE_AND_FOLDER = 2

/** Files that are written at a time where so many objects are read at a time, and the action may open so many files. */
export function filesFor(reads: number, openFiles = Number.POSITIVE_INFINITY): number {
  const left = Math.floor((openFiles - OWN_FILES - IDLE_FOLDERS - reads) / FILE_AND_FOLDER)
  return Math.max(reads, Math.min(FILES_PER_READ * reads, left))
}
