import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/adapters/clock.ts'
import { createBudget } from '../../../../src/flow/byte-budget.ts'
import { createLink } from '../../../../src/flow/link.ts'
import { crc32Text } from '../../../../src/model/crc32.ts'
import { crc32 } from '../../../../src/model/fast-crc32.ts'
import type { CopyOp } from '../../../../src/model/op.ts'
import { Capabilities } from '../../../../src/storage/capabilities.ts'
import type { Landing, LandingFile } from '../../../../src/storage/landing.ts'
import type { Objects } from '../../../../src/storage/store.ts'
import { Downloader } from '../../../../src/transfer/direct/downloader.ts'
import { SourceObjects } from '../../../../src/transfer/direct/source-object.ts'
import { TimeLimits } from '../../../../src/transfer/direct/time-limits.ts'
import { scriptedObjects } from '../../../ports.ts'

const MIB = 2 ** 20
const READS = 4
const CONTENT = Buffer.alloc(100 * MIB)
const ETAG = 'e-2'
const OP: CopyOp = {
  op: 'copy',
  key: 'data/k',
  to: 'k',
  size: CONTENT.length,
  etag: ETAG,
  lastModified: '2026-01-01T00:00:00.000Z',
  reason: 'missing',
}

const objects = scriptedObjects({
  describe: async () => ({
    size: CONTENT.length,
    etag: ETAG,
    headers: {
      'x-amz-checksum-crc32': crc32Text(crc32(CONTENT)),
      'x-amz-checksum-type': 'FULL_OBJECT',
    },
  }),
  read: async (_from, { range, into }) => {
    const sink = into?.()
    const room = sink?.add(CONTENT.subarray(range?.first, (range?.last ?? 0) + 1))
    await room
    await sink?.end()
    return { size: CONTENT.length, etag: ETAG, headers: {}, bytes: Buffer.alloc(0) }
  },
})

/** Files whose flushes end when they are told to, and what was done with all of them. */
function disk() {
  const done: string[] = []
  const flushes: (() => void)[] = []
  const begin = ({ to }: { readonly to: string }): LandingFile => ({
    handle: undefined,
    unwritable: () => {
      throw new Error('Everything can be written.')
    },
    write: async () => {},
    read: async () => 0,
    flush: () => {
      done.push(`flush ${to}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      flushes.push(resolve)
      return promise
    },
    keep: async () => {
      done.push(`keep ${to}`)
    },
    discard: () => {
      done.push(`discard ${to}`)
    },
  })
  return { begin, done, flushes }
}

function downloader(begin: Landing['begin']): Downloader {
  return downloaderTo({ begin } as Landing, objects, 64 * MIB)
}

/** `bytes`: that may be held of small objects, and gathered of others. */
function downloaderTo(landing: Landing, objects: Objects, bytes: number): Downloader {
  const limits = new TimeLimits(1000, new AbortController().signal)
  const source = new SourceObjects({
    bucket: 'src',
    objects,
    capabilities: new Capabilities(),
    limits,
    link: createLink(systemClock),
    onTagsUnreadable: () => {},
  })
  const partBytes = () => 8 * MIB
  return new Downloader({
    source,
    landing,
    memory: createBudget(bytes),
    reads: createBudget(READS),
    gathered: createBudget(bytes),
    concurrency: 2,
    partBytes,
    sums: false,
  })
}

const write = (by: Downloader, to: string, size = OP.size): Promise<string> =>
  by.write({
    op: { ...OP, to, key: `data/${to}`, size },
    only: undefined,
    unbound: false,
    lookLast: undefined,
    onContent: () => {},
    onSha256: () => {},
    onRetry: () => {},
  })

describe('a large file', () => {
  it('goes to the disk while it is read, as often as the disk is ready for more', async () => {
    const { begin, done, flushes } = disk()
    const written = write(
      downloader((op) => {
        const file = begin(op)
        return {
          ...file,
          flush: () => {
            const flushed = file.flush()
            flushes.at(-1)?.()
            return flushed
          },
        }
      }),
      'a',
    )
    expect(await written).toBe(ETAG)
    expect(done).toEqual(['flush a', 'flush a', 'flush a', 'keep a'])
  })

  it('does not wait for the disk meanwhile, which is asked for one file at a time', async () => {
    const { begin, done, flushes } = disk()
    const by = downloader(begin)
    await Promise.all([write(by, 'a'), write(by, 'b')])
    expect(done.filter((what) => what.startsWith('flush'))).toHaveLength(1)
    expect(done.filter((what) => what.startsWith('keep')).sort()).toEqual(['keep a', 'keep b'])
    flushes[0]?.()
    await write(by, 'c')
    expect(done.filter((what) => what === 'flush c')).toHaveLength(1)
  })
})

/** A source whose reads end when they are told to, and a disk whose files do. */
function slow() {
  const reads = new Map<string, () => void>()
  const landings = new Map<string, () => void>()
  const wait = (waiting: Map<string, () => void>, name: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.set(name, resolve)
    return promise
  }
  const objects = scriptedObjects({
    read: async ({ key }, { bytes, into }) => {
      await wait(reads, key)
      const content = Buffer.alloc(bytes)
      const sink = into?.()
      await sink?.add(content)
      await sink?.end()
      return { size: bytes, etag: ETAG, headers: {}, bytes: content }
    },
    // Nobody knows how it was cut, so that nothing proves it.
    describe: async () => ({ size: OP.size, etag: ETAG, headers: {} }),
  })
  const landing = {
    ...({ begin: disk().begin } as Landing),
    whole: ({ to }) => wait(landings, to),
  } satisfies Landing
  return { reads, landings, objects, landing }
}

/** Until nothing more happens by itself. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done))
}
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`)

describe('many files', () => {
  it('are read so many at a time, and those that go to the disk keep no other from being read', async () => {
    const { reads, landings, objects, landing } = slow()
    const by = downloaderTo(landing, objects, 64 * MIB)
    const all = names(3 * READS).map((name) => write(by, name, 1000))
    await turns()
    expect([...reads.keys()]).toEqual(names(READS).map((name) => `data/${name}`))
    for (const end of reads.values()) end()
    await turns()
    expect(landings.size).toBe(READS)
    expect(reads.size).toBe(2 * READS)
    for (const end of reads.values()) end()
    await turns()
    for (const end of reads.values()) end()
    await turns()
    expect(landings.size).toBe(3 * READS)
    for (const end of landings.values()) end()
    await Promise.all(all)
  })

  it('small and others, do not wait for each other for ever where there is little memory', async () => {
    const { reads, landings, objects, landing } = slow()
    const by = downloaderTo(landing, objects, MIB)
    const sizes = names(10 * READS).map((_, n) => (n % 2 === 0 ? 200 * 1024 : 300 * 1024))
    const all = sizes.map((size, n) => write(by, `${n}`, size))
    const end = setInterval(() => {
      for (const waiting of [reads, landings]) for (const go of waiting.values()) go()
    }, 1)
    try {
      expect((await Promise.allSettled(all)).length).toBe(sizes.length)
    } finally {
      clearInterval(end)
    }
  })
})
