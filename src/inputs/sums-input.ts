import type { SumsRequest } from '../model/request.ts'
import { anyText } from './reader.ts'

const EXPECTED = 'expected true, false, or one or both of upload and read, such as upload,read'

/** `true`, or what is done beside the file, separated by commas or lines; `false`: nothing. */
export const sums = anyText.transform((text, context): SumsRequest | false => {
  const words = text.split(/[,\r\n]/).map((word) => word.trim())
  if (/^(true|True|TRUE)$/.test(text)) return { upload: false, read: false }
  if (/^(false|False|FALSE)$/.test(text)) return false
  const given = words.filter((word) => word !== '')
  if (given.length === 0 || given.some((word) => word !== 'upload' && word !== 'read'))
    context.addIssue(EXPECTED)
  return { upload: given.includes('upload'), read: given.includes('read') }
})
