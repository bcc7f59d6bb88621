import mime from 'mime'

const UNKNOWN = 'application/octet-stream'

/** Types whose readers take bytes for another encoding than UTF-8 unless they are told. */
const TEXT = /^text\/|^application\/(?:json|javascript|ecmascript|xml)$|\+(?:json|xml)$/

/** The content type that the name of a file stands for. */
export function guessedType(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  // A name that is nothing but an ending, such as `.html` or `html`, has none.
  return (/.\.[^.]+$/.test(name) && mime.getType(name)) || UNKNOWN
}

/** Whether the encoding of such content belongs to its type. */
export const wantsCharset = (type: string): boolean => TEXT.test(type)

/** The content type of a file by its name; `isUtf8`: whether its bytes are valid UTF-8, where that belongs to the type. */
export function contentTypeOf(key: string, isUtf8: boolean): string {
  const type = guessedType(key)
  return isUtf8 && wantsCharset(type) ? `${type}; charset=utf-8` : type
}
