import { s3Url } from '../model/place.ts'
import type { SumsFacts } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import type { Sums } from '../verify/sums.ts'

/** What SHA256SUMS has, for a report. */
export const sumsFacts = (
  sums: Sums | undefined,
  bucket: string | undefined,
): SumsFacts | undefined => {
  if (!sums) return undefined
  const { lines, unknown, unnamed, read, written } = sums
  const published = written === undefined ? undefined : s3Url(bucket ?? '', written)
  return { lines, unknown, unnamed, read, published }
}

/** It in a few words. */
export const sumsInWords = ({ lines, read }: SumsFacts): string =>
  `${humanObjects(lines, 'line')}${read.objects > 0 ? `, ${humanBytes(read.bytes)} read to compute them` : ''}`

/** What it has not. */
export function sumsWarnings({ unknown = 0, unnamed = 0 }: Partial<SumsFacts> = {}): string[] {
  const have = (objects: number): string => (objects === 1 ? 'has' : 'have')
  return [
    ...(unknown > 0
      ? [
          `${humanObjects(unknown)} ${have(unknown)} no line in SHA256SUMS, because no SHA-256 is stored with ${unknown === 1 ? 'it' : 'them'} and the bytes did not pass through this runner. Set sha256sums: read to read such objects.`,
        ]
      : []),
    ...(unnamed > 0
      ? [
          `${humanCount(unnamed)} ${unnamed === 1 ? 'object has a name' : 'objects have names'} with a line break or a backslash, which a line of SHA256SUMS cannot contain.`,
        ]
      : []),
  ]
}
