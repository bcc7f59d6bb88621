import { queryDecode, toText } from '../bytes.ts'
import { serviceError } from '../reply.ts'
import { invalidArgument } from './request-rules.ts'

/** Tags as byte strings. */
export type Tags = Readonly<Record<string, string>>

type Pair = readonly [key: string, value: string]

const MAX_TAGS = 10
const MAX_KEY_CHARS = 128
const MAX_VALUE_CHARS = 256

/** What AWS's own pattern of a tag lets through. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

const invalidTag = (message: string, key: string, value?: string) =>
  serviceError('InvalidTag', message, {
    details: { TagKey: key, ...(value === undefined ? {} : { TagValue: value }) },
  })

/** Lengths count in UTF-16, as S3 counts them. */
function checkTags(pairs: readonly Pair[]): void {
  if (pairs.length > MAX_TAGS) {
    throw serviceError('BadRequest', `Object tags cannot be greater than ${MAX_TAGS}`)
  }
  for (const [key, value] of pairs) {
    const keyText = toText(key)
    if (key === '' || keyText.length > MAX_KEY_CHARS || !TAG_TEXT.test(keyText)) {
      throw invalidTag('The TagKey you have provided is invalid', key)
    }
    const valueText = toText(value)
    if (valueText.length > MAX_VALUE_CHARS || !TAG_TEXT.test(valueText)) {
      throw invalidTag('The TagValue you have provided is invalid', key, value)
    }
  }
}

const hasTwins = (pairs: readonly Pair[]): boolean =>
  new Set(pairs.map(([key]) => key)).size < pairs.length

/** The tags of a document; throws BadRequest or InvalidTag as S3. */
export function documentTags(pairs: readonly Pair[]): Tags {
  checkTags(pairs)
  if (!hasTwins(pairs)) return Object.fromEntries(pairs)
  throw serviceError('InvalidTag', 'Cannot provide multiple Tags with the same key')
}

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/

/** Reads `x-amz-tagging`, a query string; throws InvalidArgument, BadRequest or InvalidTag as S3. */
export function headerTags(header: string | undefined): Tags {
  const parts = (header ?? '').split('&').filter((part) => part !== '')
  const pairs = parts.map((part): Pair => {
    const [name = '', ...value] = part.split('=')
    return [queryDecode(name), queryDecode(value.join('='))]
  })
  const isBroken =
    BROKEN_ESCAPE.test(header ?? '') || hasTwins(pairs) || pairs.some(([key]) => key === '')
  if (isBroken) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    )
  }
  checkTags(pairs)
  return Object.fromEntries(pairs)
}
