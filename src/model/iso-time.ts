/** A day as we write it; of a 29th of February only a calendar knows whether there is one. */
const DAY =
  '(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31'

const ISO_TIME = `\\d{4}-(?:${DAY})T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z`

const AS_WRITTEN = new RegExp(`^${ISO_TIME}$`)

/**
 * A time as we write it, of a time as a service wrote it: nearly all write it so, and to see that takes a twentieth of
 * reading it. Throws RangeError where it is none.
 */
export const isoTime = (text: string): string =>
  AS_WRITTEN.test(text) ? text : new Date(text).toISOString()

const FORM = Buffer.from('0000-00-00T00:00:00.000Z')
const ZERO = 0x30
/** Days that every month of that number has. */
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const two = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) - ZERO) * 10 + (bytes[at + 1] as number) - ZERO

/** The same of bytes, by the million: where the time ends that stands at `at` as we write it; -1: none does. */
export function isoTimeEnd(bytes: Uint8Array, at: number): number {
  const end = at + FORM.length
  if (at < 0 || end > bytes.length) return -1
  for (let i = 0; i < FORM.length; i++) {
    const byte = bytes[at + i] as number
    const form = FORM[i] as number
    // Digits differ from 0 in their last four bits alone, and are less than 10 then.
    if (form === ZERO ? (byte ^ ZERO) > 9 : byte !== form) return -1
  }
  const day = two(bytes, at + 8)
  if (day === 0 || day > (DAYS[two(bytes, at + 5)] ?? 0)) return -1
  const isTime = two(bytes, at + 11) < 24 && two(bytes, at + 14) < 60 && two(bytes, at + 17) < 60
  return isTime ? end : -1
}
