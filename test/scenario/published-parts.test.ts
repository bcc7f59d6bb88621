import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { serviceOf } from '../../src/model/service.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'

const MIB = 2 ** 20
const LIMIT = { timeoutMs: 10_000 }

const storeAt = (endpoint: string, keys: { accessKeyId: string; secretAccessKey: string }): Store =>
  s3Store({
    service: serviceOf({ endpoint, region: 'us-east-1' }),
    credentials: async () => keys,
    onExpired: () => {},
    timeoutMs: 5000,
    maxAttempts: 1,
    maxSockets: 4,
  })

/** An object that was uploaded in two parts, as large artifacts are. */
async function uploadInParts({ objects }: Store, key: string): Promise<string> {
  const to = { bucket: 'src', key }
  const upload = await objects.startUpload({ to, only: undefined, headers: {} }, LIMIT)
  const etags = [
    await objects.putPart({ upload, number: 1 }, Buffer.alloc(6 * MIB, 'a'), LIMIT),
    await objects.putPart({ upload, number: 2 }, Buffer.alloc(MIB, 'b'), LIMIT),
  ]
  return objects.completeUpload(upload, { etags, only: undefined }, LIMIT)
}

describe('an object that was uploaded in parts, and is published once', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
    return () => stage[Symbol.asyncDispose]()
  })

  const publish = (inputs = {}) => stage.run({ overwrite: 'never', ...inputs })

  it('keeps its ETag, so that the next run finds it published', async () => {
    const { endpoint, iam, store } = stage.kit
    const source = storeAt(endpoint, iam.admin)
    const etag = await uploadInParts(source, 'data/app.tar')
    source.close()
    await using first = await publish()
    expect(first.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(store.facts('dst', 'copy/app.tar')?.etag).toBe(etag)
    await using second = await publish()
    expect(second.outputs['result']).toBe('nothing-to-do')
  })

  it('keeps its ETag through the runner as well, from a real service', async () => {
    const weed = await startSeaweedFS({ buckets: ['src'] })
    const source = storeAt(weed.endpoint, weed.admin)
    try {
      const etag = await uploadInParts(source, 'data/app.tar')
      const inputs = {
        'source-endpoint-url': weed.endpoint,
        'source-aws-access-key-id': weed.admin.accessKeyId,
        'source-aws-secret-access-key': weed.admin.secretAccessKey,
      }
      await using first = await publish(inputs)
      expect(first.outputs).toMatchObject({ result: 'success', copied: '1' })
      expect(stage.kit.store.facts('dst', 'copy/app.tar')?.etag).toBe(etag)
      await using second = await publish(inputs)
      expect(second.outputs['result']).toBe('nothing-to-do')
    } finally {
      source.close()
      await weed.close()
    }
  })
})
