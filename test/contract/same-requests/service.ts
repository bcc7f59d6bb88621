import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import {
  headerOf,
  type RecordedAnswer,
  type RecordedRequest,
  type Recorder,
  startRecorder,
} from 's3-direct-sync-testkit/recorder.ts'
import { ETAG } from './cases.ts'
import { REGION } from './senders.ts'

const xml = (root: string, content: string): RecordedAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`,
})

const HELLO = { 'content-type': 'text/plain', etag: `"${ETAG}"` }

/** An answer that content each of the clients. */
function answer(request: RecordedRequest): RecordedAnswer {
  const { method, target } = request
  const has = (name: string) => new RegExp(`[?&]${name}(=|&|$)`).test(target)
  const etag = `<ETag>"${ETAG}"</ETag>`
  if (method === 'DELETE') return { status: 204 }
  if (method === 'HEAD') return { status: 200, headers: { ...HELLO, 'content-length': '5' } }
  if (method === 'PUT') {
    if (!headerOf(request, 'x-amz-copy-source')) return { status: 200, headers: HELLO }
    return xml(has('partNumber') ? 'CopyPartResult' : 'CopyObjectResult', etag)
  }
  if (has('uploads')) return xml('InitiateMultipartUploadResult', '<UploadId>u</UploadId>')
  if (has('uploadId')) return xml('CompleteMultipartUploadResult', etag)
  if (has('delete')) {
    const keys = request.body.toString('latin1').match(/<Key>.*?<\/Key>/gs) ?? []
    const isAsStored = request.body.includes(ETAG)
    const rowOf = (key: string) =>
      isAsStored
        ? `<Deleted>${key}</Deleted>`
        : `<Error>${key}<Code>PreconditionFailed</Code><Message>no</Message></Error>`
    return xml('DeleteResult', keys.map(rowOf).join(''))
  }
  if (has('list-type')) return xml('ListBucketResult', '<IsTruncated>false</IsTruncated>')
  if (has('tagging')) return xml('Tagging', '<TagSet></TagSet>')
  if (!headerOf(request, 'range')) return { status: 200, headers: HELLO, body: 'hello' }
  const part = { ...HELLO, 'content-range': 'bytes 0-4/99' }
  return { status: 206, headers: part, body: 'hello' }
}

/** A recorder that answers as S3 does, under the names of AWS and of this machine. */
export interface RecordedService extends AsyncDisposable {
  readonly recorder: Recorder
  readonly caFile: string
}

/** Starts the service; its certificates are made for it alone. */
export async function startService(): Promise<RecordedService> {
  const folder = await mkdtemp(join(tmpdir(), 'recorded-'))
  const names = ['127.0.0.1', `*.s3.${REGION}.amazonaws.com`, `s3.${REGION}.amazonaws.com`]
  execFileSync(parts().python, ['-I', '-m', 'trustme', '-q', '-d', folder, '-i', ...names])
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  const door = { key: await read('server.key'), cert: await read('server.pem') }
  const recorder = await startRecorder(door, answer)
  return {
    recorder,
    caFile: join(folder, 'client.pem'),
    [Symbol.asyncDispose]: async () => {
      await recorder[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
