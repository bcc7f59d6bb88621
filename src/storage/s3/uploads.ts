import { ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3'
import { fromUrlEncoded } from '../../adapters/xml.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { toText } from '../../model/key.ts'
import { PageWatch } from '../../model/page-watch.ts'
import type { FoundUpload } from '../store.ts'

/** A key as text; one that is not valid UTF-8 has none, and none of ours is like that. */
const keyOf = (encoded: string): string => toText(fromUrlEncoded(encoded)) ?? ''

/** The SDK's parser holds up all else while it reads a page: so many of the longest keys, each byte in three, are as much as it gets. */
const UPLOADS_PER_PAGE = 200
/** Who has left more than fifty thousand uploads unfinished needs a lifecycle rule. */
const MOST_UPLOAD_PAGES = 250

const endless = (why: string): ServiceError =>
  new ServiceError('AnswerTooLong', `The list of multipart uploads does not end: ${why}.`)

/** Unfinished uploads of keys that begin with the prefix, page by page. Throws where the pages lead nowhere. */
export async function* uploads(
  client: S3Client,
  { bucket: Bucket, prefix: Prefix }: { readonly bucket: string; readonly prefix: string },
  abortSignal: AbortSignal,
): AsyncGenerator<FoundUpload> {
  const watch = new PageWatch()
  let marker = {}
  for (let pages = 0; pages < MOST_UPLOAD_PAGES; pages++) {
    const input = { Bucket, Prefix, EncodingType: 'url', MaxUploads: UPLOADS_PER_PAGE } as const
    const page = await client.send(new ListMultipartUploadsCommand({ ...input, ...marker }), {
      abortSignal,
    })
    const encoded = page.EncodingType === 'url'
    for (const { Key = '', UploadId = '', Initiator } of page.Uploads ?? []) {
      const key = encoded ? keyOf(Key) : Key
      yield { bucket: Bucket, key, uploadId: UploadId, initiator: Initiator?.ID }
    }
    if (!page.IsTruncated || !page.NextUploadIdMarker) return
    const next = page.NextKeyMarker ?? ''
    const problem = watch.problemOf(`${next} ${page.NextUploadIdMarker}`, page.Uploads?.length ?? 0)
    if (problem) throw endless(problem)
    marker = {
      KeyMarker: encoded ? keyOf(next) : next,
      UploadIdMarker: page.NextUploadIdMarker,
    }
  }
  throw endless(`there are more than ${MOST_UPLOAD_PAGES} pages of them`)
}
