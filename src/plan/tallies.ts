import type { Tally } from '../model/op.ts'

/** Objects and bytes by reason. */
export function tallies() {
  const reasons: Record<string, Tally> = {}
  return {
    reasons: reasons as Readonly<Record<string, Tally>>,
    add(reason: string, objects: number, bytes: number): void {
      const before = reasons[reason] ?? { objects: 0, bytes: 0 }
      reasons[reason] = { objects: before.objects + objects, bytes: before.bytes + bytes }
    },
  }
}
