import { ISO_TIME } from '../model/iso-time.ts'
import type { CopyOp, DeleteOp, Op } from '../model/op.ts'
import { COPY_REASONS } from '../model/plan-words.ts'

/** What a key of nearly every object is made of: in JSON it stands as it is, and all of it is seen. */
const TEXT =
  '[ !#-\\[\\]-~\\u00c0-\\u024f\\u0410-\\u044f\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fff\\uac00-\\ud7a3]*'
const ETAG = '[!#-)+-\\[\\]-~]*'
/** Digits that any number can have and be written so again. */
const SIZE = '0|[1-9]\\d{0,14}'
const COPY = new RegExp(
  [
    `^\\{"op":"copy","key":"(${TEXT})","to":"(${TEXT})","size":(${SIZE}),"etag":"(${ETAG})"`,
    `,"lastModified":"(${ISO_TIME})"(?:,"toEtag":"(${ETAG})")?(?:,"storageClass":"(\\w+)")?`,
    `(?:,"wave":([1-9]))?,"reason":"(${COPY_REASONS.join('|')})"\\}$`,
  ].join(''),
)
const DELETE = new RegExp(
  `^\\{"op":"delete","key":"(${TEXT})","size":(${SIZE}),"etag":"(${ETAG})"(?:,"lastModified":"(${ISO_TIME})")?,"reason":"only-at-destination"\\}$`,
)

// By the million: to leave out what is undefined, or to take the groups as a list, would take twice as long.
function plainCopy(text: string): CopyOp | undefined {
  const found = COPY.exec(text)
  if (!found) return undefined
  const wave = found[8]
  return {
    op: 'copy',
    key: found[1] ?? '',
    to: found[2] ?? '',
    size: Number(found[3]),
    etag: found[4] ?? '',
    lastModified: found[5] ?? '',
    toEtag: found[6],
    storageClass: found[7],
    wave: wave === undefined ? undefined : Number(wave),
    reason: found[9] as CopyOp['reason'],
  }
}

function plainDelete(text: string): DeleteOp | undefined {
  const found = DELETE.exec(text)
  if (!found) return undefined
  return {
    op: 'delete',
    key: found[1] ?? '',
    size: Number(found[2]),
    etag: found[3] ?? '',
    lastModified: found[4],
    reason: 'only-at-destination',
  }
}

/**
 * The op of a line that is written as we write nearly all of them. That it is one proves in a single look what parsing,
 * checking each field and writing it anew would prove. undefined: only they can tell what the line is.
 */
export const plainOp = (text: string): Op | undefined =>
  text.startsWith('{"op":"copy"') ? plainCopy(text) : plainDelete(text)
