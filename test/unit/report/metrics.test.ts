import { describe, expect, it } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import type { Limit } from '../../../src/model/limit.ts'
import { serviceOf } from '../../../src/model/service.ts'
import type { MetricData, Metrics, MetricsAddress } from '../../../src/ports.ts'
import { metricData, sendMetrics } from '../../../src/report/metrics.ts'
import type { Run } from '../../../src/run/pipeline.ts'
import { PARTIAL, REFUSED, SUCCESS } from './sample.ts'
import { preflightOf, requestOf, sessionsOf, stageOf } from './stage.ts'

const SESSIONS = sessionsOf({ account: '111122223333', source: 'oidc' })
const NOWHERE = { checks: [], problems: [], facts: undefined }

const JOB = { GITHUB_REPOSITORY: 'o/r', GITHUB_WORKFLOW: 'Nightly sync' }
const dataOf = (report = SUCCESS, env: Readonly<Record<string, string>> = JOB) =>
  metricData(report, { namespace: 'S3DirectSync', env })
const valuesOf = (report = SUCCESS): Record<string, number> =>
  Object.fromEntries(dataOf(report).metrics.map(({ name, value }) => [name, value]))

describe('the metrics of a run', () => {
  it('have the names and units of the specification, and three more', () => {
    const units = Object.fromEntries(dataOf().metrics.map(({ name, unit }) => [name, unit]))
    expect(units).toEqual({
      TransferSpeed: 'None',
      FilesTransferred: 'Count',
      TransferDuration: 'Seconds',
      FilesFailed: 'Count',
      FilesSkipped: 'Count',
      BytesTransferred: 'Bytes',
    })
  })

  it('are what its report says, the speed in megabytes per second of copying', () => {
    const { TransferSpeed, ...others } = valuesOf()
    expect(TransferSpeed).toBeCloseTo(1200 / 31.5)
    expect(others).toEqual({
      FilesTransferred: 3000,
      TransferDuration: 42.14,
      FilesFailed: 0,
      FilesSkipped: 8512,
      BytesTransferred: 1_200_000_000,
    })
  })

  it('count as failed what failed and what is unknown', () => {
    expect(valuesOf(PARTIAL)).toMatchObject({ FilesTransferred: 2990, FilesFailed: 10 })
  })

  it('have no speed where no bytes were copied', () => {
    expect(dataOf(REFUSED).metrics).toHaveLength(5)
    expect(valuesOf(REFUSED)).toEqual({
      FilesTransferred: 0,
      TransferDuration: 3.2,
      FilesFailed: 0,
      FilesSkipped: 0,
      BytesTransferred: 0,
    })
  })
})

describe('their dimensions', () => {
  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['are repository and workflow', JOB, { Repository: 'o/r', Workflow: 'Nightly sync' }],
    ['leave out what is not set', { GITHUB_REPOSITORY: 'o/r' }, { Repository: 'o/r' }],
    ['leave out what is blank', { GITHUB_REPOSITORY: '', GITHUB_WORKFLOW: ' ' }, {}],
    [
      'are printable ASCII',
      { GITHUB_WORKFLOW: '🚀 Sync\tnächtlich' },
      { Workflow: '? Sync?n?chtlich' },
    ],
    [
      'have one mark for several characters, and no blanks around',
      { GITHUB_WORKFLOW: ' 夜間同期 ~ night ' },
      { Workflow: '? ~ night' },
    ],
  ])('%s', (_what, ...[env, dimensions]) => {
    expect(dataOf(SUCCESS, env).dimensions).toEqual(dimensions)
  })
})

