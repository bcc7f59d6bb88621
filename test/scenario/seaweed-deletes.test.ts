import { readFile } from 'node:fs/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { runAction } from 's3-direct-sync-testkit/runner.ts'
import { roleArn } from 's3-direct-sync-testkit/seaweedfs.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSeaweedStage, type SeaweedStage } from './seaweed-stage.ts'

let stage: SeaweedStage
const run = (inputs: Readonly<Record<string, string>>) =>
  runAction({
    inputs: { ...inputs, delete: 'true', 'max-delete': '100%', 'role-to-assume': roleArn('All') },
    env: stage.issuer.env,
  })
const keysAt = async (bucket: string, prefix: string) =>
  [...(await stage.contents(bucket, prefix)).keys()].sort()

/** Another service, which keeps every key as it is: its inputs as the source, of a bucket with some objects. */
async function openSource(names: readonly string[], bucket = 'src') {
  const kit = await startTestkit()
  for (const name of names) kit.store.put(bucket, `data/${name}`, { body: name })
  const keys = kit.iam.admin
  return {
    inputs: {
      source: `s3://${bucket}/data/`,
      'source-endpoint-url': kit.endpoint,
      'source-aws-access-key-id': keys.accessKeyId,
      'source-aws-secret-access-key': keys.secretAccessKey,
    },
    [Symbol.asyncDispose]: () => kit.close(),
  }
}

beforeAll(async () => {
  stage = await openSeaweedStage()
}, 60_000)
afterAll(() => stage[Symbol.asyncDispose]())

describe('deletes on a SeaweedFS that keeps keys without repeated slashes', () => {
  it('leave all three objects there in four runs, and the keys that cannot be mirrored are named', async () => {
    const names = ['/lead', 'c//d', 'plain.txt']
    // This source is another service's, which keeps such keys; SeaweedFS shows them to nobody.
    await using source = await openSource(names)
    const held = ['names/c/d', 'names/lead', 'names/plain.txt']
    const inputs = {
      ...stage.inputs('names'),
      ...source.inputs,
      destination: 's3://dst/names/',
    }
    await using first = await run(inputs)
    expect(first.outputs).toMatchObject({ copied: '3', deleted: '0' })
    expect(await keysAt('dst', 'names/')).toEqual(held)
    for (let again = 0; again < 3; again++) {
      await using result = await run(inputs)
      expect(result.exitCode).toBe(1)
      expect(result.outputs).toMatchObject({ deleted: '0', 'planned-deletes': '2' })
      const rows = (await readFile(result.outputs['failed-path'] ?? '', 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(rows.map(({ op, key, code }) => [op, key, code]).sort()).toEqual([
        ['copy', 'data//lead', 'StoredUnderAnotherName'],
        ['copy', 'data/c//d', 'StoredUnderAnotherName'],
        ['delete', 'names/c/d', 'StoredUnderAnotherName'],
        ['delete', 'names/lead', 'StoredUnderAnotherName'],
      ])
      expect(await keysAt('dst', 'names/')).toEqual(held)
    }
  }, 120_000)
})

describe('one bucket of SeaweedFS at two endpoints', () => {
  it('is refused where its own objects would be extra, and all of them stay', async () => {
    await stage.put(['twice/2025-01/a', 'twice/2025-02/b'])
    const at = {
      source: 's3://src/twice/',
      'endpoint-url': stage.seaweed.endpoint,
      'destination-endpoint-url': stage.seaweed.endpoint.replace('127.0.0.1', 'localhost'),
      'sts-endpoint': stage.seaweed.endpoint,
    }
    const keys = {
      'key-pattern': '^(?<y>\\d+)-(?<m>\\d+)/',
      'key-template': 'y={y}/m={m}/{name}',
    }
    const before = await keysAt('src', 'twice/')
    for (const inputs of [
      { ...at, ...keys, destination: 's3://src/twice/' },
      { ...at, ...keys, destination: 's3://src/twice/copy/' },
      { ...at, destination: 's3://src/twice/', compare: 'always' },
    ]) {
      await using result = await run({ ...stage.inputs('twice'), ...inputs })
      expect(result.exitCode).toBe(1)
      expect(result.outputs['failure-kind']).toMatch(/guard|input/)
      expect(await keysAt('src', 'twice/')).toEqual(before)
    }
  }, 60_000)

  it('is two where two services have one name for theirs', async () => {
    await using source = await openSource(['a', 'b'], 'dst')
    await stage.admin.send(
      new PutObjectCommand({ Bucket: 'dst', Key: 'data/extra', Body: 'only here' }),
    )
    const inputs = { ...stage.inputs('data'), ...source.inputs, destination: 's3://dst/data/' }
    await using result = await run(inputs)
    expect(result.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '1' })
    expect(await keysAt('dst', 'data/')).toEqual(['data/a', 'data/b'])
  }, 60_000)
})
