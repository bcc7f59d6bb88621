import { insteadOfArn } from '../model/bucket-kind.ts'
import type { ManifestRequest } from '../model/manifest.ts'
import type { DeleteLimit, PlaceRequest } from '../model/request.ts'
import { UNSEEN } from '../model/safe.ts'
import { formatOf } from '../storage/manifest/format.ts'
import { anyText, either, NEVER, oneOf } from './reader.ts'

/** A schema for text that `parse` turns into a value; `expects` completes "expected …". */
const text = <T>(expects: string, parse: (value: string) => T | undefined) =>
  anyText.transform((value, context) => {
    const parsed = parse(value)
    if (parsed !== undefined) return parsed
    context.addIssue(`expected ${expects}`)
    return NEVER
  })

/** `true` or `false`, in the runner's spellings. */
export const flag = text('true or false', (value) =>
  /^(true|True|TRUE)$/.test(value) ? true : /^(false|False|FALSE)$/.test(value) ? false : undefined,
)

/** `true` or `false`, or another word. */
export const flagOr = <const Word extends string>(word: Word) =>
  either([flag, oneOf(word)], { error: `expected true, false or ${word}` })

/** A whole number within bounds, both included. */
export const count = (least: number, most: number) =>
  text(`a whole number from ${least} to ${most}`, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : -1
    return number >= least && number <= most ? number : undefined
  })

const COUNT = /^\d{1,15}$/
const PERCENT = /^(\d{1,3}(?:\.\d{1,2})?)%$/

/** A whole number, a percentage such as `10%`, or both, whichever stands first. */
export const deleteLimit = text(
  'a whole number such as 1000, a percentage such as 10% or 0.25%, or both such as 1000 50%',
  (value): DeleteLimit | undefined => {
    const words = value.split(/\s+/)
    const [count, ...counts] = words.filter((word) => COUNT.test(word))
    const [percent, ...percents] = words.flatMap((word) => PERCENT.exec(word)?.slice(1) ?? [])
    const given = Number(count !== undefined) + Number(percent !== undefined)
    const extra = counts.length + percents.length
    if (given !== words.length || extra > 0 || Number(percent ?? 0) > 100) return undefined
    return {
      ...(count === undefined ? {} : { objects: Number(count) }),
      ...(percent === undefined ? {} : { percent: Number(percent) }),
    }
  },
)

/** `auto`, or a whole number within bounds. */
export const autoOrCount = (least: number, most: number) =>
  either([oneOf('auto'), count(least, most)], {
    error: `expected auto, or a whole number from ${least} to ${most}`,
  })

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

const MOST_DAYS = 7
const MOST_MS = MOST_DAYS * 24 * UNIT_MS.h

/** `500ms`, `30s`, `5m`, `1h30m`, or bare seconds; gives milliseconds. */
export const duration = (leastMs: number) =>
  text(
    `a duration from ${leastMs / 1000}s to ${MOST_DAYS} days, such as 30s, 5m or 1h30m`,
    (value) => {
      const given = /^[\d.]+$/.test(value) ? `${value}s` : value
      if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(given)) return undefined
      const ms = [...given.matchAll(/([\d.]+)([a-z]+)/g)]
        .map(([, number, unit]) => Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS])
        .reduce((sum, part) => sum + part)
      return ms >= leastMs && ms <= MOST_MS ? Math.round(ms) : undefined
    },
  )

const MIB = 2 ** 20
const UNIT_BYTES = { MB: 1_000_000, MiB: MIB, GB: 1_000_000_000, GiB: 1024 * MIB } as const
const LEAST_PART_BYTES = 5 * MIB
/** A part is held in memory. */
const MOST_PART_BYTES = 1024 * MIB

const UNIT_DAYS_MS = { ...UNIT_MS, d: 24 * UNIT_MS.h, w: 7 * 24 * UNIT_MS.h } as const
const MOST_GRACE_DAYS = 366

