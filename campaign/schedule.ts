import { hostileKeys } from 's3-direct-sync-testkit/hostile-keys.ts'
import { drawFaults, type FaultSpec } from './catalogue.ts'
import { fuzzedKeys } from './fuzzed-keys.ts'
import { drawHeaders } from './headers.ts'
import { drawList, type List } from './manifest.ts'
import { type Random, randomOf } from './random.ts'
import { FROM, type Placed, TO } from './world.ts'

/** Who asks: a role assumed by OIDC, one user's keys, or a reader and a writer, so that bytes are streamed. */
export type Who = 'oidc' | 'keys' | 'two-identities'

/** All that a run of the campaign is made of. It follows from the seed alone. */
export interface Schedule {
  readonly seed: number
  readonly source: readonly Placed[]
  readonly destination: readonly Placed[]
  /** Inputs of the action beside places, credentials and folders. */
  readonly request: Readonly<Record<string, string>>
  /** One step that syncs, one that plans and one that executes the plan, or one that checks. */
  readonly mode: 'sync' | 'plan, execute' | 'check'
  readonly who: Who
  /** What names the objects; undefined: all under the source. */
  readonly list?: List | undefined
  /** Where another transfer that has nothing to do stands in the list of the step; undefined: there is no list. */
  readonly beside?: 'before' | 'behind'
  /** Keys of a LIST page. */
  readonly pageKeys: number
  /** Of every answer, milliseconds. */
  readonly latencyMs: number
  readonly faults: readonly FaultSpec[]
}

/** Characters that s5cmd can carry to any service. */
export const PLAIN_KEY = /^[\x21-\x7e]+$/

/** Where an object goes that keeps its name; full keys. */
const moved = (key: string): string => TO + key.slice(FROM.length)

const MIB = 2 ** 20
const HOSTILE = hostileKeys().map(({ key }) => key)
// Others are refused where s5cmd has to carry them: their requests mean something else, or no line can name them.
const FOR_S5CMD = HOSTILE.filter(
  (key) => PLAIN_KEY.test(key) && !/\/$|(^|\/)\.{1,2}(\/|$)/.test(key),
)
const FOLDERS = ['', 'a/', 'skip/', 'klines/BTC/1m/']
const OUTSIDE = ['data', 'dataX/1', 'dat', 'copy', 'copyX/1', 'cop', 'zzz/outside', '0']

function plainKeys(random: Random): string[] {
  const folder = random.pick(FOLDERS)
  const count = random.int(0, 25)
  return Array.from(
    { length: count },
    (_, i) => `${folder}${i}${random.pick(['', '.tmp', '.csv'])}`,
  )
}

function placeAll(random: Random, keys: readonly string[]): Placed[] {
  return keys.map((key, seed): Placed => {
    const size = random.pick([0, 1, 100, 5000])
    const multipart = size > 0 && random.chance(0.1)
    return {
      key,
      size,
      seed: seed + 1,
      ageSeconds: 7200 + random.int(-600, 600),
      ...(multipart ? { etag: `${String(seed).padStart(32, '0')}-2` } : {}),
      ...(random.chance(0.2) ? { metadata: { owner: `team-${seed}` } } : {}),
    }
  })
}

function drawSource(random: Random, who: Who, keysFrom: readonly string[]): Placed[] {
  const hostile = random.sample(keysFrom, random.int(1, 25))
  const keys = new Set([...plainKeys(random), ...hostile, 'last'])
  const objects = placeAll(
    random,
    [...keys].map((key) => FROM + key),
  )
  // Only where bytes are streamed does the size decide how they travel.
  if (who !== 'two-identities' || random.chance(0.5)) return objects
  return [...objects, { key: `${FROM}large`, size: 6 * MIB, seed: 9999, ageSeconds: 7200 }]
}

/** Where the content is the same, this tells a copy from none. */
const OF_OTHERS = { metadata: { owner: 'somebody else' }, ageSeconds: 10_000 }

/** What the destination has of a source object: nothing, the same, an older, a newer or a longer one. */
function counterpart(random: Random, to: string, from: Placed): Placed[] {
  const { etag: _notItsOwn, ...plain } = from
  const later = { key: to, ageSeconds: 3600 }
  switch (random.pick(['none', 'none', 'same', 'older', 'newer', 'longer'] as const)) {
    case 'none':
      return []
    case 'same':
      return [{ ...plain, ...later, ...(random.chance(0.3) ? OF_OTHERS : {}) }]
    case 'older':
      return [{ ...plain, key: to, seed: from.seed + 1000, ageSeconds: 10_000 }]
    case 'newer':
      return [{ ...plain, ...later, seed: from.seed + 1000 }]
    case 'longer':
      return [{ ...plain, ...later, size: from.size + 1 }]
  }
}

