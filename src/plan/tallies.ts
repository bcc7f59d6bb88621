import type { PlanTrailer } from '../model/op.ts'

/** Objects and bytes by reason, as they are counted. */
export type Tallies = Record<string, { objects: number; bytes: number }>

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
