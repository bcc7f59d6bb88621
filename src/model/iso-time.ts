/** A day as we write it; of a 29th of February only a calendar knows whether there is one. */
const DAY =
  '(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31'

/** A time as we write it, for a pattern. */
export const ISO_TIME = `\\d{4}-(?:${DAY})T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z`

const AS_WRITTEN = new RegExp(`^${ISO_TIME}$`)

/**
 * A time as we write it, of a time as a service wrote it: nearly all write it so, and to see that takes a twentieth of
 * reading it. Throws RangeError where it is none.
 */
export const isoTime = (text: string): string =>
  AS_WRITTEN.test(text) ? text : new Date(text).toISOString()
