import { isOneSlipFrom } from '../model/one-slip.ts'
import type { Host } from '../ports.ts'
import { INPUT_NAMES, type InputName } from './schema.ts'

/** What a step was given under names that this action does not know. */
export interface UnknownNames {
  /** Each one slip away from an input, or once an input: whoever wrote `exlude` counts on what it protects. */
  readonly refused: readonly { readonly input: string; readonly text: string }[]
  /** Without effect. */
  readonly others: readonly string[]
}

/** Shorter names are too near to too much. */
const LEAST_LETTERS = 5

/** The input that a name of no input is one slip away from; undefined where there is none. */
export const inputNear = (name: string): InputName | undefined =>
  INPUT_NAMES.find((input) => input.length >= LEAST_LETTERS && isOneSlipFrom(name, input))

/** Former inputs that rules of `headers` stand for, and what a rule says instead. */
const IN_HEADERS: ReadonlyMap<string, string> = new Map([
  ['content-disposition', 'content-disposition: attachment'],
  ['content-encoding', 'content-encoding: gzip'],
  ['metadata', 'metadata: { name: value }'],
])

/** What to write in place of a name that was an input; undefined where it never was. */
export function formerInput(name: string): string | undefined {
  const field = IN_HEADERS.get(name.replaceAll('_', '-').toLowerCase())
  return field && `is no longer an input: set it with headers, such as - { files: ['*'], ${field} }`
}

/** The names that the runner hands on: it sets `INPUT_EXLUDE` though the action knows no such input. */
const namesGiven = (env: Host['env']): readonly string[] =>
  Object.keys(env)
    .filter((variable) => variable.startsWith('INPUT_') && variable !== 'INPUT_')
    .map((variable) => variable.slice('INPUT_'.length).toLowerCase())

/** Looks for names that no input has. */
export function unknownNames(env: Host['env']): UnknownNames {
  const known: ReadonlySet<string> = new Set(INPUT_NAMES)
  const refused: { input: string; text: string }[] = []
  const others: string[] = []
  for (const name of namesGiven(env).filter((given) => !known.has(given))) {
    const meant = inputNear(name)
    const text = meant ? `is not an input; write ${meant}` : formerInput(name)
    if (text) refused.push({ input: name, text })
    else others.push(name)
  }
  return { refused, others }
}
