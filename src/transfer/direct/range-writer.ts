import type { FilePlace } from '../../model/byte-sink.ts'
import { RangeSum, type RangeSumName } from '../../model/range-sum.ts'
import type { LandingFile } from '../../storage/landing.ts'
import type { ReadSink } from '../../storage/store.ts'

/** Bytes of one write: what comes is gathered, as the network brings it in pieces of a few KB. */
export const WRITE_BYTES = 512 * 2 ** 10
/** Writes that wait for the disk before nothing more is read. */
const MOST_WRITES = 16

/** Memory that bytes are gathered in, and how many of its pieces wait for the disk. */
export class WriteMemory {
  readonly #spare: Buffer[] = []
  #writing = 0
  #room: PromiseWithResolvers<void> | undefined

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(WRITE_BYTES)
  }

  giveBack(memory: Buffer): void {
    this.#spare.push(memory)
  }

  /** Until as many writes are under way as the disk bears; undefined: it bears more. */
  get room(): Promise<void> | undefined {
    if (this.#writing < MOST_WRITES) return undefined
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** Counts a write while it is under way. */
  async during(write: Promise<void>): Promise<void> {
    this.#writing++
    try {
      await write
    } finally {
      this.#writing--
      this.#room?.resolve()
      this.#room = undefined
    }
  }
}

/** Whether bytes stand in some memory already, at this place. */
const isAt = (bytes: Uint8Array, memory: Buffer, at: number): boolean =>
  bytes.buffer === memory.buffer && bytes.byteOffset === memory.byteOffset + at

/** A file that a range is written to. */
type Target = Pick<LandingFile, 'write' | 'handle' | 'unwritable'>

/** Writes one range of an object to its place in a file while it comes, in large pieces. */
export class RangeWriter implements ReadSink {
  readonly #file: Target
  readonly #memory: WriteMemory
  readonly #summed: RangeSumName | undefined
  readonly #ownSum: RangeSum
  #at: number
  #gathered: Buffer | undefined
  #filled = 0
  #bytes = 0
  #lentSum: bigint | undefined
  #failure: { readonly error: unknown } | undefined
  readonly #underWay = new Set<Promise<void>>()

  /** `first`: where the range begins; `summed`: what checksum of it is wanted. */
  constructor(file: Target, first: number, memory: WriteMemory, summed?: RangeSumName) {
    this.#file = file
    this.#at = first
    this.#memory = memory
    this.#summed = summed
    this.#ownSum = new RangeSum(summed)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The checksum of all bytes, once they are written; 0 where nobody wanted one. */
  get sum(): bigint {
    return this.#lentSum ?? this.#ownSum.value
  }

  get memory(): Buffer {
    this.#gathered ??= this.#memory.take()
    return this.#gathered.subarray(this.#filled)
  }

  add(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure) throw this.#failure.error
    this.#bytes += bytes.length
    for (let at = 0; at < bytes.length; ) {
      this.#gathered ??= this.#memory.take()
      const some = bytes.subarray(at, at + this.#gathered.length - this.#filled)
      if (!isAt(some, this.#gathered, this.#filled)) this.#gathered.set(some, this.#filled)
      this.#filled += some.length
      at += some.length
      if (this.#filled === this.#gathered.length) this.#write(this.#gathered)
    }
    return this.#memory.room
  }

  lend(): FilePlace | undefined {
    const { handle } = this.#file
    if (handle === undefined) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#underWay.add(promise)
    return {
      handle,
      at: this.#at,
      summed: this.#summed,
      over: ({ bytes, sum }) => {
        this.#bytes = bytes
        this.#lentSum = sum
        resolve()
      },
      unwritable: (error) => this.#file.unwritable(error),
    }
  }

  async end(): Promise<void> {
    if (this.#gathered) this.#write(this.#gathered)
    await Promise.all(this.#underWay)
    if (this.#failure) throw this.#failure.error
  }

  async drop(): Promise<void> {
    if (this.#gathered) this.#memory.giveBack(this.#gathered)
    this.#gathered = undefined
    await Promise.all(this.#underWay)
  }

  #write(gathered: Buffer): void {
    const [at, length] = [this.#at, this.#filled]
    const bytes = gathered.subarray(0, length)
    this.#ownSum.add(bytes)
    this.#lentSum = undefined
    this.#at += length
    this.#gathered = undefined
    this.#filled = 0
    const written = this.#memory
      .during(this.#file.write(bytes, at))
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => {
        this.#memory.giveBack(gathered)
        this.#underWay.delete(written)
      })
    this.#underWay.add(written)
  }
}
