/** Why a number is what it is. */
export type TuningRule =
  | 'asked-for'
  | 'size-class'
  | 'memory'
  | 'cores'
  | 'region'
  | 'link'
  | 'most-parts'

/** A number, and what made it so. */
export interface Tuned {
  readonly value: number
  readonly rule: TuningRule
}
