import { hash } from 'node:crypto'
import { textOf } from '../../adapters/error-answer.ts'
import { escapeUri } from '../../adapters/escape-uri.ts'
import type { WireAnswer } from '../../adapters/wire.ts'
import { element, elements, rootOf } from '../../adapters/xml.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { isMissing, isPuzzled, serviceFailure } from '../../errors/service-failure.ts'
import { kmsKeyIn } from '../../model/arn.ts'
import { type ChecksumValues, wholeChecksums } from '../../model/checksum.ts'
import { leavesMd5, otherEtag, plainEtag } from '../../model/etag.ts'
import type { Limit } from '../../model/limit.ts'
import { PART_SIZE, statedPartBytes } from '../../model/part-size.ts'
import type { Capabilities } from '../capabilities.ts'
import type {
  ByteRange,
  Content,
  Described,
  HeadResult,
  ObjectAddress,
  ObjectHeaders,
  Objects,
  PartedChecksum,
  PinnedObject,
  RequestLimit,
  UploadPart,
  WantedBytes,
  WriteCondition,
} from '../store.ts'
import { askPage } from './lists.ts'
import { type Call, escapeKey, type Send } from './sender.ts'

/** A condition on an ETag; none where nobody told the ETag. */
const bindingTo = (name: string, etag: string): ObjectHeaders =>
  etag === '' ? {} : { [name]: `"${etag}"` }

const readCondition = ({ etag, unasked }: PinnedObject): ObjectHeaders =>
  unasked ? {} : bindingTo('if-match', etag)

const conditionOf = (only: WriteCondition | undefined): ObjectHeaders =>
  only === undefined
    ? {}
    : only === 'absent'
      ? { 'if-none-match': '*' }
      : bindingTo('if-match', only.etag)

/** The header names bucket and key, a space as %20. */
function sourceHeaders({ bucket, key, etag, unasked, versionId }: PinnedObject): ObjectHeaders {
  const version = versionId === undefined ? '' : `?versionId=${escapeUri(versionId)}`
  const copied = `${bucket}/${escapeKey(key)}${version}`
  return unasked || etag === ''
    ? { 'x-amz-copy-source': copied }
    : { 'x-amz-copy-source': copied, 'x-amz-copy-source-if-match': `"${etag}"` }
}

/** A query with the version that is asked for, in the order in which queries are signed. */
function versioned({ versionId }: ObjectAddress, query = ''): string {
  if (versionId === undefined) return query
  return `${query === '' ? '' : `${query}&`}versionId=${escapeUri(versionId)}`
}

const rangeOf = ({ first, last }: ByteRange): string => `bytes=${first}-${last}`

