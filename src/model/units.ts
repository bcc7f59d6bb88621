/** With thousands separators. By hand, as the first `Intl.NumberFormat` of a process costs it 20 ms. */
const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
const tenths = (amount: number): string => grouped(amount.toFixed(1))
const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const

/** A whole number with thousands separators: `3,000`. */
export const humanCount = (count: number): string => grouped(count.toFixed())

/** A number of things: `1 object`, `3,000 objects`. */
export const humanObjects = (count: number, noun = 'object'): string =>
  `${humanCount(count)} ${noun}${count === 1 ? '' : 's'}`

/** Bytes in decimal units with one decimal: `512 B`, `1.2 GB`. */
export function humanBytes(bytes: number): string {
  if (Math.round(bytes) < 1000) return `${Math.round(bytes)} B`
  let value = bytes / 1000
  let unit = 0
  // 999.95 would be printed as 1,000.0 of its unit.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${tenths(value)} ${UNITS[unit]}`
}

/** Seconds as people say them: `42.1 s`, `3 min 20 s`, `1 h 4 min`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 59.95) return `${tenths(seconds)} s`
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${humanCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** A time of ISO 8601 as people read it, to the minute: `2026-12-06 10:00 UTC`. */
export const humanTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`

/** Until when several things wait: `the first until …, the last until …`; times of ISO 8601. */
export const untilWhen = ({
  first,
  last,
}: {
  readonly first: string
  readonly last: string
}): string =>
  humanTime(first) === humanTime(last)
    ? `until ${humanTime(last)}`
    : `the first until ${humanTime(first)}, the last until ${humanTime(last)}`

/** Amount per second; 0 where no time passed. */
export const perSecond = (amount: number, seconds: number): number =>
  seconds > 0 ? amount / seconds : 0

/** A rate of objects with one decimal: `71.3 objects/s`. */
export const humanPace = (objectsPerSecond: number): string =>
  `${tenths(objectsPerSecond)} objects/s`
