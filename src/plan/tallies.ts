import type { PlanTrailer, Tally } from '../model/op.ts'

/** Objects and bytes by reason, as they are counted. */
export type Tallies = Record<string, { objects: number; bytes: number }>

/** Objects and their bytes, as they are counted. */
export class Counter implements Tally {
  objects = 0
  bytes = 0

  /** Counts an object of so many bytes. */
  add(bytes: number): void {
    this.objects++
    this.bytes += bytes
  }
}

/** Counts objects under a reason. */
export function count(tallies: Tallies, reason: string, { objects, bytes }: Tallies[string]): void {
  tallies[reason] ??= { objects: 0, bytes: 0 }
  tallies[reason].objects += objects
  tallies[reason].bytes += bytes
}

/** The sum of several tallies. */
export function sumOf(several: readonly Tallies[]): PlanTrailer['reasons'] {
  const sum: Tallies = {}
  for (const tallies of several)
    for (const [reason, tally] of Object.entries(tallies))
      if (tally.objects !== 0) count(sum, reason, tally)
  return sum
}

/** Objects and bytes by a number from 0 on, such as that of a wave, as they are counted. */
export type PlaceTallies = { objects: number; bytes: number }[]

/** Counts objects under a number. */
export function countAt(tallies: PlaceTallies, at: number, { objects, bytes }: Tally): void {
  while (tallies.length <= at) tallies.push({ objects: 0, bytes: 0 })
  const tally = tallies[at]
  if (!tally) return
  tally.objects += objects
  tally.bytes += bytes
}

/** The sum of several tallies, with at least so many numbers. */
export function sumAt(several: readonly (readonly Tally[])[], numbers: number): readonly Tally[] {
  const sum: PlaceTallies = []
  if (numbers > 0) countAt(sum, numbers - 1, { objects: 0, bytes: 0 })
  for (const tallies of several)
    for (const [at, tally] of tallies.entries()) countAt(sum, at, tally)
  return sum
}
