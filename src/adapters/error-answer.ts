import type { ServiceError } from '../errors/service-error.ts'
import { answeredFailure, ofPage } from '../errors/service-failure.ts'
import { element, plainText } from './xml.ts'

const decoded = (text: string): string => Buffer.from(plainText(text), 'latin1').toString()

/** Text of the first element of a kind in a body that was read as latin1. */
export const textOf = (xml: string, name: string): string | undefined => {
  const text = element(xml, name)
  return text === undefined ? undefined : decoded(text)
}

/** A failure, and the code that the answer told. */
export interface ToldFailure {
  readonly said: string | undefined
  readonly error: ServiceError
}

/** Whether a text begins as what browsers show. */
export const isWebPage = (text: string): boolean => /^\s*<(?:!doctype html|html)\b/i.test(text)

/** What the body of an answer says is wrong; it may be cut off behind its beginning. */
export function toldFailure(status: number, body: Buffer): ToldFailure {
  const text = body.toString('latin1')
  const said = textOf(text, 'Code') || undefined
  const [, open = ''] = text.split('<Message>', 2)
  const told = decoded(open.split('</Message>', 1)[0] ?? '')
  const message = isWebPage(text) ? ofPage(status) : told
  return { said, error: answeredFailure({ status, code: said, message }) }
}
