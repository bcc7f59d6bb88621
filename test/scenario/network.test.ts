import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ForwardProxy, startForwardProxy } from 's3-direct-sync-testkit/forward-proxy.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { serve } from '../unit/s5cmd/install/stage.ts'

/** Only the proxy knows these names: a run that asks anything past it fails. */
const S3 = 's3.internal.test'
const STS = 'sts.internal.test'
const TOKEN = 'token.internal.test'
const LOGIN = { user: 'run ner', password: 'p@ss:w%rd/é' }
const OBJECTS = 40

let stage: Stage
let proxy: ForwardProxy

const open = async (tls: boolean, options: { login?: typeof LOGIN; more?: object } = {}) => {
  stage = await openStage({ tls })
  for (let i = 0; i < OBJECTS; i++) stage.kit.store.put('src', `data/${i}`, { body: `${i}` })
  const { endpoint, issuer } = stage.kit
  const { login, more } = options
  const hosts = { [S3]: endpoint, [STS]: endpoint, [TOKEN]: issuer.url, ...more }
  proxy = await startForwardProxy({ hosts, ...(login ? { login } : {}) })
}
afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

/** Runs the action as in a network whose only way out is the proxy. */
function run(
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const { endpoint, idTokenEnv, issuer } = stage.kit
  const scheme = new URL(endpoint).protocol
  const tokenUrl = idTokenEnv['ACTIONS_ID_TOKEN_REQUEST_URL']?.replace(
    issuer.url,
    `${scheme}//${TOKEN}`,
  )
  return stage.run(
    { 'endpoint-url': `${scheme}//${S3}`, 'sts-endpoint': `${scheme}//${STS}`, ...inputs },
    {
      env: {
        ...idTokenEnv,
        ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl ?? '',
        HTTP_PROXY: proxy.url,
        HTTPS_PROXY: proxy.url,
        ...env,
      },
    },
  )
}

/** Keys instead of a role, so that S3 is the first to be asked, and asked once. */
function byKeys() {
  const { accessKeyId, secretAccessKey } = stage.kit.iam.admin
  return {
    'role-to-assume': '',
    'sts-endpoint': '',
    'aws-access-key-id': accessKeyId,
    'aws-secret-access-key': secretAccessKey,
    'retry-count': '0',
  }
}

const oneError = (failed: StepResult): string => {
  expect(failed.outputs).toMatchObject({ result: 'failed', copied: '0' })
  expect(failed.annotations.errors).toHaveLength(1)
  expect(failed.log).not.toMatch(/^\s+at /m)
  return failed.annotations.errors[0]?.message ?? ''
}

describe.each(['s5cmd', 'direct'])('with engine %s', (engine) => {
  it('all that is plain HTTP goes through the proxy', async () => {
    await open(false)
    await using done = await run({ engine })
    expect(done.outputs).toMatchObject({ result: 'success', engine, copied: String(OBJECTS) })
    expect(stage.equal()).toBe(true)
    const { requests } = proxy
    expect(requests[TOKEN]).toBe(stage.kit.issuer.requests())
    expect((requests[S3] ?? 0) + (requests[STS] ?? 0)).toBe(stage.kit.counters.total())
    expect(requests[STS]).toBeGreaterThan(1)
  })

  it('all that is HTTPS goes through tunnels, and trusts AWS_CA_BUNDLE', async () => {
    await open(true, { login: LOGIN })
    await using done = await run({ engine }, { AWS_CA_BUNDLE: loopbackTls().caFile })
    expect(done.outputs).toMatchObject({ result: 'success', engine, copied: String(OBJECTS) })
    expect(stage.equal()).toBe(true)
    const { requests, tunnels } = proxy
    expect(requests).toEqual({})
    expect(tunnels[TOKEN]).toBe(1)
    expect((tunnels[S3] ?? 0) + (tunnels[STS] ?? 0)).toBe(stage.kit.counters.connections())
    expect(tunnels[STS]).toBeGreaterThan(0)
    expect(done.log + JSON.stringify(done.outputs)).not.toContain('p%40ss')
  })
})

