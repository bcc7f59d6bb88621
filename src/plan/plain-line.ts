import type { CopyOp, DeleteOp, Op } from '../model/op.ts'
import { COPY_REASONS } from '../model/plan-words.ts'

/** What a key of nearly every object is made of: in JSON it stands as it is, and all of it is seen. */
const TEXT =
  '[ !#-\\[\\]-~\\u00c0-\\u024f\\u0410-\\u044f\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fff\\uac00-\\ud7a3]*'
const ETAG = '[!#-)+-\\[\\]-~]*'
/** Digits that any number can have and be written so again. */
const SIZE = '0|[1-9]\\d{0,14}'
/** As we write it; of a 29th of February only a calendar knows whether there is one. */
const DAY =
  '(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31'
const TIME = `\\d{4}-(?:${DAY})T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z`

const COPY = new RegExp(
  [
    `^\\{"op":"copy","key":"(${TEXT})","to":"(${TEXT})","size":(${SIZE}),"etag":"(${ETAG})"`,
    `,"lastModified":"(${TIME})"(?:,"toEtag":"(${ETAG})")?(?:,"storageClass":"(\\w+)")?`,
    `(?:,"wave":([1-9]))?,"reason":"(${COPY_REASONS.join('|')})"\\}$`,
  ].join(''),
)
const DELETE = new RegExp(
  `^\\{"op":"delete","key":"(${TEXT})","size":(${SIZE}),"etag":"(${ETAG})"(?:,"lastModified":"(${TIME})")?,"reason":"only-at-destination"\\}$`,
)

function plainCopy(text: string): CopyOp | undefined {
  const found = COPY.exec(text)
  if (!found) return undefined
  const [, key = '', to = '', size, etag = '', lastModified = '', toEtag, storageClass, wave] =
    found
  return {
    op: 'copy',
    key,
    to,
    size: Number(size),
    etag,
    lastModified,
    ...(toEtag === undefined ? {} : { toEtag }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(wave === undefined ? {} : { wave: Number(wave) }),
    reason: found[9] as CopyOp['reason'],
  }
}

function plainDelete(text: string): DeleteOp | undefined {
  const found = DELETE.exec(text)
  if (!found) return undefined
  const [, key = '', size, etag = '', lastModified] = found
  return {
    op: 'delete',
    key,
    size: Number(size),
    etag,
    ...(lastModified === undefined ? {} : { lastModified }),
    reason: 'only-at-destination',
  }
}

/**
 * The op of a line that is written as we write nearly all of them. That it is one proves in a single look what parsing,
 * checking each field and writing it anew would prove. undefined: only they can tell what the line is.
 */
export const plainOp = (text: string): Op | undefined =>
  text.startsWith('{"op":"copy"') ? plainCopy(text) : plainDelete(text)
