import type { KeyBytes } from './key.ts'

/** What a path leads to without following links. */
export type FileKind = 'file' | 'folder' | 'link' | 'other'

/** What the file system tells of a file. */
export interface FileFacts {
  readonly kind: FileKind
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number
  /** When it was last written to, be its time set back or not; milliseconds since the epoch. */
  readonly changedMs: number
  /** Another one once the file is written to, or another file has its name. */
  readonly stamp: string
  /** The same one under whatever name. */
  readonly id: string
  readonly isExecutable: boolean
}

/** A file that is being read. */
export interface OpenFile {
  facts(): Promise<FileFacts>
  /** Fills memory with what stands from the byte `at` on; gives how many bytes that were, fewer at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>
  close(): Promise<void>
}

/**
 * A folder of this machine. What is in it is named by keys, with `/` between names whatever the system has there; ''
 * is the folder itself. Names that are no text have other bytes than any text. Errors are the file system's.
 */
export interface Folder {
  entries(key: KeyBytes): Promise<readonly { readonly name: KeyBytes; readonly kind: FileKind }[]>
  /** Of what is there itself, be it a link; undefined where nothing is. */
  look(key: KeyBytes): Promise<FileFacts | undefined>
  /** Of what a link leads to, and the name that this has in the folder, undefined where it lies elsewhere; undefined where nothing is. */
  follow(key: KeyBytes): Promise<(FileFacts & { readonly within: string | undefined }) | undefined>
  /** Opens a regular file; throws where something else is, or a folder of its path is a link. `link`: be it by one. */
  open(key: KeyBytes, link?: 'link'): Promise<OpenFile>
  /**
   * Reads a regular file of at most so many bytes at once, without a turn of the loop: for small ones that costs a tenth.
   * `first`, `last`: of the file, before and after; `named`: of what has its name then. Throws as `open` does.
   */
  readNow(key: KeyBytes, mostBytes: number): SmallFile
}

/** A small file that was read at once. */
export interface SmallFile {
  readonly first: FileFacts
  /** undefined: it has more bytes. */
  readonly bytes: Buffer | undefined
  readonly last: FileFacts
  readonly named: FileFacts | undefined
}

/** What has a name in a folder that is written to. */
export interface StandingFile extends FileFacts {
  /** Whether nobody may write to it, whoever asks. */
  readonly isReadOnly: boolean
}

/** A file that has no name of its own yet. */
export interface NewFile extends Pick<OpenFile, 'read'> {
  /** Its number, under which other threads of this process write to it; undefined: they cannot. */
  readonly handle: number | undefined
  /** Writes all of some bytes from the byte `at` on. */
  write(bytes: Uint8Array, at: number): Promise<void>
  /** Brings to the disk what is there of it; never throws, as `keep` tells what went wrong. */
  flush(): Promise<void>
  /**
   * Brings it to the disk, and gives it its name in one step. `meet` is told what has that name right before, and
   * throws where that is to stay; where nothing has, nothing that came meanwhile is replaced.
   */
  keep(meet: (there: StandingFile | undefined) => void): Promise<void>
  /** Removes what is there of it; never throws. */
  discard(): void
}

/** A small file to be written whole. */
export interface WholeFile {
  readonly key: KeyBytes
  /** Its name until it is kept. */
  readonly temporary: string
  readonly bytes: Uint8Array
  /** The one file that it may replace; undefined: none. */
  readonly replaces: SizeAndTime | undefined
}

/** What a file is known by that was listed. */
export interface SizeAndTime {
  /** Bytes. */
  readonly size: number
  /** Whole milliseconds since the epoch. */
  readonly modifiedMs: number
}

/** Whether what has a name is still the file that was listed, and may be replaced. */
export const isAsListed = (there: StandingFile, was: SizeAndTime): boolean =>
  there.size === was.size && Math.trunc(there.modifiedMs) === was.modifiedMs

/**
 * A folder of this machine that is written to, by keys as in `Folder`. Nothing is ever done through a link, or outside
 * of it: each folder on the way is held, or looked at before and behind. Errors are the file system's.
 */
export interface WritableFolder {
  /** Begins a file, and makes the folders that it lies in; `temporary`: its name until it is kept. */
  create(key: KeyBytes, temporary: string): NewFile
  /** Writes a file, as one that is begun, written and kept; gives what has its name where that is to stay, and nothing was done. */
  put(file: WholeFile): Promise<StandingFile | undefined>
  /** Removes a file, unless `meet` throws; what is gone already is no error. */
  remove(key: KeyBytes, meet: (there: StandingFile) => void): void
  /** Removes a folder where nothing is in it, and tells whether it did. */
  removeEmpty(key: KeyBytes): boolean
  /** Brings to the disk which names were given and taken, and lets go of all folders. */
  close(): Promise<void>
}