describe('one clear error tells', () => {
  it('that NO_PROXY keeps the run from the only way out', async () => {
    await open(false)
    await using failed = await run(byKeys(), { NO_PROXY: 'internal.test' })
    expect(oneError(failed)).toMatch(/s3\.internal\.test.*ENOTFOUND.*NO_PROXY/)
    expect(proxy.requests).toEqual({})
  })

  it('that a certificate is not trusted, and that AWS_CA_BUNDLE is the remedy', async () => {
    await open(true)
    await using s3 = await run(byKeys())
    expect(oneError(s3)).toMatch(
      /certificate of https:\/\/s\S+ is not trusted: [^;]*; set AWS_CA_BUNDLE/,
    )
    await using token = await run()
    expect(oneError(token)).toMatch(/token\.internal\.test.*certificate.*[;\n] ?.*AWS_CA_BUNDLE/)
  })

  it('that AWS_CA_BUNDLE cannot be used', async () => {
    await open(true)
    await using missing = await run({}, { AWS_CA_BUNDLE: '/nowhere/ca.pem' })
    expect(oneError(missing)).toMatch(/AWS_CA_BUNDLE .*\/nowhere\/ca\.pem: ENOENT.*; .*PEM/)
  })

  it.each([false, true])('that the proxy wants other credentials (TLS: %s)', async (tls) => {
    await open(tls, { login: LOGIN })
    const wrong = proxy.url.replace(/\/\/.*@/, '//somebody:elses-secret@')
    const env = { HTTP_PROXY: wrong, HTTPS_PROXY: wrong, AWS_CA_BUNDLE: loopbackTls().caFile }
    await using s3 = await run(byKeys(), env)
    expect(oneError(s3)).toMatch(/ProxyRefused: .*user and password/)
    await using token = await run({}, env)
    expect(oneError(token)).toMatch(/407.*[;\n].*user and password/)
    expect(s3.stdout + token.stdout).not.toContain('elses-secret')
  })

  it('that s5cmd does not know a CA that only Node was told of', async () => {
    await open(true)
    const env = { NODE_EXTRA_CA_CERTS: loopbackTls().caFile }
    await using failed = await run({ engine: 's5cmd', 'max-retries': '0', 'retry-count': '1' }, env)
    expect(oneError(failed)).toContain('AWS_CA_BUNDLE')
  })
})

describe('through the proxy comes', () => {
  it('s5cmd itself', async () => {
    const binary = await readFile(parts().s5cmd)
    await using mirror = await serve((_request, response) => response.end(binary))
    await open(false, { more: { 'mirror.internal.test': mirror.url } })
    await using done = await run({
      engine: 's5cmd',
      's5cmd-path': '',
      's5cmd-url': 'http://mirror.internal.test/s5cmd',
      's5cmd-sha256': createHash('sha256').update(binary).digest('hex'),
      'install-method': 'mirror',
    })
    expect(done.outputs).toMatchObject({ result: 'success', engine: 's5cmd' })
    expect(proxy.requests['mirror.internal.test']).toBe(1)
  })

  it('what the AWS SDK finds by a token file of its own', async () => {
    await open(false)
    await using job = await openJob()
    const file = join(job.home, 'token')
    await writeFile(file, stage.kit.issuer.sign())
    await using done = await run(
      { 'role-to-assume': '' },
      {
        AWS_WEB_IDENTITY_TOKEN_FILE: file,
        AWS_ROLE_ARN: stage.roleArn,
        AWS_ENDPOINT_URL_STS: `http://${STS}`,
      },
    )
    expect(done.outputs).toMatchObject({ result: 'success' })
    expect(proxy.requests[STS]).toBe(2)
  })
})
