import { describe, expect, it } from 'vitest'
import { sizeClassOf } from '../../../src/model/batch.ts'
import {
  BATCH_OPS,
  batchOps,
  copiesWithin,
  filesFor,
  partBytesFor,
  WORKERS,
  type Workload,
  workersByCores,
  workersByMemory,
  workersFor,
  workersWithin,
} from '../../../src/transfer/tuning.ts'

const MB = 1_000_000
const MIB = 2 ** 20
const GIB = 2 ** 30
const fast = { sameRegion: true, bytesPerSecond: undefined }

describe('as the specification has them', () => {
  it.each([
    [10 * MB - 1, 'small', 50, 500],
    [10 * MB, 'medium', 20, 200],
    [100 * MB, 'medium', 20, 200],
    [100 * MB + 1, 'large', 10, 50],
  ])('workers and batches for objects of %i bytes', (bytes, ...[sizeClass, workers, ops]) => {
    expect(sizeClassOf(bytes)).toBe(sizeClass)
    expect(WORKERS[sizeClassOf(bytes)]).toBe(workers)
    expect(BATCH_OPS[sizeClassOf(bytes)]).toBe(ops)
  })

  it('batches of work with several sizes are no larger than 100', () => {
    const [auto, both] = [{ batchSize: 'auto' as const }, new Set(['small', 'large'] as const)]
    const rule = 'size-class'
    expect(batchOps(auto, 'small', both)).toEqual({ value: 100, rule })
    expect(batchOps(auto, 'large', both)).toEqual({ value: 50, rule })
    expect(batchOps(auto, 'small', new Set(['small']))).toEqual({ value: 500, rule })
    expect(batchOps({ batchSize: 7 }, 'small', both)).toEqual({ value: 7, rule: 'asked-for' })
  })

  it.each([
    [16, 10, 50],
    [1, 10, 16],
    [0.5, 10, 8],
    [4, 1000, 32],
    [4, 5000, 6],
    [0.01, 10, 1],
  ])('workers by memory: %d GiB, objects of %i MiB: %i', (gib, averageMib, workers) => {
    expect(workersByMemory(gib * GIB, averageMib * MIB)).toBe(workers)
  })

  it.each([
    [2, 50, 4],
    [2, 1, 8],
    [2, 500, 4],
    [8, 50, 16],
    [16, 50, 16],
    [16, 1, 32],
    [16, 500, 8],
    [1, 500, 4],
  ])('workers by cores: %i, objects of %i MB: %i', (cores, averageMb, workers) => {
    expect(workersByCores(cores, averageMb * MB)).toBe(workers)
  })

  it.each([
    [49, undefined, 5],
    [499, undefined, 50],
    [500, undefined, 100],
    [499, 9, 25],
    [500, 9, 50],
    [49, 9, 5],
    [500, 10, 100],
  ])('parts of objects of %i MB at %s Mbit/s: %i MiB', (megabytes, mbps, partMib) => {
    const link = { sameRegion: true, bytesPerSecond: mbps && (mbps * MB) / 8 }
    expect(partBytesFor({ partBytes: 'auto' }, megabytes * MB, link).value).toBe(partMib * MIB)
  })
})

describe('workers', () => {
  const work: Workload = {
    classes: new Set(['medium']),
    averageBytes: 50 * MB,
    streamed: true,
    sameRegion: true,
    cores: 16,
    memoryBytes: 16 * GIB,
  }
  it.each<[string, Partial<Workload>, number, string]>([
    ['by the size alone where S3 copies', { streamed: false, cores: 1 }, 20, 'size-class'],
    [
      'by the mix of sizes',
      { streamed: false, classes: new Set(['small', 'large']) },
      16,
      'size-class',
    ],
    [
      'by the sizes, where other rules give as many',
      { classes: new Set(['small', 'large']) },
      16,
      'size-class',
    ],
    [
      'as for small objects, where there are none',
      { streamed: false, classes: new Set() },
      50,
      'size-class',
    ],
    ['by cores', {}, 16, 'cores'],
    ['by memory', { memoryBytes: 0.5 * GIB }, 8, 'memory'],
    ['by region', { sameRegion: false }, 10, 'region'],
  ])('are chosen %s', (_how, more, ...[value, rule]) => {
    expect(workersFor({ numworkers: 'auto' }, { ...work, ...more })).toEqual({ value, rule })
  })

  it('are what was asked for, whatever the rules say', () => {
    const asked = { value: 99, rule: 'asked-for' }
    expect(workersFor({ numworkers: 99 }, { ...work, cores: 1 })).toEqual(asked)
  })

  it('are no more than may hold their connections open', () => {
    expect(workersWithin(undefined)).toBe(Number.POSITIVE_INFINITY)
    expect(workersWithin(1024)).toBe(772)
    expect(workersWithin(64)).toBe(33)
    expect(workersWithin(10)).toBe(1)
  })

  it('and copies at a time of the action itself are no more than it may open connections for', () => {
    expect(copiesWithin(undefined, 'copied')).toBe(Number.POSITIVE_INFINITY)
    expect(copiesWithin(256, 'copied')).toBe(176)
    expect(copiesWithin(256, 'streamed')).toBe(88)
    // Each has a connection, a file and its folder, beside folders that are only held.
    expect(copiesWithin(256, 'downloaded')).toBe(16)
    expect(copiesWithin(1024, 'downloaded')).toBeGreaterThanOrEqual(256)
    expect(copiesWithin(60, 'copied')).toBe(1)
  })

  it('and files under way are more than are read at a time, as far as they may be open', () => {
    expect(filesFor(128, undefined)).toBe(384)
    expect(filesFor(256, 1024)).toBe(280)
    expect(filesFor(16, 256)).toBe(16)
  })
})

describe('parts', () => {
  const asked = { partBytes: 5 * MIB }
  const auto = { partBytes: 'auto' } as const
  const slow = { ...fast, bytesPerSecond: MB }

  it('are smaller between regions', () => {
    const region = { value: 50 * MIB, rule: 'region' }
    expect(partBytesFor(auto, GIB, { ...fast, sameRegion: false })).toEqual(region)
  })

  it('are what was asked for, but never more than 10,000', () => {
    expect(partBytesFor(asked, GIB, slow)).toEqual({ value: 5 * MIB, rule: 'asked-for' })
    const most = 10_000 * 5 * MIB
    expect(partBytesFor(asked, most, fast)).toEqual({ value: 5 * MIB, rule: 'asked-for' })
    expect(partBytesFor(asked, most + 1, fast)).toEqual({ value: 6 * MIB, rule: 'most-parts' })
    const least = { value: 525 * MIB, rule: 'most-parts' }
    expect(partBytesFor(asked, 5 * 1024 * GIB, fast)).toEqual(least)
  })

  it('are smaller on a slow link, unless they are as small as can be', () => {
    expect(partBytesFor(auto, GIB, fast)).toEqual({ value: 100 * MIB, rule: 'size-class' })
    expect(partBytesFor(auto, GIB, slow)).toEqual({ value: 50 * MIB, rule: 'link' })
    expect(partBytesFor(auto, 49 * MB, slow)).toEqual({ value: 5 * MIB, rule: 'size-class' })
  })
})
