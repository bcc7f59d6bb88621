import { toBytes, toText } from './bytes.ts'
import type { Fault, RequestInfo } from './faults.ts'
import { emptyReply, xmlReply } from './reply.ts'
import { readPayload } from './s3/payload.ts'
import type { ObjectStore } from './store.ts'
import { allElements, element, s3Document, textOf } from './xml.ts'

/** Keys that a request would delete, as text. */
export function keysToDelete(request: RequestInfo): string[] {
  if (request.operation === 'DeleteObject') return [request.key]
  if (request.operation !== 'DeleteObjects') return []
  const xml = readPayload(request).bytes.toString('latin1')
  return allElements(xml, 'Object').map((object) => toText(textOf(object, 'Key') ?? ''))
}

/** A service that ends its first page after so many keys and calls that the whole listing. */
export const endsListingsAfter =
  (most: number): Fault =>
  async (_request, next) => {
    const reply = await next()
    if (typeof reply.body !== 'string') return reply
    const rows = reply.body.match(/<Contents>.*?<\/Contents>/gs) ?? []
    const body = rows
      .slice(most)
      .reduce((xml, row) => xml.replace(row, ''), reply.body)
      .replace(/<NextContinuationToken>.*?<\/NextContinuationToken>/, '')
      .replace('<IsTruncated>true<', '<IsTruncated>false<')
      .replace(/(?<=<KeyCount>)\d+/, String(Math.min(most, rows.length)))
    return { ...reply, body }
  }

/** A service that knows objects by another spelling of their keys, and lists them so. */
export const spelled =
  (spelling: (key: string) => string): Fault =>
  (request, next) => {
    const key = spelling(request.key)
    Object.assign(request, { key, keyBytes: toBytes(key) })
    return next()
  }

/** A service whose XML parser trims: DeleteObjects hits the objects that are left without the blanks. */
export const trimsKeys =
  (store: ObjectStore): Fault =>
  (request) => {
    const rows = keysToDelete(request).map((key) => {
      store.delete(request.bucket, key.trim())
      return `<Deleted>${element('Key', toBytes(key.trim()))}</Deleted>`
    })
    return xmlReply(s3Document('DeleteResult', rows.join('')))
  }

/** Does what was asked, and names an object beside it. */
export const namesAnother =
  (key: string): Fault =>
  async (_request, next) => {
    const reply = await next()
    if (typeof reply.body !== 'string') return emptyReply(204)
    const other = `<Deleted>${element('Key', toBytes(key))}</Deleted></DeleteResult>`
    return { ...reply, body: reply.body.replace('</DeleteResult>', other) }
  }

/** A service that takes conditions on deletes, and answers as if it had looked at them. */
export const ignoresConditions =
  (store: ObjectStore): Fault =>
  (request) => {
    const rows = keysToDelete(request).map((key) => {
      store.delete(request.bucket, key)
      return `<Deleted>${element('Key', toBytes(key))}</Deleted>`
    })
    if (request.operation === 'DeleteObject') return emptyReply(204)
    return xmlReply(s3Document('DeleteResult', rows.join('')))
  }
