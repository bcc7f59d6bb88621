import { isOneSlipFrom } from '../model/one-slip.ts'
import type { Host } from '../ports.ts'
import { INPUT_NAMES, type InputName } from './schema.ts'

/** What a step was given under names that this action does not know. */
export interface UnknownNames {
  /** Each one slip away from an input: whoever wrote `exlude` counts on what it protects. */
  readonly mistyped: readonly { readonly input: string; readonly text: string }[]
  /** Without effect. */
  readonly others: readonly string[]
}

/** Shorter names are too near to too much. */
const LEAST_LETTERS = 5

/** The input that a name of no input is one slip away from; undefined where there is none. */
export const inputNear = (name: string): InputName | undefined =>
  INPUT_NAMES.find((input) => input.length >= LEAST_LETTERS && isOneSlipFrom(name, input))

/** The names that the runner hands on: it sets `INPUT_EXLUDE` though the action knows no such input. */
const namesGiven = (env: Host['env']): readonly string[] =>
  Object.keys(env)
    .filter((variable) => variable.startsWith('INPUT_') && variable !== 'INPUT_')
    .map((variable) => variable.slice('INPUT_'.length).toLowerCase())

/** Looks for names that no input has. */
export function unknownNames(env: Host['env']): UnknownNames {
  const known: ReadonlySet<string> = new Set(INPUT_NAMES)
  const mistyped: { input: string; text: string }[] = []
  const others: string[] = []
  for (const name of namesGiven(env).filter((given) => !known.has(given))) {
    const meant = inputNear(name)
    if (meant) mistyped.push({ input: name, text: `is not an input; write ${meant}` })
    else others.push(name)
  }
  return { mistyped, others }
}