/** Objects that only the destination has: in the place, and beside it. */
function extras(random: Random): Placed[] {
  const inside = random.sample(['extra', 'a/extra', 'skip/extra', 'x.tmp', ' ', 'k=z/extra'], 4)
  return inside.map((key, i) => ({ key: TO + key, size: 7, seed: 500 + i, ageSeconds: 9000 }))
}

const outside = (random: Random): Placed[] =>
  random.sample(OUTSIDE, 3).map((key, i) => ({ key, size: 3, seed: 700 + i, ageSeconds: 9000 }))

const FILTERS: readonly Readonly<Record<string, string>>[] = [
  { exclude: '*.tmp' },
  { exclude: 'skip/**\n*?extra' },
  { include: '*.csv\nlast\n**/a*' },
  { include: 'a/**\nlast', exclude: '**/*.tmp' },
]
const BY_FIRST = { 'key-pattern': '^(?<first>[a-z])', 'key-template': 'k={first}/{key}' }
// No key that is placed sets it off; one that is slipped into a plan does.
const ENDLESS = { 'key-pattern': '^(?<tildes>(~+)+)=', 'key-template': 't={tildes}/{key}' }
const TEMPLATES: readonly Readonly<Record<string, string>>[] = [
  { 'key-template': 'by/{key}' },
  ENDLESS,
  BY_FIRST,
  { ...BY_FIRST, 'key-mismatch': 'skip' },
]

/** Globs of the destination's keys, in places where each takes some of what is drawn. */
const WAVES: readonly string[] = [
  'last',
  '*.csv\n---\nlast',
  'a/**\nby/**\nk=*\n---\n*.tmp\n---\n**/last',
  'klines/**\n\n---\n*\n---\n*.csv\n---',
  'nothing-has-this-name',
]

/** By a stream of its own, so that all else of a seed stays what it was. */
function drawWaves(seed: number): Record<string, string> {
  const random = randomOf(seed + 2 ** 24)
  return random.chance(0.4) ? { waves: random.pick(WAVES) } : {}
}

/** Half of them let everything go, so that there is something to break. */
const LIMITS = [
  ...['2', '1000', '100%', '100%', '100%', '50%', '1000 100%', '1000 30%', '100%', '3 100%'],
  ...['100%', '100%', '100%'],
]

function drawDeletes(random: Random): Record<string, string> {
  return random.chance(0.5) ? { delete: 'true', 'max-delete': random.pick(LIMITS) } : {}
}

/** The inputs of the request. Some exclude each other: a plan is carried out by the direct engine alone. */
function drawRequest(random: Random, { mode, who }: Pick<Schedule, 'mode' | 'who'>) {
  const direct = mode !== 'sync' || who === 'two-identities'
  const never = random.chance(0.07)
  const engines = direct || never ? ['auto', 'direct'] : ['auto', 's5cmd', 'direct']
  const compare = random.pick([
    'auto',
    'auto',
    'auto',
    'size',
    'newer',
    'etag',
    'missing',
    'always',
  ])
  return {
    engine: random.pick(engines),
    ...(never ? { overwrite: 'never' } : { compare }),
    ...drawDeletes(random),
    ...(random.chance(0.35) ? random.pick(FILTERS) : {}),
    ...(random.chance(0.2) ? random.pick(TEMPLATES) : {}),
    ...(random.chance(0.5) ? { numworkers: String(random.pick([1, 4, 64])) } : {}),
    ...(random.chance(0.2) ? { 'batch-size': '5' } : {}),
    ...(random.chance(0.15) ? { verify: 'outcomes' } : {}),
    ...(random.chance(0.1) ? { 'fail-on': 'never' } : {}),
    'retry-count': String(random.int(0, 2)),
    'max-retries': String(random.int(0, 3)),
    'log-level': random.pick(['info', 'info', 'debug', 'trace']),
  } as Readonly<Record<string, string>>
}

/** By numbers of its own, so that the rest of a schedule stays what its seed makes it. */
function drawBeside({ seed, mode, faults }: Schedule): Pick<Schedule, 'beside'> {
  const random = randomOf(seed + 1_000_003)
  // A plan somebody has in hand, and a destination that a fault names, are those of a step without a list.
  const alone =
    mode === 'plan, execute' ||
    faults.some(({ name }) => name === 'destination is the source by another name')
  if (alone || !random.chance(0.2)) return {}
  return { beside: random.pick(['before', 'behind'] as const) }
}

/** Far from all seeds of schedules. */
const CHECKSUM_SEEDS = 1_000_000_000

