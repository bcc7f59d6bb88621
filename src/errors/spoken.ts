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
      'S3 copies nothing between regions for who reaches it by a VPC endpoint: use engine: auto, by which the bytes pass through the runner, or a runner that reaches S3 another way.',
  },
  {
    words: /is no answer of S3, but a page of/,
    resolution:
      'Something answers in place of the service: check endpoint-url, the network, and what stands before the service.',
  },
  {
    words: /protected by object lock|\bWORM protected\b/i,
    resolution:
      'The object is locked until its retention ends, or its legal hold is taken off: exclude it, or run again after that.',
  },
  {
    words: /\bcap exceeded\b/i,
    resolution:
      'A limit that is set for the account is used up: raise it at the service, then run again.',
  },
  {
    words: /access key has length \d+|Credential is mal-?formed/i,
    resolution:
      'The access key id is none that this service gives out: paste the id and the secret again, each where it belongs.',
  },
]

/** Headers that an input asks for, and what to do where a service does not take them. */
const HEADERS: readonly (readonly [RegExp, string])[] = [
  [/^x-amz-tagging/, 'The service takes no tags: leave them behind by tags: drop.'],
  [/^x-amz-storage-class$/, 'The service does not know this storage-class: leave it out.'],
  [/^x-amz-(?:acl$|grant-)/, 'The service takes no ACLs: leave out acl.'],
  [
    /^x-amz-server-side-encryption/,
    'The service does not encrypt as it was asked to: leave out sse and sse-kms-key-id.',
  ],
  [/^x-amz-request-payer$/, 'The service lets nobody else pay: leave out request-payer.'],
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
