import { randomBytes } from 'node:crypto'

const SCHEMA = 's3-direct-sync/lock/1'

/** What a lock object says. */
export interface LockBody {
  /** Random, and the same for as long as one run holds it. */
  readonly owner: string
  /** Random, another one in every write: so no two states of a lock share an ETag. */
  readonly write: string
  /** How often it was taken over since it was last free; from 1. */
  readonly epoch: number
  readonly ttlSeconds: number
  /** The page of the run; '' where the runner has none. */
  readonly runUrl: string
  /** Its run is over: it is anybody's. */
  readonly isReleased: boolean
}

/** Most bytes of a lock that is read. */
export const MOST_LOCK_BYTES = 4096

/** Whoever forged a lock may have counted far: from here on it is not counted any more. */
export const MOST_EPOCH = 10 ** 15

const MOST_TTL_SECONDS = 7 * 24 * 3600
const OWNER = /^[\w-]{1,128}$/
/** It is printed: a link, and nothing else. */
const RUN_URL = /^https?:\/\/[\w.:-]+\/[\w./-]{1,200}$/

/** 128 random bits. */
export const randomId = (): string => randomBytes(16).toString('hex')

/** A lock as it stands in its object. */
export const lockText = ({
  owner,
  write,
  epoch,
  ttlSeconds,
  runUrl,
  isReleased,
}: LockBody): string =>
  `${JSON.stringify({
    schema: SCHEMA,
    owner,
    epoch,
    'ttl-seconds': ttlSeconds,
    'run-url': runUrl,
    write,
    ...(isReleased ? { released: true } : {}),
  })}\n`

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most

/** What a lock object says; undefined where it is none that this action wrote. */
export function readLock(text: string): LockBody | undefined {
  let found: Readonly<Record<string, unknown>> | null
  try {
    found = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof found !== 'object' || found?.['schema'] !== SCHEMA) return undefined
  const { owner, epoch, write, released } = found
  const [ttlSeconds, url] = [found['ttl-seconds'], found['run-url']]
  if (typeof owner !== 'string' || !OWNER.test(owner)) return undefined
  if (!isWhole(epoch, 1, MOST_EPOCH)) return undefined
  if (!isWhole(ttlSeconds, 1, MOST_TTL_SECONDS)) return undefined
  const runUrl = typeof url === 'string' && RUN_URL.test(url) ? url : ''
  return {
    owner,
    write: typeof write === 'string' ? write : '',
    epoch,
    ttlSeconds,
    runUrl,
    isReleased: released === true,
  }
}