/**
 * The same schedule with checksums: half of the objects were written before S3 kept any. They are drawn by themselves,
 * so that what a seed means beside them stays what it was.
 */
function withChecksums(schedule: Schedule): Schedule {
  const random = randomOf(CHECKSUM_SEEDS + schedule.seed)
  const asked = random.chance(0.2) && schedule.request['compare'] !== undefined
  const sum = (placed: Placed): Placed => {
    if (random.chance(0.5)) return placed
    return placed.etag !== undefined && random.chance(0.3)
      ? { ...placed, checksums: { sha256: `${'A'.repeat(43)}=-2` }, checksumType: 'COMPOSITE' }
      : { ...placed, checksums: { crc64nvme: undefined } }
  }
  return {
    ...schedule,
    source: schedule.source.map(sum),
    destination: schedule.destination.map(sum),
    request: asked ? { ...schedule.request, compare: 'checksum' } : schedule.request,
  }
}

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const schedule = drawSchedule(seed)
  return { ...schedule, ...drawBeside(schedule), list: drawList(schedule) }
}

function drawSchedule(seed: number): Schedule {
  const random = randomOf(seed)
  const mode = random.pick(['sync', 'sync', 'sync', 'sync', 'plan, execute', 'check'] as const)
  const who = random.pick(['oidc', 'oidc', 'oidc', 'keys', 'two-identities'] as const)
  const drawn = drawRequest(random, { mode, who })
  const headers = drawHeaders(randomOf(seed + 2 ** 25), drawn['engine'] ?? '')
  const request = { ...drawn, ...drawWaves(seed), ...headers }
  const source = drawSource(random, who, request['engine'] === 's5cmd' ? FOR_S5CMD : HOSTILE)
  const matched = source.flatMap((placed) => counterpart(random, moved(placed.key), placed))
  const own = [...matched, ...extras(random)]
  const there = new Set(own.map(({ key }) => key))
  const s5cmd = request['engine'] !== 'direct' && mode === 'sync' && who !== 'two-identities'
  const missing = source.filter(({ key }) => !there.has(moved(key)))
  return withChecksums({
    seed,
    mode,
    who,
    source: [...source, ...outside(random)],
    destination: [
      ...new Map(own.map((placed) => [placed.key, placed])).values(),
      ...outside(random),
    ],
    request,
    pageKeys: random.pick([3, 10, 1000]),
    latencyMs: random.pick([0, 0, 5, 20]),
    faults: drawFaults(random, {
      s5cmd,
      verifiedS5cmd: s5cmd && request['verify'] !== 'outcomes',
      oidc: who === 'oidc',
      plan: mode === 'plan, execute',
      deletes: request['delete'] === 'true' && mode !== 'check',
      plainDeletes:
        request['delete'] === 'true' && mode === 'sync' && request['key-template'] === undefined,
      aliases: mode === 'sync' && who === 'oidc' && request['delete'] === 'true',
      // What is missing is sure to be copied, where the filters let it.
      sourceKeys: (missing.length > 0 ? missing : source).map(({ key }) => key),
    }),
  })
}

/** Errors that speak, for the first half of the copies. */
const speaking = (random: Random, count: number, key: string): FaultSpec => ({
  name: 'error text with runner commands',
  door: 'COPY',
  nth: 1,
  times: Math.ceil(count / 2),
  amount: random.int(0, 40),
  key,
  trigger: 'COPY',
})

/** The schedule of a seed about so many fuzzed keys: nothing breaks, but in every other one copies fail with errors that speak. */
export function keysScheduleOf(seed: number, count: number): Schedule {
  const random = randomOf(seed)
  const [ours, theirs] = [fuzzedKeys(random, count), fuzzedKeys(random, Math.ceil(count / 10))]
  const source = placeAll(
    random,
    ours.map((key) => FROM + key),
  )
  const own = source.flatMap((placed) => counterpart(random, moved(placed.key), placed))
  const there = new Set(own.map(({ key }) => key))
  const extra = placeAll(
    random,
    theirs.map((key) => TO + key),
  ).filter(({ key }) => !there.has(key))
  return {
    ...{ seed, mode: 'sync', who: 'oidc', pageKeys: 1000, latencyMs: 0, source },
    destination: [...own, ...extra],
    request: {
      engine: random.pick(['auto', 'auto', 'direct']),
      ...drawDeletes(random),
      ...(random.chance(0.2) ? random.pick(TEMPLATES) : {}),
      ...{ 'retry-count': '0', 'max-retries': '1', 'log-level': random.pick(['info', 'trace']) },
    },
    faults: seed % 2 ? [speaking(random, count, FROM)] : [],
  }
}
