import type { EngineFacts } from '../model/report.ts'
import type { ShardReceipt } from '../model/shard.ts'
import type { Verification } from '../verify/findings.ts'

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** What the engines of all shards did together. */
export function engineOfShards(receipts: readonly ShardReceipt[]): EngineFacts {
  const engines = receipts.flatMap(({ report }) => report.engine ?? [])
  const total = (of: (engine: (typeof engines)[number]) => number): number => sum(engines.map(of))
  return {
    used: (['s5cmd', 'direct'] as const).filter((name) =>
      engines.some(({ used }) => used.includes(name)),
    ),
    numworkers: Math.max(0, ...engines.map(({ numworkers }) => numworkers)),
    workersRule: 'size-class',
    concurrency: [],
    processes: total(({ processes }) => processes),
    crashes: total(({ crashes }) => crashes),
    requestRetries: total(({ requestRetries }) => requestRetries),
    slowdowns: total(({ slowdowns }) => slowdowns),
    unconditional: engines.some(({ unconditional }) => unconditional),
    tagsUnreadable: engines.some(({ tagsUnreadable }) => tagsUnreadable),
    extraPasses: total(({ extraPasses }) => extraPasses),
    batches: total(({ batches }) => batches),
    batchOps: {},
    partBytes: [],
  }
}

/** How the copies of all shards were proven; undefined where none tells. */
export function verificationOfShards(receipts: readonly ShardReceipt[]): Verification | undefined {
  const all = receipts.flatMap(({ report }) => report.verification ?? [])
  const [first] = all
  if (!first) return undefined
  const widest = all.reduce((most, one) => (one.checked > most.checked ? one : most), first)
  const checked = sum(all.map((one) => one.checked))
  const checksum = sum(all.map(({ byChecksum }) => byChecksum))
  const bySizeAndTime = sum(all.map((one) => one.bySizeAndTime))
  return {
    method: widest.method,
    checked,
    proven: {
      etag: Math.max(0, checked - checksum - bySizeAndTime),
      checksum,
      'size-and-time': bySizeAndTime,
    },
    mismatches: new Map(),
  }
}
