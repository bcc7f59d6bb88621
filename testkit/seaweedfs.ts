import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { LocalServer, Place, ServerSpec } from './local-server.ts'
import { startServer } from './local-server.ts'
import { parts } from './parts.ts'

const AUDIENCE = 'sts.amazonaws.com'

/** A role that is assumed by an OIDC token. */
export interface Role {
  readonly name: string
  /** What the token's `sub` must match; `*` stands for anything. */
  readonly subject: string
  /** Names of the policies it has. */
  readonly policies: readonly string[]
}

/** One statement of an IAM policy. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >
}

/** Who signs the OIDC tokens. */
export interface TokenIssuer {
  /** The tokens' `iss`. */
  readonly url: string
  readonly jwksUri: string
  /** A fresh token for the audience sts.amazonaws.com that the first role accepts: the proof that STS is ready. */
  readonly token: () => Promise<string>
}

/** How tokens are turned into credentials. */
export interface SeaweedIdentity {
  readonly issuer: TokenIssuer
  readonly roles: readonly [Role, ...Role[]]
  /** Statements by the policy's name. */
  readonly policies: Readonly<Record<string, readonly Statement[]>>
  /** Life of the credentials, for tests that let them expire; as long as asked for when not given. */
  readonly sessionSeconds?: number
}

/** What a server holds from the start. */
export interface SeaweedSetup {
  readonly buckets: readonly string[]
  readonly identity?: SeaweedIdentity
}

/** A SeaweedFS with S3 and STS at one endpoint. */
export interface SeaweedFS extends LocalServer {
  readonly endpoint: string
  /** May do everything. */
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** ARN of a role of the server. */
export const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/${name}`

function roleConfig({ name, subject, policies }: Role): object {
  const Condition = {
    StringEquals: { 'oidc:aud': AUDIENCE },
    StringLike: { 'oidc:sub': subject },
  }
  const trust = {
    Effect: 'Allow',
    Principal: { Federated: 'github' },
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Condition,
  }
  return {
    roleName: name,
    roleArn: roleArn(name),
    attachedPolicies: policies,
    trustPolicy: { Version: '2012-10-17', Statement: [trust] },
  }
}

function iamConfig({ issuer, roles, policies, sessionSeconds }: SeaweedIdentity): object {
  const { url, jwksUri } = issuer
  return {
    sts: {
      tokenDuration: `${sessionSeconds ?? 3600}s`,
      maxSessionLength: `${sessionSeconds ?? 43_200}s`,
      issuer: 'seaweedfs',
      signingKey: randomBytes(32).toString('base64'),
    },
    providers: [
      {
        name: 'github',
        type: 'oidc',
        enabled: true,
        config: { issuer: url, clientIds: [AUDIENCE], jwksUri },
      },
    ],
    policy: { defaultEffect: 'Deny' },
    roles: roles.map(roleConfig),
    policies: Object.entries(policies).map(([name, Statement]) => ({
      name,
      document: { Version: '2012-10-17', Statement },
    })),
  }
}

const SERVICES = ['s3', 'master', 'volume', 'filer', 'admin'] as const

/** Sockets that the server makes in /tmp, wherever its own temporary folder is. */
const sockets = (port: number): string[] =>
  SERVICES.flatMap((service, index) => [
    `/tmp/seaweedfs-${service}-${port + index}.sock`,
    `/tmp/seaweedfs-${service}-grpc-${port + index + 10_000}.sock`,
  ])

function describeServer(
  { port, folder }: Place,
  setup: SeaweedSetup,
  admin: SeaweedFS['admin'],
): ServerSpec {
  const files = setup.identity ? { 'iam.json': JSON.stringify(iamConfig(setup.identity)) } : {}
  // The server dials its own gRPC at the port plus 10,000, whatever it is told.
  const ports = SERVICES.flatMap((service, index) => [
    `-${service}.port=${port + index}`,
    `-${service}.port.grpc=${port + index + 10_000}`,
  ])
  const quiet = ['-webdav=false', '-admin.ui=false', '-master.telemetry=false']
  const closed = ['-s3.port.iceberg=0', '-s3.port.lance=0', '-s3.autoCreateBucket=false']
  const small = ['-volume.max=8', '-master.volumeSizeLimitMB=64']
  return {
    command: parts().weed,
    args: [
      '-logtostderr=true',
      'mini',
      `-dir=${path.join(folder, 'data')}`,
      '-ip=127.0.0.1',
      '-ip.bind=127.0.0.1',
      ...ports,
      ...quiet,
      ...closed,
      ...small,
      ...Object.keys(files).map((name) => `-s3.iam.config=${path.join(folder, name)}`),
    ],
    env: {
      HOME: folder,
      TMPDIR: folder,
      // The server takes these as the keys of its administrator.
      AWS_ACCESS_KEY_ID: admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
    },
    files,
    readyUrl: `http://127.0.0.1:${port}/healthz`,
    remove: sockets(port),
  }
}

/** A role or policy that the server cannot read is only a line of its log, so STS is tried once. */
async function proveIdentity(endpoint: string, identity: SeaweedIdentity): Promise<void> {
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roleArn(identity.roles[0].name),
    RoleSessionName: 'readiness',
    WebIdentityToken: await identity.issuer.token(),
  })
  const answer = await fetch(endpoint, { method: 'POST', body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`STS of SeaweedFS answered ${answer.status}: ${text}`)
}

function refuseComplaints(log: string): void {
  const complaints = log.split('\n').filter((line) => /^[WEF].*Failed to/.test(line))
  if (complaints.length > 0) throw new Error(`SeaweedFS: ${complaints.join('\n')}`)
}

// The server's own option makes them most of a second after it says that it is healthy.
async function createBuckets(
  { endpoint, admin }: SeaweedFS,
  names: readonly string[],
): Promise<void> {
  const region = 'us-east-1'
  const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials: admin })
  for (const Bucket of names) await s3.send(new CreateBucketCommand({ Bucket }))
  s3.destroy()
}

/** Starts a SeaweedFS on 127.0.0.1 that is empty but for its buckets. */
export async function startSeaweedFS(setup: SeaweedSetup): Promise<SeaweedFS> {
  const admin = { accessKeyId: 'admin', secretAccessKey: 'adminsecret' }
  const server = await startServer((place) => describeServer(place, setup, admin))
  const seaweedfs = { ...server, endpoint: `http://127.0.0.1:${server.port}`, admin }
  try {
    if (setup.identity) await proveIdentity(seaweedfs.endpoint, setup.identity)
    refuseComplaints(server.log())
    await createBuckets(seaweedfs, setup.buckets)
    return seaweedfs
  } catch (error) {
    await server.close()
    throw error
  }
}
