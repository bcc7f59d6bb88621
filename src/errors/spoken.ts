import type { ServiceFailure } from './service-error.ts'

/** A cause that a code stands for among others, told apart by the words of the service. */
interface Spoken {
  readonly words: RegExp
  readonly resolution: string
}

const ACROSS_REGIONS = /VPC endpoints do not support cross-region requests/i

/** Whether S3 says that it does not copy between regions for who reaches it by a VPC endpoint; it lets bytes pass. */
export const isAcrossRegions = ({ message }: Pick<ServiceFailure, 'message'>): boolean =>
  ACROSS_REGIONS.test(message)

const SPOKEN: readonly Spoken[] = [
  {
    words: ACROSS_REGIONS,
    resolution:
      'S3 does not copy between regions through a VPC endpoint: use engine: auto, which streams the bytes through the runner, or a runner that does not use a VPC endpoint for S3.',
  },
  {
    words: /the response is not from S3, but a page of/,
    resolution:
      'The response is not from the service: check endpoint-url, the network, and proxies in front of the service.',
  },
  {
    words: /protected by object lock|\bWORM protected\b/i,
    resolution:
      'The object is protected by Object Lock until its retention period ends or its legal hold is removed: exclude it, or run again after that.',
  },
  {
    words: /stored using a form of server.side encryption/i,
    resolution:
      'The object is encrypted with a key that its owner keeps (SSE-C), which this action does not support: exclude it.',
  },
  {
    words: /\bcap exceeded\b/i,
    resolution: 'A limit of the account is exceeded: raise it at the service, then run again.',
  },
  {
    words: /access key has length \d+|Credential is mal-?formed/i,
    resolution:
      'The access key ID is not one of this service: paste the access key ID and the secret access key again.',
  },
]

/** Headers that an input asks for, and what to do where a service does not take them. */
const HEADERS: readonly (readonly [RegExp, string])[] = [
  [/^x-amz-tagging/, 'The service does not support tags: set tags: drop.'],
  [
    /^x-amz-storage-class$/,
    'The service does not support this storage class: remove storage-class.',
  ],
  [/^x-amz-(?:acl$|grant-)/, 'The service does not support ACLs: remove acl.'],
  [
    /^x-amz-server-side-encryption/,
    'The service does not support this encryption: remove sse and sse-kms-key-id.',
  ],
  [/^x-amz-request-payer$/, 'The service does not support Requester Pays: remove request-payer.'],
]

/** `Header 'x' with value 'y' not implemented`, `Unsupported header 'x' received for this API call.` */
const REFUSED_HEADER =
  /\bheader '(x-amz-[\w-]{1,64})'.{0,200}(?:not implemented|received for this)/is

/** What to do about a failure by the words of the service; undefined where they tell no more than its code. */
export function spokenRemedy({ message }: Pick<ServiceFailure, 'message'>): string | undefined {
  const [, header] = REFUSED_HEADER.exec(message) ?? []
  if (header !== undefined) return HEADERS.find(([name]) => name.test(header.toLowerCase()))?.[1]
  return SPOKEN.find(({ words }) => words.test(message))?.resolution
}
