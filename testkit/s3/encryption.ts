import type { ServerRequest } from '../request.ts'
import type { Exchange } from '../service.ts'
import type { Bucket } from '../store.ts'
import { demandAccess } from './access.ts'

type Texts = Readonly<Record<string, string>>

const ALGORITHM = 'x-amz-server-side-encryption'
const KEY_ID = 'x-amz-server-side-encryption-aws-kms-key-id'
const HEADERS: readonly string[] = [
  ALGORITHM,
  KEY_ID,
  'x-amz-server-side-encryption-bucket-key-enabled',
]

/** What an object is encrypted with that this request writes: as it asks, else as the bucket has it. */
export function encryptionOf({ headers }: ServerRequest, bucket: Bucket): Texts {
  const given = HEADERS.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, value]]
  })
  if (given.length > 0) return Object.fromEntries(given)
  const { encryption, kmsKey } = bucket
  return { [ALGORITHM]: encryption, ...(kmsKey === undefined ? {} : { [KEY_ID]: kmsKey }) }
}

/** Whether these encryption headers hide the MD5 of the content. */
export const isKms = (encryption: Texts): boolean => encryption[ALGORITHM] === 'aws:kms'

/** Demands KMS actions on a customer's key; AWS's own keys are open to the account. */
export function demandKey(
  exchange: Exchange,
  encryption: Texts,
  actions: readonly ('kms:Decrypt' | 'kms:GenerateDataKey')[],
): void {
  const id = encryption[KEY_ID]
  if (!isKms(encryption) || id === undefined) return
  const { iam, region } = exchange.service
  const resource = id.startsWith('arn:') ? id : `arn:aws:kms:${region}:${iam.account}:key/${id}`
  for (const action of actions) demandAccess(exchange, { action, resource })
}