describe('sending them', () => {
  const asked = {
    'cloudwatch-metrics': 'true',
    'cloudwatch-namespace': 'Ours',
    'request-timeout': '7s',
  }

  interface Sent {
    readonly address: MetricsAddress
    readonly data: MetricData
    readonly limit: Limit
  }

  /** A run that may send metrics, what was sent, and the warning that came of it. */
  async function send({
    inputs = asked,
    found = {},
    cancelled = new AbortController().signal,
    put = async () => {},
  }: {
    readonly inputs?: Readonly<Record<string, string>>
    readonly found?: { readonly [Stage in keyof Run['record']['found']]: unknown }
    readonly cancelled?: AbortSignal
    readonly put?: Metrics['put']
  } = {}) {
    const sent: Sent[] = []
    const { run, told } = stageOf({
      cancelled,
      env: JOB,
      ports: {
        metrics: async (address) => ({
          put: (data, limit) => {
            sent.push({ address, data, limit })
            return put(data, limit)
          },
        }),
      },
    })
    Object.assign(run.record.found, {
      inputs: await requestOf(inputs),
      credentials: SESSIONS,
      preflight: preflightOf(),
      ...found,
    })
    const warning = await sendMetrics(SUCCESS, run)
    return { sent, warning, told, cancelled }
  }

  it('goes to the region of the destination, by the identity that writes it, in the time of a request', async () => {
    const { sent, warning, told, cancelled } = await send()
    expect(warning).toBeUndefined()
    expect(sent).toEqual([
      {
        address: {
          service: serviceOf({ region: 'eu-west-1' }),
          credentials: SESSIONS.destination.credentials,
        },
        data: metricData(SUCCESS, { namespace: 'Ours', env: JOB }),
        limit: { timeoutMs: 7000, signal: cancelled },
      },
    ])
    expect(told.lines).toEqual(['debug: Metrics go to CloudWatch: Ours, eu-west-1'])
  })

  it.each([
    ['is not asked for', { inputs: {} }],
    ['may write nothing', { inputs: { ...asked, mode: 'plan' } }],
    ['is a dry run', { inputs: { ...asked, 'dry-run': 'true' } }],
    ['was cancelled', { cancelled: AbortSignal.abort() }],
    ['has not read its inputs', { found: { inputs: undefined } }],
    ['has no identity', { found: { credentials: undefined } }],
    ['was not looked at', { found: { preflight: undefined } }],
    ['has not found its places', { found: { preflight: NOWHERE } }],
  ])('is left out where it %s', async (_, run) => {
    const { sent, warning, told } = await send(run)
    expect(sent).toEqual([])
    expect(warning).toBeUndefined()
    expect(told.lines).toEqual([])
  })

  const refused = (name: string, message: string, status = 403) =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })
  const network = (code: string, message: string, more = {}) =>
    Object.assign(new Error(message), { code, ...more })
  const ALLOW =
    'Allow cloudwatch:PutMetricData on the resource * to the identity that writes the destination, for the namespace Ours (condition key cloudwatch:namespace).'
  const STRANGER =
    'Check that the destination uses AWS credentials, and that AWS_ENDPOINT_URL does not point to another service.'
  const REACH = 'Allow the runner to reach CloudWatch in eu-west-1.'

  it.each<[string, unknown, string]>([
    [
      'it may not',
      refused('AccessDenied', 'User x.y is not authorized.'),
      `AccessDenied: User x.y is not authorized. ${ALLOW}`,
    ],
    [
      'AWS does not know the keys',
      refused('InvalidClientTokenId', 'The security token is invalid'),
      `InvalidClientTokenId: The security token is invalid. ${STRANGER}`,
    ],
    [
      'nor the client',
      refused('UnrecognizedClientException', 'no'),
      `UnrecognizedClient: no. ${STRANGER}`,
    ],
    [
      'nor the secret',
      refused('SignatureDoesNotMatch', 'no'),
      `SignatureDoesNotMatch: no. ${STRANGER}`,
    ],
    [
      'a refusal only speaks of them',
      refused('NotInvalidClientTokenId', 'no'),
      `NotInvalidClientTokenId: no. ${ALLOW}`,
    ],
    [
      'another service answers',
      refused('SyntaxError', 'Unexpected token <', 404),
      `HTTP status 404. ${STRANGER}`,
    ],
    ['nobody answers', network('ECONNREFUSED', 'no'), `RequestError: ECONNREFUSED no. ${REACH}`],
    [
      'the certificate proves nothing',
      network('SELF_SIGNED_CERT_IN_CHAIN', 'no'),
      'UntrustedCertificate: SELF_SIGNED_CERT_IN_CHAIN no. The TLS certificate of the service, or of a TLS-intercepting proxy, is not trusted: set AWS_CA_BUNDLE to a PEM file with the CA that signed it.',
    ],
    [
      'the proxy refuses',
      network('ERR_PROXY_TUNNEL', 'no', { statusCode: 407 }),
      'ProxyRefused: ERR_PROXY_TUNNEL no. The proxy refused the connection: check user and password in HTTPS_PROXY or HTTP_PROXY, and the rules of the proxy.',
    ],
    [
      'the credentials could not be renewed',
      new SyncError('credentials', 'The role refused.', { hint: 'Look at its trust policy.' }),
      'The role refused. Look at its trust policy.',
    ],
    [
      'an error has no remedy',
      new SyncError('credentials', 'The role refused.'),
      'The role refused.',
    ],
  ])('gives a warning with what to do where %s', async (_, error, reason) => {
    const { warning } = await send({ put: () => Promise.reject(error) })
    expect(warning).toBe(
      `Metrics could not be sent to CloudWatch: ${reason} To send none, set cloudwatch-metrics: false.`,
    )
  })
})
