import { spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { S3 } from '@aws-sdk/client-s3'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import type { RecordedRequest, Recorder } from 's3-direct-sync-testkit/recorder.ts'
import { agentsFor } from '../../../src/adapters/agents.ts'
import { serviceOf } from '../../../src/model/service.ts'
import { s3Store } from '../../../src/storage/s3/s3-store.ts'
import type { StoreAddress } from '../../../src/storage/store.ts'
import { type Case, DELETES, type Params } from './cases.ts'

/** Where and by whom requests are sent. */
export interface World {
  /** undefined: AWS. */
  readonly endpoint: string | undefined
  readonly keys: Keys | undefined
  readonly payer: 'requester' | undefined
  /** The way to AWS. */
  readonly proxy: string
  readonly caFile: string
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** botocore has another host for us-east-1, for the sake of old signatures. */
export const REGION = 'eu-central-1'

const environment = ({ proxy, caFile }: World) => ({ HTTPS_PROXY: proxy, AWS_CA_BUNDLE: caFile })

/** Lets something be made that reads the environment. */
function within<T>(env: Readonly<Record<string, string>>, make: () => T): T {
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    return make()
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

/** Sends each case once, and gives what each of them sent. */
async function each(
  cases: readonly Case[],
  recorder: Recorder,
  send: (one: Case) => Promise<unknown>,
): Promise<RecordedRequest[]> {
  const sent: RecordedRequest[] = []
  for (const one of cases) {
    await send(one)
    const [request, ...more] = recorder.take()
    if (!request || more.length > 0)
      throw new Error(`${one.operation} ${one.title}: ${1 + more.length} requests, not one`)
    sent.push(request)
  }
  return sent
}

/** By our own adapters. */
export async function byUs(world: World, cases: readonly Case[], recorder: Recorder) {
  const { endpoint, keys, payer } = world
  const address: StoreAddress = {
    service: serviceOf({ endpoint, region: REGION }),
    credentials: keys && (async () => keys),
    onExpired: () => {},
    timeoutMs: 10_000,
    maxAttempts: 1,
    maxSockets: 1,
    requestPayer: payer,
  }
  const store = within(environment(world), () => s3Store(address))
  try {
    // The first deletes of a store find out whether the service heeds conditions.
    await DELETES.ours(store)
    recorder.take()
    return await each(cases, recorder, (one) => one.ours(store))
  } finally {
    store.close()
  }
}

/** All but the characters that RFC 3986 leaves alone, byte by byte. */
const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      const hex = byte.toString(16).toUpperCase().padStart(2, '0')
      return /[A-Za-z0-9\-._~/]/.test(char) ? char : `%${hex}`
    })
    .join('')

/** The SDK for JavaScript wants the source of a copy as its header has it. */
function forJavaScript({ CopySource, Expires, ...params }: Params): Params {
  const { Bucket = '', Key = '' } = (CopySource ?? {}) as { Bucket?: string; Key?: string }
  return {
    ...params,
    ...(CopySource ? { CopySource: `${Bucket}/${escaped(Key)}` } : {}),
    ...(Expires ? { Expires: new Date(String(Expires)) } : {}),
  }
}

/** Nobody pays for the question whether there is a bucket. */
const withPayer = ({ payer }: World, operation: string, params: Params): Params =>
  payer && operation !== 'HeadBucket' ? { ...params, RequestPayer: payer } : params

/** What an endpoint of one's own is asked for, in both SDKs and in our client. */
const CAREFUL = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const

/** By the AWS SDK for JavaScript. */
export async function bySdk(world: World, cases: readonly Case[], recorder: Recorder) {
  const { endpoint, keys } = world
  const agents = within(environment(world), () => agentsFor({ maxSockets: 1 }))
  const client = new S3({
    region: REGION,
    maxAttempts: 1,
    credentials: keys ?? { accessKeyId: 'none', secretAccessKey: 'none' },
    ...(keys ? {} : { signer: { sign: async (request) => request } }),
    ...(endpoint ? { endpoint, forcePathStyle: true, ...CAREFUL } : {}),
    requestHandler: { httpAgent: agents.http, httpsAgent: agents.https },
  })
  const call = (name: string, params: Params): Promise<unknown> => {
    const method = `${name[0]?.toLowerCase()}${name.slice(1)}` as 'getObject'
    return client[method](params as never)
  }
  try {
    return await each(cases, recorder, async ({ operation, params }) => {
      const answer = await call(operation, withPayer(world, operation, forJavaScript(params)))
      const { Body } = answer as { Body?: { transformToByteArray(): Promise<Uint8Array> } }
      await Body?.transformToByteArray()
    })
  } finally {
    client.destroy()
    agents.http.destroy()
    agents.https.destroy()
  }
}

const SCRIPT = join(import.meta.dirname, 'botocore_requests.py')

async function botocore(given: object): Promise<readonly (string | null)[]> {
  // Isolated: nothing of this folder, of the environment or of the user is taken for a module.
  const child = spawn(parts().python, ['-I', SCRIPT], {
    env: {
      PATH: process.env['PATH'],
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(given))
  return (await json(child.stdout)) as readonly (string | null)[]
}

/** By botocore, the SDK for Python and of the AWS CLI. */
export async function byBotocore(world: World, cases: readonly Case[], recorder: Recorder) {
  const { endpoint, keys, proxy, caFile } = world
  const client = {
    region: REGION,
    endpoint: endpoint ?? null,
    addressing: endpoint ? 'path' : 'auto',
    proxies: endpoint ? {} : { https: proxy },
    unsigned: !keys,
    keys: keys ?? { accessKeyId: null, secretAccessKey: null },
    ca: caFile,
    config: endpoint
      ? {
          request_checksum_calculation: 'when_required',
          response_checksum_validation: 'when_required',
        }
      : {},
  }
  const calls = cases.map(({ operation, params: { Body, ...params } }) => [
    operation,
    {
      ...withPayer(world, operation, params),
      ...(Body ? { Body: Buffer.from(Body as Buffer).toString('base64') } : {}),
    },
  ])
  const failures = await botocore({ client, calls })
  const failed = failures.filter((failure) => failure !== null)
  if (failed.length > 0) throw new Error(`botocore: ${failed.slice(0, 5).join('\n')}`)
  const sent = recorder.take()
  if (sent.length !== cases.length)
    throw new Error(`botocore sent ${sent.length} requests for ${cases.length} cases`)
  return sent
}