/** An ETag as S3 writes it into its answers. */
const USUAL_ETAG = /^(?:&quot;|&#34;|")([0-9a-f]{32}(?:-\d+)?)(?:&quot;|&#34;|")$/

function etagIn({ body }: WireAnswer): string {
  const text = body.toString('latin1')
  return USUAL_ETAG.exec(element(text, 'ETag') ?? '')?.[1] ?? plainEtag(textOf(text, 'ETag'))
}

const etagOn = ({ headers }: WireAnswer): string => plainEtag(headers.etag)

/** Without the ETag of a part nothing can be put together: that is a failure of the service, whatever it says. */
function partEtag(etag: string): string {
  if (etag !== '') return etag
  throw new ServiceError('InternalError', 'The service returned no ETag for a part.', {
    status: 500,
  })
}

function describedBy({ headers }: WireAnswer): Described {
  const named: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (typeof value === 'string') named[name] = value
  const whole = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['content-length']
  return {
    size: Number(whole ?? Number.NaN),
    etag: plainEtag(headers.etag),
    headers: named,
  }
}

/** Ten tags have 3,840 characters, each of which a service may write in sixteen bytes. */
const MOST_TAG_BYTES = 64 * 2 ** 10

/** As listings have it. */
const classOf = (name = ''): string => (name === 'STANDARD' ? '' : name)

function foundIn({ headers }: WireAnswer): HeadResult {
  const modified = Date.parse(headers['last-modified'] ?? '')
  const size = Number(headers[STORED_LENGTH] ?? headers['content-length'] ?? Number.NaN)
  const etag = plainEtag(headers.etag)
  return {
    size,
    etag,
    modified: Number.isNaN(modified) ? '' : new Date(modified).toISOString(),
    restored: /ongoing-request="false"/.test(String(headers['x-amz-restore'] ?? '')),
    partBytes: statedPartBytes(headers[`x-amz-meta-${PART_SIZE}`]?.toString(), { size, etag }),
    storageClass: classOf(headers['x-amz-storage-class']?.toString()),
    versionId: headers['x-amz-version-id']?.toString(),
    kmsKey: kmsKeyIn(headers['x-amz-server-side-encryption-aws-kms-key-id']?.toString()),
    etagIsMd5: leavesMd5(
      headers['x-amz-server-side-encryption']?.toString(),
      headers['x-amz-server-side-encryption-customer-algorithm']?.toString(),
    ),
  }
}

const CHECKSUM_MODE: ObjectHeaders = { 'x-amz-checksum-mode': 'ENABLED' }

/**
 * Asks for the checksums that are stored with an object beside the rest. A service that does not know that question, as
 * Backblaze B2, is not asked it again: the same without it proves that it was this.
 */
async function withChecksums<T>(
  capabilities: Capabilities,
  ask: (headers: ObjectHeaders) => Promise<T>,
): Promise<T> {
  if (!capabilities.readChecksums) return ask({})
  try {
    return await ask(CHECKSUM_MODE)
  } catch (error) {
    if (!isPuzzled(serviceFailure(error))) throw error
    const answer = await ask({}).catch(() => Promise.reject(error))
    capabilities.lacksReadChecksums()
    return answer
  }
}

const checksumsIn = ({ headers }: WireAnswer): ChecksumValues =>
  wholeChecksums(headers, plainEtag(headers.etag))

const md5 = (bytes: Uint8Array): string => hash('md5', bytes, 'base64')

function tagsIn({ body }: WireAnswer): string {
  const document = rootOf(body.toString('latin1'), 'Tagging')
  if (document === undefined)
    throw new ServiceError('Unanswered', 'The response of the service is not a Tagging.', {
      status: 200,
    })
  const tags = [...elements(document, 'Tag')]
  return tags
    .map((tag) => ['Key', 'Value'].map((name) => escapeUri(textOf(tag, name) ?? '')).join('='))
    .join('&')
}

function partQuery({ upload, number }: Parameters<Objects['putPart']>[0]): string {
  return `partNumber=${number}&uploadId=${escapeUri(upload.uploadId)}`
}

/** Of S3's elements, as both SDKs name it. */
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

function partList(etags: readonly string[]): Uint8Array {
  const parts = etags.map(
    (etag, at) => `<Part><ETag>"${etag}"</ETag><PartNumber>${at + 1}</PartNumber></Part>`,
  )
  return Buffer.from(
    `<CompleteMultipartUpload xmlns="${NAMESPACE}">${parts.join('')}</CompleteMultipartUpload>`,
  )
}

function uploadOf(to: ObjectAddress, { body }: WireAnswer) {
  const uploadId = textOf(body.toString('latin1'), 'UploadId')
  if (uploadId) return { ...to, uploadId }
  throw new ServiceError(
    'InternalError',
    'The service started a multipart upload without returning an upload ID.',
    {
      status: 500,
    },
  )
}

const WHOLE_TYPE: ObjectHeaders = { 'x-amz-checksum-type': 'FULL_OBJECT' }

const wholeHeaders = ({ algorithm }: PartedChecksum): ObjectHeaders => ({
  'x-amz-checksum-algorithm': algorithm,
  ...WHOLE_TYPE,
})

const proofHeaders = ({ algorithm, value }: PartedChecksum): ObjectHeaders =>
  value === undefined
    ? WHOLE_TYPE
    : { [`x-amz-checksum-${algorithm.toLowerCase()}`]: value, ...WHOLE_TYPE }

const notGone = (error: unknown): void => {
  if (serviceFailure(error).code !== 'NoSuchUpload') throw error
}

const bodyHeaders = (bytes: Uint8Array): ObjectHeaders => ({ 'content-md5': md5(bytes) })

const partHeaders = ({ md5, crc32 }: NonNullable<UploadPart['proof']>): ObjectHeaders => ({
  'content-md5': md5,
  ...(crc32 === undefined ? {} : { 'x-amz-checksum-crc32': crc32 }),
})

type Wholes = Pick<Objects, 'copy' | 'put'>
type Reads = Pick<Objects, 'stat' | 'page' | 'describe' | 'tags' | 'read'>

/** Writes of whole objects. */
const wholes = (send: Send): Wholes => ({
  copy: (from, { to, only, headers }, limit) => {
    const all = { ...headers, ...conditionOf(only), ...sourceHeaders(from) }
    return send({ method: 'PUT', on: to, headers: all }, limit).then(etagIn)
  },
  put: async ({ to, only, headers }, body, limit) => {
    // Who has read the bytes may know their digest.
    const digest = headers['content-md5'] === undefined ? bodyHeaders(body) : {}
    const all = { ...headers, ...conditionOf(only), ...digest }
    return etagOn(await send({ method: 'PUT', on: to, headers: all, body }, limit))
  },
})

/** Writes of objects in parts. */
const uploads = (send: Send): Omit<Objects, keyof Wholes | keyof Reads> => ({
  startUpload: async ({ to, headers, whole }, limit) => {
    const all = whole ? { ...headers, ...wholeHeaders(whole) } : headers
    const call = { method: 'POST', on: to, query: 'uploads=', headers: all } as const
    return uploadOf(to, await send(call, limit))
  },
  copyPart: async (part, { range, ...from }, limit) => {
    const headers = { ...sourceHeaders(from), 'x-amz-copy-source-range': rangeOf(range) }
    const call = { method: 'PUT', on: part.upload, query: partQuery(part), headers } as const
    return partEtag(etagIn(await send(call, limit)))
  },
  putPart: async (part, body, limit) => {
    const headers = part.proof ? partHeaders(part.proof) : bodyHeaders(body)
    const call = { method: 'PUT', on: part.upload, query: partQuery(part), headers, body } as const
    return partEtag(etagOn(await send(call, limit)))
  },
  completeUpload: async (upload, { etags, only, whole }, limit) => {
    const query = `uploadId=${escapeUri(upload.uploadId)}`
    const proof = whole ? proofHeaders(whole) : {}
    const headers = { ...conditionOf(only), ...proof, 'content-type': 'application/xml' }
    const body = partList(etags)
    return etagIn(await send({ method: 'POST', on: upload, query, headers, body }, limit))
  },
  abortUpload: async (upload, limit) => {
    const query = `uploadId=${escapeUri(upload.uploadId)}`
    await send({ method: 'DELETE', on: upload, query }, limit).catch(notGone)
  },
})

/** Some services do not heed `If-Match`: the answer must say itself that it is of the object that was asked for. */
function pinnedTo(etag: string, described: Described): Described {
  if (!otherEtag(described.etag, etag)) return described
  throw new ServiceError('PreconditionFailed', 'The ETag of the object has changed.', {
    status: 412,
  })
}

const otherBytes = (): ServiceError =>
  new ServiceError('InvalidRange', 'The service returned a different range than requested.', {
    status: 416,
  })

/** Throws where an answer is not of the bytes that were asked for, or is shorter: then it is no answer. */
function mustBe(
  { status, headers }: WireAnswer,
  { bytes, range }: WantedBytes,
  received: number,
): void {
  const sent = headers['content-range'] ?? ''
  const wanted = range && `bytes ${range.first}-${range.last}/`
  if (wanted ? status !== 206 || !sent.startsWith(wanted) : status !== 200) throw otherBytes()
  if (received === bytes) return
  throw new ServiceError('RequestError', `${received} of ${bytes} bytes were received.`, { status })
}

/** More bytes than were asked for are other ones. */
function notMore(error: unknown): never {
  throw serviceFailure(error).code === 'AnswerTooLong' ? otherBytes() : error
}

/** The size of what is stored, where the service would send it unpacked. */
const STORED_LENGTH = 'x-goog-stored-content-length'
const STORED_ENCODING = 'x-goog-stored-content-encoding'

/** Whether an answer is of the object as it would come unpacked. */
const isUnpacked = ({ headers }: WireAnswer): boolean =>
  headers['content-encoding'] === undefined &&
  headers[STORED_ENCODING] !== undefined &&
  headers[STORED_ENCODING] !== 'identity'

/** HEAD of an object as it is stored. */
async function headOf(send: Send, call: Call, limit: RequestLimit): Promise<WireAnswer> {
  const answer = await send(call, limit)
  return isUnpacked(answer) ? await send({ ...call, asStored: true }, limit) : answer
}

/** Reads bytes; where others come than are stored, asks once for what is stored. */
async function bytesOf(
  send: Send,
  object: PinnedObject,
  what: WantedBytes,
  asked: ObjectHeaders,
  limit: RequestLimit,
): Promise<Content> {
  const { bytes: mostBytes } = what
  const headers = { ...readCondition(object), ...asked }
  const call = { method: 'GET', on: object, query: versioned(object), headers } as const
  const ask = async (asStored: boolean): Promise<Content> => {
    const sink = what.into?.()
    try {
      const answer = sink ? { mostBytes, into: sink } : { mostBytes }
      const sent = await send({ ...call, answer, asStored }, limit).catch(notMore)
      const described = pinnedTo(object.etag, describedBy(sent))
      mustBe(sent, what, sink?.bytes ?? sent.body.length)
      await sink?.end()
      return { ...described, bytes: sent.body }
    } catch (error) {
      // What it still writes would come behind what the next attempt does.
      await sink?.drop()
      throw error
    }
  }
  try {
    return await ask(false)
  } catch (error) {
    const { code, status } = serviceFailure(error)
    const isOther = code === 'InvalidRange' || (code === 'RequestError' && status === 200)
    if (!isOther) throw error
    return await ask(true).catch(() => Promise.reject(error))
  }
}

const reads = (send: Send, capabilities: Capabilities): Reads => ({
  stat: async (on, limit, what) => {
    const ask = (headers: ObjectHeaders) =>
      send({ method: 'HEAD', on, query: versioned(on), headers }, limit)
    try {
      const answer = await (what ? withChecksums(capabilities, ask) : ask({}))
      return what ? { ...foundIn(answer), checksums: checksumsIn(answer) } : foundIn(answer)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  },
  page: (query, limit) => {
    const form = { encoded: capabilities.encodesKeys, tellsRestored: false }
    return askPage(send, query, form, limit)
  },
  describe: async (object, limit, what) => {
    const query = versioned(object, what === 'first-part' ? 'partNumber=1' : '')
    const ask = (asked: ObjectHeaders) => {
      const headers = { ...readCondition(object), ...asked }
      return headOf(send, { method: 'HEAD', on: object, headers, query }, limit)
    }
    const answer = await (what === 'with-checksums' ? withChecksums(capabilities, ask) : ask({}))
    return pinnedTo(object.etag, describedBy(answer))
  },
  tags: async (on, limit) =>
    tagsIn(
      await send(
        {
          method: 'GET',
          on,
          query: versioned(on, 'tagging='),
          answer: { mostBytes: MOST_TAG_BYTES },
        },
        limit,
      ),
    ),
  read: (object, what, limit) => {
    const ask = (asked: ObjectHeaders) => bytesOf(send, object, what, asked, limit)
    // Of a range no checksum is stored.
    return what.range ? ask({ range: rangeOf(what.range) }) : withChecksums(capabilities, ask)
  },
})

/** Deletes one object while it has its ETag. */
export async function deletePinned(send: Send, object: PinnedObject, limit: Limit): Promise<void> {
  await send({ method: 'DELETE', on: object, headers: readCondition(object) }, limit)
}

/** Objects of a service, by our own requests: they cost a tenth of the SDK's. */
export const s3Objects = (send: Send, capabilities: Capabilities): Objects => ({
  ...wholes(send),
  ...uploads(send),
  ...reads(send, capabilities),
})
