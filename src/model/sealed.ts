import { createHash } from 'node:crypto'
import { visibleJson } from './safe.ts'

/** What JSON is sealed by: sha256 of it, as it is written. */
export const sealOf = (value: object): string =>
  createHash('sha256').update(visibleJson(value)).digest('hex')

/** The text of a sealed file: the seal stands last, under the given name. */
export const sealedText = (value: object, name: string): string =>
  `${visibleJson({ ...value, [name]: sealOf(value) }, 2)}\n`

function opened(text: string, name: string): Readonly<Record<string, unknown>> | string {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || `${visibleJson(value, 2)}\n` !== text)
    return 'it was edited, or not written by this action'
  const { [name]: seal, ...sealed } = value as Readonly<Record<string, unknown>>
  return seal === sealOf(sealed)
    ? { ...sealed, [name]: seal }
    : `its ${name} does not match its content`
}

/**
 * What a sealed file holds, with its seal; in words, why it is none: so that nothing stands in it that another reader
 * takes otherwise, and nothing was changed by hand.
 */
export function unsealed(text: string, name: string): Readonly<Record<string, unknown>> | string {
  try {
    return opened(text, name)
  } catch (error) {
    return error instanceof SyntaxError ? 'it is not JSON' : 'it is nested too deeply'
  }
}
