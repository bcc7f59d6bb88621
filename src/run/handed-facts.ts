import type { ShardReceipt } from '../model/shard-schema.ts'
import type { Verification } from '../verify/findings.ts'

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

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
