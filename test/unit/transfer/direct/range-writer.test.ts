import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ServiceError } from '../../../../src/errors/service-error.ts'
import {
  RangeWriter,
  WRITE_BYTES,
  WriteMemory,
} from '../../../../src/transfer/direct/range-writer.ts'

/** A file in memory whose writes end when they are told to. */
function file(bytes: number) {
  const content = Buffer.alloc(bytes)
  const writes: { readonly length: number; end(error?: Error): void }[] = []
  const write = (some: Uint8Array, at: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const end = (error?: Error): void => {
      if (error) reject(error)
      else {
        content.set(some, at)
        resolve()
      }
    }
    writes.push({ length: some.length, end })
    return promise
  }
  return {
    content,
    writes,
    write,
    handle: undefined,
    unwritable: (error: unknown) => error as ServiceError,
  }
}

const bytesOf = (length: number): Buffer => Buffer.alloc(length, 'not all pieces are alike ')
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const later = new Promise((resolve) => setImmediate(resolve, 'later'))
  return (await Promise.race([promise.then(() => 'settled'), later])) === 'settled'
}

describe('a range on its way into a file', () => {
  it('is written where it belongs in large pieces, whatever the pieces that it comes in', async () => {
    const into = file(3 * WRITE_BYTES)
    const bytes = bytesOf(2 * WRITE_BYTES + 5)
    const writer = new RangeWriter(into, 7, new WriteMemory(), 'CRC32')
    for (let at = 0; at < bytes.length; at += 60_001) {
      const piece = Buffer.from(bytes.subarray(at, at + 60_001))
      void writer.add(piece)
      // Its memory is used again.
      piece.fill(0)
    }
    const ended = writer.end()
    expect(into.writes.map(({ length }) => length)).toEqual([WRITE_BYTES, WRITE_BYTES, 5])
    for (const { end } of into.writes.toReversed()) end()
    await ended
    expect(into.content.subarray(7, 7 + bytes.length).equals(bytes)).toBe(true)
    expect([writer.bytes, writer.sum]).toEqual([bytes.length, BigInt(crc32(bytes))])
  })

  it('can be read to where it is gathered, also when only some of it is', async () => {
    const into = file(3 * WRITE_BYTES)
    const bytes = bytesOf(2 * WRITE_BYTES + 5)
    const writer = new RangeWriter(into, 7, new WriteMemory(), 'CRC32')
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const { memory } = writer
      expect(memory.length).toBeGreaterThan(0)
      const isLent = turn % 3 > 0
      const piece = bytes.subarray(at, at + (isLent ? Math.min(memory.length, 90_001) : 60_001))
      const length = isLent ? bytes.copy(memory, 0, at, at + piece.length) : piece.length
      void writer.add(isLent ? memory.subarray(0, length) : Buffer.from(piece))
      at += length
    }
    const ended = writer.end()
    for (const { end } of into.writes) end()
    await ended
    expect(into.content.subarray(7, 7 + bytes.length).equals(bytes)).toBe(true)
    expect([writer.bytes, writer.sum]).toEqual([bytes.length, BigInt(crc32(bytes))])
  })

  it('waits for the disk before more is read than it writes at a time, and goes on then', async () => {
    const into = file(64 * WRITE_BYTES)
    const writer = new RangeWriter(into, 0, new WriteMemory())
    let room: Promise<void> | undefined
    let added = 0
    for (; room === undefined && added < 64; added++) room = writer.add(bytesOf(WRITE_BYTES))
    expect(added).toBe(16)
    expect(await isSettled(room ?? Promise.resolve())).toBe(false)
    into.writes[3]?.end()
    await room
    for (const { end } of into.writes) end()
    await writer.end()
  })

  it('takes nothing more once a write failed, and fails by what the disk said', async () => {
    const into = file(4 * WRITE_BYTES)
    const writer = new RangeWriter(into, 0, new WriteMemory(), 'CRC32')
    void writer.add(bytesOf(WRITE_BYTES))
    into.writes[0]?.end(new Error('the disk is full'))
    await new Promise(setImmediate)
    expect(() => writer.add(bytesOf(1))).toThrow('the disk is full')
    await expect(writer.end()).rejects.toThrow('the disk is full')
    await writer.drop()
  })

  it('that broke off is over only when nothing of it is written any more', async () => {
    const into = file(4 * WRITE_BYTES)
    const writer = new RangeWriter(into, 0, new WriteMemory(), 'CRC32')
    void writer.add(bytesOf(WRITE_BYTES + 9))
    const dropped = writer.drop()
    expect(await isSettled(dropped)).toBe(false)
    into.writes[0]?.end()
    await dropped
    expect(into.writes).toHaveLength(1)
  })

  it('has memory of its own until it is written', async () => {
    const memory = new WriteMemory()
    const into = file(4 * WRITE_BYTES)
    const one = new RangeWriter(into, 0, memory)
    const other = new RangeWriter(into, WRITE_BYTES, memory)
    void one.add(Buffer.alloc(WRITE_BYTES, 'one'))
    void other.add(Buffer.alloc(WRITE_BYTES, 'other'))
    for (const { end } of into.writes) end()
    await Promise.all([one.end(), other.end()])
    const whole = [Buffer.alloc(WRITE_BYTES, 'one'), Buffer.alloc(WRITE_BYTES, 'other')]
    expect(into.content.subarray(0, 2 * WRITE_BYTES).equals(Buffer.concat(whole))).toBe(true)
  })

  it('lends its place in an open file, and waits for whoever writes there', async () => {
    const into = { ...file(0), handle: 3 }
    const writer = new RangeWriter(into, 7, new WriteMemory(), 'CRC32')
    const place = writer.lend()
    expect(place).toMatchObject({ handle: 3, at: 7, summed: 'CRC32' })
    const [ended, dropped] = [writer.end(), writer.drop()]
    expect([await isSettled(ended), await isSettled(dropped)]).toEqual([false, false])
    place?.over({ bytes: 5, sum: 99n })
    await ended
    await dropped
    expect([writer.bytes, writer.sum]).toEqual([5, 99n])
    expect(new RangeWriter(file(0), 7, new WriteMemory(), 'CRC32').lend()).toBeUndefined()
  })

  it('sums what it writes itself where an answer that was no content came by a thread before', async () => {
    const into = file(100)
    const writer = new RangeWriter({ ...into, handle: 3 }, 0, new WriteMemory(), 'CRC32')
    writer.lend()?.over({ bytes: 0, sum: 0n })
    await writer.add(bytesOf(100))
    const ended = writer.end()
    into.writes[0]?.end()
    await ended
    expect([writer.bytes, writer.sum]).toEqual([100, BigInt(crc32(bytesOf(100)))])
  })
})
