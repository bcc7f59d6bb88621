import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SharedBucket } from '../../src/run/shared-bucket.ts'
import { portsOfJobs, sessionOf } from '../jobs-bucket.ts'
import { read } from '../unit/inputs/reading.ts'
import { SERVICES, type ServiceName, servers, type TestService } from './services.ts'

/** More than goes in one request. */
const LARGE_BYTES = 9 * 2 ** 20 + 7
/** Services that put an upload in parts together whatever stands there, in spite of If-Match. */
const UNHEEDING: ReadonlySet<string> = new Set(['moto'])

describe.each(servers('testkit', 'seaweedfs', 'moto'))('a bucket that jobs share on %s', (name) => {
  let service: TestService
  let folder: string
  let bucket: SharedBucket
  beforeAll(async () => {
    service = await SERVICES[name as ServiceName]()
    folder = await mkdtemp(path.join(os.tmpdir(), 'shared-'))
    const request = await read({
      'endpoint-url': service.endpoint,
      'aws-region': 'us-east-1',
      destination: 's3://dst/copy/',
    })
    const shared = { bucket: 'dst', prefix: 'jobs/run 1+é/' }
    const session = sessionOf(service.keys)
    const { signal } = new AbortController()
    const asked = { input: 'plan-dir', folder: shared, request, session, signal } as const
    bucket = await SharedBucket.open(asked, portsOfJobs())
  }, 60_000)
  afterAll(async () => {
    bucket.close()
    await rm(folder, { recursive: true })
    await service[Symbol.asyncDispose]()
  })

  const leave = async (
    file: string,
    body: Uint8Array | string,
    only?: Parameters<SharedBucket['leave']>[2],
  ): Promise<void> => {
    await writeFile(path.join(folder, file), body)
    await bucket.leave({ folder, name: file }, `deep/${file}`, only)
  }
  const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')
  const etagOf = async (file: string): Promise<string> => {
    for await (const found of bucket.files('deep/'))
      if (found.name === `deep/${file}`) return found.etag
    return ''
  }

  it.each([
    ['in one request', 1000],
    ['empty', 0],
    ['in parts', LARGE_BYTES],
  ])('gives back what was left, %s', async (what, bytes) => {
    const body = randomBytes(bytes)
    const file = `${what.replaceAll(' ', '-')}.ndjson`
    await leave(file, body, 'absent')
    const into = path.join(folder, 'back')
    expect(await bucket.fetch(`deep/${file}`, into, bytes)).toBe('read')
    expect(sha256(await readFile(into))).toBe(sha256(body))
    if (bytes > 0) expect(await bucket.fetch(`deep/${file}`, into, bytes - 1)).toBe('too-large')
  })

  it('says what is not there', async () => {
    const into = path.join(folder, 'none')
    expect(await bucket.fetch('deep/nothing.json', into, 1000)).toBe('absent')
    const names: string[] = []
    for await (const found of bucket.files('nothing/')) names.push(found.name)
    expect(names).toEqual([])
  })

  it.each([
    ['one request', 10],
    ['parts', LARGE_BYTES],
  ])('takes a write of %s only over what was seen', async (what, bytes) => {
    const file = `bound-to-${what.replaceAll(' ', '-')}.json`
    await leave(file, 'first', 'absent')
    const seen = await etagOf(file)
    await leave(file, randomBytes(bytes), { etag: seen })
    for (const only of [{ etag: seen }, 'absent'] as const) {
      const late = leave(file, randomBytes(bytes), only)
      const isIgnored = only !== 'absent' && bytes === LARGE_BYTES && UNHEEDING.has(name)
      if (!isIgnored)
        await expect(late).rejects.toMatchObject({
          kind: 'plan',
          message: expect.stringContaining('Somebody else wrote s3://dst/jobs/run 1+é/deep/'),
        })
      else await late
    }
    // The same once more is what a lost answer leaves.
    await leave(file, 'last')
    await leave(file, 'last', 'absent')
  })
})
