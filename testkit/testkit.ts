import { answer, bugReply } from './answer.ts'
import { type Counters, createCounters } from './counters.ts'
import { listen } from './endpoint.ts'
import { createFaults, type Faults } from './faults.ts'
import { createIam, type Iam } from './iam/iam.ts'
import type { PolicyDocument } from './iam/policy.ts'
import { type Issuer, startIssuer } from './issuer.ts'
import type { ListOrder } from './key-index.ts'
import type { ChecksumSupport, CopySourceForm, LengthRule, Service } from './service.ts'
import { type Buckets, createStore, type ObjectStore } from './store.ts'

/** How the test server differs from a plain AWS. */
export interface TestkitOptions {
  /** Region of buckets that name none. Default `us-east-1`. */
  readonly region?: string
  /** Every answer of S3 and STS takes at least this long. Default 0. */
  readonly latencyMs?: number
  /** Keys per LIST page. Default 1000. */
  readonly pageKeys?: number
  /** Default `bytes`. */
  readonly listOrder?: ListOrder
  /** Default `aws`. */
  readonly copySource?: CopySourceForm
  /** The `sub` of the id tokens. Default `repo:o/r:ref:refs/heads/main`. */
  readonly subject?: string
  /** Path of the issuer of the id tokens, such as `/_services/token` of GitHub Enterprise Server. Default: none. */
  readonly issuerPath?: string
  /** A body that stands still for so long is answered with RequestTimeout. Default 20,000. */
  readonly stallMs?: number
  /** Default `aws`. */
  readonly checksums?: ChecksumSupport
  /** Default `every-write`: every SDK but those of Rust and C++ sends it. */
  readonly lengths?: LengthRule
  /** Request headers that nobody heeds, as at services that never heard of them; in lower case. Default: none. */
  readonly passesOver?: readonly string[]
  /** The server's clock. Default `Date.now`. */
  readonly now?: () => number
  /** Endpoint and issuer speak HTTPS, with the certificate of `loopbackTls`. Default: plain HTTP. */
  readonly tls?: boolean
}

/** A running S3 + STS endpoint and an OIDC issuer, both on loopback. */
export interface Testkit {
  /** S3 (path style) and STS. */
  readonly endpoint: string
  /** What a job with `id-token: write` finds in its environment. */
  readonly idTokenEnv: Readonly<Record<string, string>>
  readonly store: ObjectStore
  readonly counters: Counters
  readonly faults: Faults
  readonly iam: Iam
  readonly issuer: Issuer
  readonly close: () => Promise<void>
}

const DEFAULT_SUBJECT = 'repo:o/r:ref:refs/heads/main'

/**
 * Starts the server; nothing outlives `close`. It refuses, by S3's own status and code, what S3 is documented to refuse:
 *
 * - Framing: a chunked request without a decoded length, a PUT or POST without a length, a body that breaks off, stands
 *   still or is over 5 GiB, small chunks in the middle of a stream, a head over 8 KB, a body where there is none to be.
 * - Signature: another scheme, scope, clock or secret; `x-amz-*` headers or a host that are not signed; a hash of the
 *   body that is missing, malformed or wrong; what needs a signature and has none.
 * - Digests: Content-MD5, checksum or trailer that is malformed or wrong, more than one, and none where S3 wants one
 *   (DeleteObjects, writes to a bucket with Object Lock).
 * - Limits: keys over 1,024 bytes, metadata over 2 KB, tags (10; 128 and 256 characters; which characters; twins).
 * - Values: storage classes, encryption, directives, copy sources, conditions on writes, numbers and words in queries.
 * - Parts: numbers, sizes, order, ETags, and ranges of copied ones; a copy over 5 GiB or onto itself unchanged.
 * - Documents that are malformed, of another kind or too long, and characters that XML cannot hold.
 * - What S3 knows and this server does not (sub-resources, parameters, versions, SSE-C, retention): 501 instead of a guess.
 *
 * What S3 passes over (parameters that nobody knows, malformed ranges and dates on reads) it passes over too.
 */
export async function startTestkit(options: TestkitOptions = {}): Promise<Testkit> {
  const { now = Date.now, subject = DEFAULT_SUBJECT, tls = false, issuerPath = '' } = options
  const issuer = await startIssuer({ subject, now, tls, path: issuerPath })
  const buckets: Buckets = new Map()
  const service: Service = {
    region: options.region ?? 'us-east-1',
    listOrder: options.listOrder ?? 'bytes',
    now,
    buckets,
    iam: createIam(),
    issuer,
    pageKeys: options.pageKeys ?? 1000,
    copySource: options.copySource ?? 'aws',
    checksums: options.checksums ?? 'aws',
    lengths: options.lengths ?? 'every-write',
    passesOver: options.passesOver ?? [],
  }
  const counters = createCounters()
  const faults = createFaults()
  const endpoint = await listen({
    now,
    tls,
    latencyMs: options.latencyMs ?? 0,
    stallMs: options.stallMs ?? 20_000,
    onConnection: counters.connection,
    onRequest: (request) => {
      counters.begin(request.operation)
      return faults
        .apply(request, async () => answer(request, service))
        .catch((error: unknown) => bugReply(error, request))
    },
    onReply: (reply) => counters.end(reply.errorCode),
  })
  return {
    endpoint: endpoint.url,
    idTokenEnv: issuer.env,
    store: createStore(buckets, service),
    counters,
    faults,
    iam: service.iam,
    issuer,
    close: async () => {
      await Promise.all([endpoint.close(), issuer.close()])
    },
  }
}

/** The trust policy for GitHub's tokens as AWS documents it; `*` and `?` may stand in the subjects. */
export function trustGitHub(issuer: Issuer, ...subjects: readonly string[]): PolicyDocument {
  const provider = issuer.url.replace(/^https?:\/\//, '')
  return {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${provider}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${provider}:aud`]: 'sts.amazonaws.com' },
        StringLike: { [`${provider}:sub`]: subjects },
      },
    },
  }
}
