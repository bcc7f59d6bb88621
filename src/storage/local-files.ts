/** What is wanted of a file beside its MD5s and its CRC-32. */
export interface DigestWish {
  /** Bytes of the parts that it is cut into where it is larger than one. */
  readonly partBytes: number
  /** Bytes of the parts that another ETag is asked for by; Infinity: of the whole. */
  readonly alsoBy?: number | undefined
  /** What is asked for beside CRC-32, as S3 names it. */
  readonly algorithms: readonly Algorithm[]
}

/** A checksum that S3 may keep of a whole object, as S3 names it. */
export type Algorithm = 'SHA256' | 'CRC32' | 'CRC64NVME'

/** What the bytes of a file come to, read once. */
export interface FileDigest {
  /** Bytes. */
  readonly size: number
  /** The ETag that S3 gives to such bytes, cut into such parts, unless it encrypts them by KMS. */
  readonly etag: string
  /** The one by other parts, where that was asked for. */
  readonly alsoEtag?: string | undefined
  /** By algorithm, as S3 names it; base64. */
  readonly checksums: ReadonlyMap<string, string>
}

/** A file that is being read, and that nobody may write to meanwhile. Throws FileUnreadable where it cannot be read. */
export interface SteadyFile {
  /** Bytes. */
  readonly size: number
  /** Fills memory with what stands from the byte `at` on. Throws ChangedWhileRead where there is less. */
  read(into: Uint8Array, at: number): Promise<void>
  /** Throws ChangedWhileRead where somebody wrote to the file, or put another one in its place, since it was opened. */
  check(): Promise<void>
}

/** The files of a folder of this runner, by their keys. */
export interface LocalFiles {
  /** Opens a file for some work. Throws NoSuchKey, FileUnreadable. */
  use<T>(key: string, work: (file: SteadyFile) => Promise<T>): Promise<T>
  /**
   * A small file as a whole, that nobody wrote to while it was read; undefined where it is none, or was written to a
   * moment ago. Throws ChangedWhileRead, and what `use` throws.
   */
  small(key: string): Buffer | undefined
  /** What a file holds. Throws ChangedWhileRead where somebody wrote to it meanwhile, and what `use` throws. */
  digest(key: string, wish?: Partial<DigestWish>): Promise<FileDigest>
  /** Whether all of a file is valid UTF-8. Throws what `use` throws. */
  isUtf8(key: string): Promise<boolean>
  /** Bytes of the parts that a file of some size is uploaded in. */
  readonly partBytes: (size: number) => number
  /** Whether some of the files that were listed can be run: S3 keeps no such bit. */
  readonly hasExecutables: boolean
}
