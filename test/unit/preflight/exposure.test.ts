import { describe, expect, it } from 'vitest'
import { exposures, isReadable } from '../../../src/preflight/exposure.ts'
import { noFiles, scriptedHost } from '../../ports.ts'
import { readRequest } from '../inputs/reading.ts'

const PLACES = { source: 's3://src/a/', destination: 's3://dst/b/' }

/** What is warned of with these inputs. */
async function warned(
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const all = { RUNNER_TEMP: '/tmp', ...env }
  const host = scriptedHost({ inputs: { ...PLACES, ...inputs }, env: all })
  return exposures(await readRequest(host, noFiles), host.env)
}

describe('a URL', () => {
  it.each(['http://minio:9000', 'http://10.0.0.1', 'http://192.168.1.2:80', 'http://128.0.0.1'])(
    '%s can be read on the way',
    (url) => expect(isReadable(url)).toBe(true),
  )

  it.each([
    'http://localhost:9000',
    'http://s3.localhost',
    'http://127.0.0.1:9000',
    'http://127.8.9.1',
    'http://[::1]:9000',
    'https://minio:9000',
  ])('%s cannot', (url) => expect(isReadable(url)).toBe(false))

  it.each(['http://127.0.0.1.evil.test', 'http://localhost.evil.test', 'http://notlocalhost'])(
    '%s is not this machine',
    (url) => expect(isReadable(url)).toBe(true),
  )
})

describe('what is sent, and to whom', () => {
  it('is nothing to tell of where all is AWS, or this machine', async () => {
    expect(await warned({})).toEqual([])
    const local = 'http://127.0.0.1:9000'
    expect(await warned({ 'endpoint-url': local, 'sts-endpoint': local })).toEqual([])
  })

  it('is told where nobody checks certificates', async () => {
    const told = await warned({}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(told).toEqual([
      expect.stringMatching(
        /^The environment variable NODE_TLS_REJECT_UNAUTHORIZED is 0: .*Unset it/,
      ),
    ])
    expect(await warned({}, { NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([])
  })

  it('is told of an S3 that is asked over http, once for both sides', async () => {
    const told = await warned({ 'endpoint-url': 'http://minio:9000' })
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(
      /^Requests to http:\/\/minio:9000 \(source, destination\).*all objects.*session token/,
    )
  })

  it('is told of an STS that is asked over http: the secret key comes back that way', async () => {
    const role = { 'role-to-assume': 'arn:aws:iam::123456789012:role/Sync' }
    const told = await warned({ ...role, 'sts-endpoint': 'http://sts.internal:80' })
    expect(told).toEqual([expect.stringMatching(/sts\.internal.*\(STS\).*OIDC token.*secret key/)])
  })

  it('names no key where the source is read by nobody in particular', async () => {
    const open = { 'source-no-sign-request': 'true', 'source-endpoint-url': 'http://mirror.test' }
    const told = await warned(open)
    expect(told).toEqual([expect.stringContaining('read and change all objects and their keys.')])
  })

  it('is told of one identity at two services, and of no identity of its own', async () => {
    const two = { 'source-endpoint-url': 'https://minio.test' }
    expect(await warned(two)).toEqual([
      expect.stringMatching(
        /^The same credentials .* are sent to https:\/\/minio\.test.* and to AWS/,
      ),
    ])
    expect(await warned({ ...two, 'source-profile': 'minio' })).toEqual([])
    expect(await warned({ ...two, 'source-no-sign-request': 'true' })).toEqual([])
  })
})
