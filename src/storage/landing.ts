import type { ServiceError } from '../errors/service-error.ts'
import type { NameRules } from '../model/file-names.ts'
import type { CopyOp } from '../model/op.ts'

/** By what a copy knows what it replaces. */
export type Replaced = Pick<CopyOp, 'to' | 'toEtag' | 'toSize' | 'toLastModified'>

/** A file that is being written, under a name that is no content. */
export interface LandingFile {
  /** Number of the open file, for other threads of this process to write to; undefined: there is none. */
  readonly handle: number | undefined
  /** What is said of a failure of the file system. */
  unwritable(error: unknown): ServiceError
  /** Writes all of some bytes from the byte `at` on. */
  write(bytes: Uint8Array, at: number): Promise<void>
  /** As that of an open file. */
  read(into: Uint8Array, at: number): Promise<number>
  /** Brings to the disk what is there of it; never throws, as `keep` tells what went wrong. */
  flush(): Promise<void>
  /** Brings it to the disk, and gives it its name in one step. Throws DestinationChanged where something else stands there by now. */
  keep(): Promise<void>
  /** Removes what is there of it; never throws. */
  discard(): void
}

/**
 * Where objects become files of this runner. Nothing has its name before all of it is there. Errors are ServiceErrors:
 * FileUnwritable, FileReadOnly, NotAFile, DiskFull, DestinationChanged.
 */
export interface Landing {
  /** Writes a small file at once. */
  whole(op: Replaced, bytes: Uint8Array): Promise<void>
  begin(op: Replaced): LandingFile
  /** What names its disk keeps. */
  readonly names: NameRules
  /** Why nothing may be written under a key, as this run has files of its own there; undefined: it may. */
  whyReserved(key: string): string | undefined
  /** Removes what runs left that were killed; gives how many files that were. */
  tidy(): number
  /** Names of links, devices and the like, which are no objects and stay; the first of them. */
  readonly others: { readonly count: number; readonly first: readonly string[] }
  /** Whether a link is on the way to a key, or has its name; gives its name. */
  linkOn(key: string): string | undefined
  /** Brings to the disk which names were given and taken. */
  close(): Promise<void>
}
