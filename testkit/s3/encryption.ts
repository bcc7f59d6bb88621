import type { ServerRequest } from '../request.ts'
import type { Exchange } from '../service.ts'
import type { Bucket } from '../store.ts'
import { demandAccess } from './access.ts'
import { invalidArgument } from './request-rules.ts'

type Texts = Readonly<Record<string, string>>

const ALGORITHM = 'x-amz-server-side-encryption'
const KEY_ID = 'x-amz-server-side-encryption-aws-kms-key-id'
const BUCKET_KEY = 'x-amz-server-side-encryption-bucket-key-enabled'
const ALGORITHMS: readonly string[] = ['AES256', 'aws:kms', 'aws:kms:dsse']

/** What an object is encrypted with that this request writes: as it asks, else as the bucket has it. */
export function encryptionOf({ headers }: ServerRequest, bucket: Bucket): Texts {
  const { [ALGORITHM]: algorithm, [KEY_ID]: keyId, [BUCKET_KEY]: bucketKey } = headers
  checkEncryption(headers)
  const id = algorithm === undefined ? bucket.kmsKey : keyId
  return {
    [ALGORITHM]: algorithm ?? bucket.encryption,
    ...(id === undefined ? {} : { [KEY_ID]: id }),
    ...(bucketKey === undefined ? {} : { [BUCKET_KEY]: bucketKey }),
  }
}

function checkEncryption(headers: ServerRequest['headers']): void {
  const { [ALGORITHM]: algorithm, [KEY_ID]: keyId } = headers
  if (algorithm !== undefined && !ALGORITHMS.includes(algorithm)) {
    throw invalidArgument('The encryption method specified is not supported', ALGORITHM, algorithm)
  }
  if (keyId === undefined || algorithm?.startsWith('aws:kms')) return
  throw invalidArgument(
    'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    ALGORITHM,
    algorithm,
  )
}

/** Whether these encryption headers hide the MD5 of the content. */
export const isKms = (encryption: Texts): boolean =>
  encryption[ALGORITHM]?.startsWith('aws:kms') ?? false

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
