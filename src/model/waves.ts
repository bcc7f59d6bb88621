import { anyTakes, idleOf, type Watched, watched } from './globs.ts'

/** Globs of wave 1, 2 and so on: what none of them takes is wave 0, and goes first. */
export type WaveGlobs = readonly (readonly string[])[]

/** What is published in which order. */
export interface WaveRules {
  /** The name that stands for the globs; undefined where they were given one by one. */
  readonly recipe?: string | undefined
  readonly globs: WaveGlobs
}

/** Waves behind wave 0 at most. */
export const MOST_WAVES = 9

/** Tells keys their waves, and sees which globs took none. */
export class WaveOrder {
  readonly #waves: readonly (readonly Watched[])[]
  readonly #recipe: string | undefined

  constructor({ globs, recipe }: WaveRules) {
    this.#waves = globs.map(watched)
    this.#recipe = recipe
  }

  /** The wave of a key, which is relative to the destination: the latest one that takes it. */
  of(key: string): number {
    let wave = 0
    for (let at = this.#waves.length; at > 0; at--)
      if (anyTakes(this.#waves[at - 1] ?? [], key, wave > 0) && wave === 0) wave = at
    return wave
  }

  /** Whether `idle` tells of any. */
  get hasIdle(): boolean {
    const isIdle = ({ idle }: Watched) => idle
    return this.#recipe === undefined
      ? this.#waves.some((globs) => globs.some(isIdle))
      : this.#waves.every((globs) => globs.every(isIdle))
  }

  /** Globs that took none of the keys so far; of a recipe only its name, where none of its globs took any. */
  idle(): readonly string[] {
    if (this.#recipe === undefined) return this.#waves.flatMap(idleOf)
    return this.hasIdle ? [this.#recipe] : []
  }
}
