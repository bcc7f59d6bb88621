import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/adapters/clock.ts'
import { createBudget } from '../../../../src/flow/byte-budget.ts'
import { createLink } from '../../../../src/flow/link.ts'
import { crc32Text } from '../../../../src/model/crc32.ts'
import { crc32 } from '../../../../src/model/fast-crc32.ts'
import type { CopyOp } from '../../../../src/model/op.ts'
import { Capabilities } from '../../../../src/storage/capabilities.ts'
import type { Landing, LandingFile } from '../../../../src/storage/landing.ts'
import { Downloader } from '../../../../src/transfer/direct/downloader.ts'
import { SourceObjects } from '../../../../src/transfer/direct/source-object.ts'
import { TimeLimits } from '../../../../src/transfer/direct/time-limits.ts'
import { scriptedObjects } from '../../../ports.ts'

const MIB = 2 ** 20
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
  const limits = new TimeLimits(1000, new AbortController().signal)
  const source = new SourceObjects({
    bucket: 'src',
    objects,
    capabilities: new Capabilities(),
    limits,
    link: createLink(systemClock),
    onTagsUnreadable: () => {},
  })
  const landing = { begin } as Landing
  const partBytes = () => 8 * MIB
  return new Downloader({
    source,
    landing,
    memory: createBudget(64 * MIB),
    concurrency: 2,
    partBytes,
    sums: false,
  })
}

const write = (by: Downloader, to: string): Promise<string> =>
  by.write({
    op: { ...OP, to },
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