/** `7d`, `36h` or `1d12h`: a unit has to be said; gives milliseconds. */
export const days = text(
  `a time from 1s to ${MOST_GRACE_DAYS} days with its unit, such as 7d, 36h or 1d12h`,
  (value) => {
    if (!/^(\d{1,9}(s|m|h|d|w))+$/.test(value)) return undefined
    const ms = [...value.matchAll(/(\d+)([a-z])/g)]
      .map(([, number, unit]) => Number(number) * UNIT_DAYS_MS[unit as keyof typeof UNIT_DAYS_MS])
      .reduce((sum, part) => sum + part)
    return ms >= 1000 && ms <= MOST_GRACE_DAYS * UNIT_DAYS_MS.d ? ms : undefined
  },
)

function partBytes(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(MB|MiB|GB|GiB)?$/.exec(value)
  if (!match) return undefined
  const bytes = Number(match[1]) * UNIT_BYTES[(match[2] ?? 'MiB') as keyof typeof UNIT_BYTES]
  const whole = Math.ceil(bytes / MIB) * MIB
  return whole >= LEAST_PART_BYTES && whole <= MOST_PART_BYTES ? whole : undefined
}

/** `auto`, or `50MB`, `50MiB`, bare MiB; gives bytes, rounded up to whole MiB. */
export const partSize = text('auto, or a size from 5MiB to 1GiB such as 50MB', (value) =>
  value === 'auto' ? 'auto' : partBytes(value),
)

const LEAST_RATE_BYTES = 1000

function rateBytes(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(kB|KiB|MB|MiB|GB|GiB)\/s$/.exec(value)
  if (!match) return undefined
  const units = { ...UNIT_BYTES, kB: 1000, KiB: 1024 }
  const bytes = Math.floor(Number(match[1]) * units[match[2] as keyof typeof units])
  return bytes >= LEAST_RATE_BYTES ? bytes : undefined
}

/** `50MB/s`; gives bytes a second. */
export const byteRate = text('a rate of at least 1kB/s such as 50MB/s', rateBytes)

/** Lines without their surrounding blanks; empty lines do not count. */
export const lines = anyText.transform((value) =>
  value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== ''),
)

/** Words between commas or white space. */
export const list = anyText.transform((value) => value.split(/[\s,]/).filter((word) => word !== ''))

/** Any text that a pattern allows. */
export const matching = (pattern: RegExp, expects: string) =>
  text(expects, (value) => (pattern.test(value) ? value : undefined))

/** A path on the runner. Nothing stands in for a variable here, so that none becomes a folder of its name. */
export const localPath = anyText
  .refine((value) => !/\$|%[^%]+%/.test(value), {
    error:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
      'variables are not expanded here: use a workflow expression such as `${{ runner.temp }}`',
  })
  .refine((value) => !UNSEEN.test(value), {
    error: 'contains a line break or another invisible character: type the path again',
  })
  .refine((value) => !/^~[^/\\]/.test(value), {
    error: 'only ~/ is expanded, to the home folder of the user of the job: use an absolute path',
  })

const MOST_PATTERN_CHARS = 1000

/** The source of a regular expression, read with the flag `u`. */
export const pattern = text('a regular expression such as ^(?<symbol>[^/]+)/', (value) => {
  if (value.length > MOST_PATTERN_CHARS) return undefined
  try {
    new RegExp(value, 'u')
    return value
  } catch {
    return undefined
  }
})

/** An http(s) URL without a query or a secret in it. */
export const endpointUrl = text('a URL such as https://s3.example.com', (value) => {
  const text = value.trim()
  // A URL passes over line breaks and tabs within: of two in two lines it would make another one.
  const url = URL.canParse(text) && !/[\s\p{C}]/u.test(text) ? new URL(text) : undefined
  const plain = url && !url.username && !url.password && !url.search && !url.hash
  if (!plain || !['http:', 'https:'].includes(url.protocol)) return undefined
  // One service has one spelling: no capitals in the host, no port that goes without saying.
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
})

/** `aws`, or the URL of another service. */
export const endpointOrAws = either([oneOf('aws'), endpointUrl], {
  error: 'expected aws, or a URL such as https://s3.example.com',
})

/** A JSON object, given back as its text. */
export const jsonObject = text('a JSON object', (value) => {
  try {
    const parsed: unknown = JSON.parse(value)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? value : undefined
  } catch {
    return undefined
  }
})

