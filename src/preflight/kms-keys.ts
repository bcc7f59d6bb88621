import type { SyncRequest } from '../model/request.ts'
import type { BucketEncryption, HeadResult } from '../storage/store.ts'
import type { CheckResult } from './check-result.ts'

/** What was found of encryption: of an object of the source, and of both buckets. */
interface Encrypted {
  readonly reading: CheckResult<HeadResult>
  readonly encryption: readonly [CheckResult<BucketEncryption>, CheckResult<BucketEncryption>]
}

/** Each of some texts once. */
export const distinct = (keys: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(keys.filter((key) => key !== undefined)),
]

/** Customers' KMS keys that objects of either side are encrypted with, as far as that is known. */
export function kmsKeysOf(
  { reading, encryption }: Encrypted,
  { transfer }: SyncRequest,
): { readonly source: readonly string[]; readonly destination: readonly string[] } {
  const [source, destination] = encryption
  const { sse, sseKmsKeyId } = transfer.write
  return {
    source: distinct([source.found?.kmsKey, reading.found?.kmsKey]),
    destination: distinct([sse === undefined ? destination.found?.kmsKey : sseKmsKeyId]),
  }
}
