import type { InputName } from './schema.ts'

/** What is wrong with an input, seen together with the others. */
export interface Problem {
  readonly input: InputName
  readonly text: string
}
