import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type Fault, fail } from 's3-direct-sync-testkit/faults.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LocalStage, openLocalStage } from '../local-stage.ts'

const MIB = 2 ** 20
const BIG = Buffer.alloc(12 * MIB, 'parts of five mebibytes ')

/** As objects are of before December 2024, and those of most other services. */
const withoutChecksums: Fault = async (_request, next) => {
  const reply = await next()
  const headers = Object.entries(reply.headers).filter(
    ([name]) => !name.startsWith('x-amz-checksum-'),
  )
  return { ...reply, headers: Object.fromEntries(headers) }
}

let local: LocalStage
beforeEach(async () => {
  local = await openLocalStage()
  local.stage.kit.faults.add({ match: { operation: 'HeadObject' }, fault: withoutChecksums })
})
afterEach(() => local[Symbol.asyncDispose]())

/** Uploads as another tool does: in parts of five mebibytes, without a checksum of the whole. */
async function uploadInParts(name: string, body: Buffer): Promise<void> {
  const { kit } = local.stage
  const client = new S3Client({
    endpoint: kit.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: kit.iam.admin,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
  const at = { Bucket: 'dst', Key: `copy/${name}` }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at))
  const Parts = []
  for (let first = 0, PartNumber = 1; first < body.length; first += 5 * MIB, PartNumber++) {
    const Body = body.subarray(first, first + 5 * MIB)
    const part = new UploadPartCommand({ ...at, UploadId, PartNumber, Body })
    Parts.push({ PartNumber, ETag: (await client.send(part)).ETag })
  }
  const all = { ...at, UploadId, MultipartUpload: { Parts } }
  await client.send(new CompleteMultipartUploadCommand(all))
  client.destroy()
}

describe('a file whose object another tool uploaded in parts', () => {
  it('is known by the size of the first part: it is no drift, not in the way, and not uploaded again', async () => {
    await local.put('big.bin', BIG)
    await uploadInParts('big.bin', BIG)
    for (const inputs of [{ mode: 'check' }, { overwrite: 'never' }, {}] as const) {
      await using run = await local.publish(inputs)
      expect(run.outputs, run.log).toMatchObject({ result: 'nothing-to-do', skipped: '1' })
    }
  })

  it('is uploaded where it holds something else, or where nothing tells how the object was cut', async () => {
    await local.put('other.bin', Buffer.from(BIG).fill('x', 11 * MIB))
    await uploadInParts('other.bin', BIG)
    await local.put('untold.bin', BIG)
    await uploadInParts('untold.bin', BIG)
    local.stage.kit.faults.add({
      match: ({ method, key, query }) =>
        method === 'HEAD' && key === 'copy/untold.bin' && query.get('partNumber') !== undefined,
      fault: fail(501, 'NotImplemented'),
    })
    await using check = await local.publish({ mode: 'check' })
    expect(check.outputs).toMatchObject({ result: 'drift', 'planned-copies': '2' })
    expect(check.annotations.errors[0]?.message).toContain('same size, different ETag: 2')
    await using run = await local.publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
  })
})
