import { duration, s3Address } from './parsers.ts'
import { anyText } from './reader.ts'

/** What the input `lock` says. */
export interface LockInput {
  /** `auto`: a key below the destination. */
  readonly at: 'auto' | { readonly bucket: string; readonly key: string }
  readonly waitMs: number
  readonly ttlMs: number
}

const USUAL = { wait: '10m', ttl: '5m' }
const LEAST_TTL_MS = 60_000
const MOST_TTL_MS = 12 * 3_600_000

const EXPECTED =
  'expected auto, or one object such as s3://my-bucket/locks/site, optionally followed by wait=10m and ttl=5m, separated by commas'

/** The object that is named; undefined where none is. */
function placeIn(item: string): LockInput['at'] | undefined {
  if (item === 'auto') return 'auto'
  const { bucket, path: key } = s3Address.safeParse(item).data ?? { bucket: '', path: '' }
  return key === '' || key.endsWith('/') ? undefined : { bucket, key }
}

const settings = {
  wait: duration(0),
  ttl: duration(0).refine((ms) => ms >= LEAST_TTL_MS && ms <= MOST_TTL_MS, {
    error: 'expected a duration from 1m to 12h',
  }),
}

/** `auto` or an object, and `name=value`, separated by commas or lines. */
export const lockInput = anyText.transform((text, context): LockInput => {
  const given = new Map<string, string>()
  const places: string[] = []
  for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
    const [, name, value = ''] = /^(wait|ttl)\s*=\s*(.*)$/.exec(item) ?? []
    if (name !== undefined && given.has(name)) context.addIssue(`${name} is set twice`)
    else if (name !== undefined) given.set(name, value)
    else if (item !== '') places.push(item)
  }
  const [place = '', ...more] = places
  const at = placeIn(place)
  for (const item of at === undefined ? [place] : more)
    context.addIssue(`${JSON.stringify(item)}: ${EXPECTED}`)
  const msOf = (name: 'wait' | 'ttl'): number => {
    const parsed = settings[name].safeParse(given.get(name) ?? USUAL[name])
    for (const { message } of parsed.error?.issues ?? []) context.addIssue(`${name}: ${message}`)
    return parsed.data ?? 0
  }
  return { at: at ?? 'auto', waitMs: msOf('wait'), ttlMs: msOf('ttl') }
})