const ADDRESS = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:\/([\s\S]*))?$/

const NO_URL = 'expected s3://bucket/prefix/'

function addressProblem(value: string): string {
  if (value.startsWith('arn:') || value.startsWith('s3://arn:')) return insteadOfArn(value)
  if (!value.startsWith('s3://')) return NO_URL
  return 'expected s3://bucket/prefix/ with a valid bucket name, such as s3://my-bucket/data/'
}

/** What begins the path of a folder of this runner: nothing that a bucket can be called. */
const LOCAL = /^(?:(?:~|\.{1,2})(?:[/\\]|$)|\/(?!\/)|\\|[A-Za-z]:[/\\]|file:)/

/** Whether an address is meant to be a path of this runner. */
export const isLocalAddress = (value: string): boolean => LOCAL.test(value)

/** `s3://bucket/prefix/`, without wildcards. */
export const s3Address = anyText.transform((value, context): PlaceRequest => {
  const match = ADDRESS.exec(value)
  const path = match?.[2] ?? ''
  const problem = !match?.[1]
    ? addressProblem(value)
    : path.includes('*')
      ? 'wildcards are not allowed here: set the folder, and use the input `include` for patterns'
      : Buffer.byteLength(path) > 1024
        ? 'a key has at most 1,024 bytes'
        : undefined
  if (problem === undefined) return { bucket: match?.[1] ?? '', path }
  context.addIssue(problem)
  return NEVER
})

const LOCAL_FORMS = './data, ../data, ~/data, an absolute path or a file: URL'

/** A path of this runner, or `s3://bucket/prefix/`. */
export const placeAddress = anyText.transform((value, context): PlaceRequest => {
  const parsed = isLocalAddress(value) ? localPath.safeParse(value) : s3Address.safeParse(value)
  for (const { message } of parsed.error?.issues ?? [])
    context.addIssue(message === NO_URL ? `${NO_URL}, or a local folder: ${LOCAL_FORMS}` : message)
  if (!parsed.success) return NEVER
  return typeof parsed.data === 'string'
    ? { bucket: '', path: /[/\\]$/.test(parsed.data) ? '/' : '', local: parsed.data }
    : parsed.data
})

/** Behind it the names of our own files have room in a key. */
const MOST_PREFIX_BYTES = 900

/** A folder of the runner, whatever it is called, or `s3://bucket/prefix/`. */
export const sharedFolder = anyText.transform((value, context): PlaceRequest => {
  const parsed = /^(?:s3:|arn:)/i.test(value)
    ? s3Address.safeParse(value)
    : localPath.safeParse(value)
  for (const { message } of parsed.error?.issues ?? []) context.addIssue(message)
  if (!parsed.success) return NEVER
  if (typeof parsed.data === 'string') return { bucket: '', path: '/', local: parsed.data }
  if (Buffer.byteLength(parsed.data.path) <= MOST_PREFIX_BYTES) return parsed.data
  context.addIssue(`a prefix has at most ${MOST_PREFIX_BYTES} bytes here`)
  return NEVER
})

const MANIFEST_OBJECT = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})\/([\s\S]*[^/])$/

function manifestAddress(value: string): ManifestRequest['address'] | string {
  if (!value.startsWith('s3://')) {
    const path = localPath.safeParse(value)
    return path.success ? { path: path.data } : (path.error.issues[0]?.message ?? 'is not a path')
  }
  const [, bucket = '', key = ''] = MANIFEST_OBJECT.exec(value) ?? []
  return key === ''
    ? 'expected one object, such as s3://my-bucket/lists/today.csv'
    : { bucket, key }
}

/** A file of the runner, or `s3://bucket/key`, whose name says what it is. */
export const manifestFile = anyText.transform(
  (value, context): Omit<ManifestRequest, 'missing'> => {
    const address = manifestAddress(value)
    const format = formatOf(value)
    const problem =
      typeof address === 'string'
        ? address
        : typeof format === 'object'
          ? format.problem
          : undefined
    if (problem === undefined && typeof address !== 'string' && typeof format === 'string')
      return { name: value, address, format }
    context.addIssue(problem ?? 'is not a manifest')
    return NEVER
  },
)
