import type { Clock } from '../ports.ts'

/** How fast bytes come from the source, all objects together. */
export interface Link {
  /** So many bytes came. */
  came(bytes: number): void
  /** On average; undefined as long as it was not watched for long enough. */
  bytesPerSecond(): number | undefined
}

const LEAST_SECONDS = 5

/** A link that is watched from the first bytes on. */
export function createLink(clock: Pick<Clock, 'now'>): Link {
  let firstAtMs: number | undefined
  let bytes = 0
  return {
    came: (more) => {
      firstAtMs ??= clock.now()
      bytes += more
    },
    bytesPerSecond: () => {
      const seconds = firstAtMs === undefined ? 0 : (clock.now() - firstAtMs) / 1000
      return seconds < LEAST_SECONDS ? undefined : bytes / seconds
    },
  }
}
