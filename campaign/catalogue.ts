import type { Random } from './random.ts'

/** Where a fault strikes: kinds of requests to S3, the services that give credentials, the machine. */
export type Door =
  | 'LIST'
  | 'COPY'
  | 'GET'
  | 'HEAD'
  | 'DELETE'
  | 'any request'
  | 'STS'
  | 'OIDC'
  | 's5cmd'
  | 'disk'
  | 'clock'
  | 'signal'

interface Kind {
  readonly doors: readonly Door[]
  /** How often it strikes; for ever where a service does not come back. */
  readonly times: readonly number[]
  /** It acts beside a request, which may then be answered by another fault: it is set up first. */
  readonly acts?: true
  /** How often it is drawn beside the others; 1 when not given. */
  readonly weight?: number
  /** Where s5cmd takes it for a success: `verify: outcomes` asks for just that belief. */
  readonly believedAt?: Door
  /** What the request must have, so that it can strike at all. */
  readonly needs?: Exclude<keyof Surroundings, 'sourceKeys'>
}

const FOR_EVER = 1_000_000
const S3_DOORS = ['LIST', 'LIST', 'COPY', 'COPY', 'COPY', 'GET', 'HEAD', 'DELETE'] as const
const BURST = [1, 3, 10, 40, FOR_EVER]

/** Every fault by name. */
export const CATALOGUE = {
  'error 500': { doors: S3_DOORS, times: BURST },
  'error 503': { doors: S3_DOORS, times: BURST },
  'slow down': { doors: S3_DOORS, times: BURST },
  'requests capped': { doors: ['LIST', 'COPY', 'COPY', 'HEAD'], times: [FOR_EVER] },
  'quota used up': { doors: ['COPY'], times: [3, FOR_EVER] },
  'connection reset': { doors: S3_DOORS, times: BURST },
  'response lost': { doors: ['COPY', 'DELETE'], times: [1, 3, 10] },
  'no response': { doors: ['LIST', 'HEAD', 'COPY', 'DELETE'], times: [1, 2] },
  'slow response': {
    doors: ['LIST', 'COPY', 'GET', 'DELETE', 'STS'],
    times: [1, 2, FOR_EVER],
  },
  'body cut off': { doors: S3_DOORS, times: [1, 3, 10, FOR_EVER] },
  'error in a 200': { doors: ['COPY'], times: BURST },
  'wrong region': { doors: ['LIST', 'HEAD', 'COPY'], times: [1, 3, FOR_EVER] },
  'incomplete page': { doors: ['LIST'], times: [1, FOR_EVER] },
  'error text with runner commands': {
    doors: ['LIST', 'COPY', 'COPY', 'HEAD', 'DELETE', 'STS'],
    times: BURST,
    weight: 2,
  },
  'unexpected response': {
    doors: ['LIST', 'COPY', 'DELETE', 'STS'],
    times: [1, 3, FOR_EVER],
    believedAt: 'COPY',
  },
  'endless response': { doors: ['LIST', 'COPY', 'DELETE', 'STS'], times: [1, FOR_EVER] },
  'unusual XML': { doors: ['LIST'], times: [1, FOR_EVER] },
  'credentials refused as expired': { doors: ['LIST', 'COPY', 'HEAD', 'DELETE'], times: BURST },
  'credentials revoked': { doors: ['any request'], times: [FOR_EVER] },
  'short-lived credentials': { doors: ['STS'], times: [FOR_EVER], needs: 'oidc' },
  'STS throttled': { doors: ['STS'], times: [1, 2, 3] },
  'STS down': { doors: ['STS'], times: [FOR_EVER] },
  'id token slow': { doors: ['OIDC'], times: [1], needs: 'oidc' },
  'id token 503': { doors: ['OIDC'], times: [1, 2, 20], needs: 'oidc' },
  'id token refused': { doors: ['OIDC'], times: [20], needs: 'oidc' },
  'source object changed': { doors: ['COPY'], times: [1], acts: true },
  'source object deleted': { doors: ['COPY'], times: [1], acts: true },
  'extra object appears at the source': { doors: ['COPY'], times: [1], acts: true },
  'destination written before the copy': { doors: ['COPY'], times: [1], acts: true, weight: 2 },
  'destination written after the copy': { doors: ['COPY'], times: [1], acts: true },
  'destination object deleted': { doors: ['COPY'], times: [1], acts: true },
  'extra written before its delete': {
    doors: ['DELETE'],
    times: [1],
    acts: true,
    needs: 'deletes',
    weight: 3,
  },
  'incomplete source listing': {
    doors: ['LIST'],
    times: [1, 1, FOR_EVER],
    needs: 'deletes',
    weight: 2,
  },
  'deletes trim keys': { doors: ['DELETE'], times: [FOR_EVER], needs: 'plainDeletes', weight: 3 },
  'deletes name another object': { doors: ['DELETE'], times: [1, FOR_EVER], needs: 'deletes' },
  'destination changes keys': {
    doors: ['any request'],
    times: [FOR_EVER],
    acts: true,
    needs: 'plainDeletes',
    weight: 3,
  },
  'destination is the source by another name': {
    doors: ['any request'],
    times: [FOR_EVER],
    needs: 'aliases',
    weight: 2,
  },
  'destination bucket gone': { doors: ['COPY', 'LIST'], times: [FOR_EVER] },
  's5cmd killed': { doors: ['s5cmd'], times: [1, FOR_EVER], needs: 's5cmd', weight: 2 },
  's5cmd leaves out lines': { doors: ['s5cmd'], times: [1, FOR_EVER], needs: 's5cmd', weight: 2 },
  's5cmd prints garbage': { doors: ['s5cmd'], times: [FOR_EVER], needs: 's5cmd', weight: 2 },
  's5cmd prints endlessly': { doors: ['s5cmd'], times: [1, FOR_EVER], needs: 's5cmd', weight: 2 },
  's5cmd does nothing and exits 0': {
    doors: ['s5cmd'],
    times: [1, FOR_EVER],
    needs: 's5cmd',
    weight: 2,
  },
  's5cmd prints success without copying': {
    doors: ['s5cmd'],
    times: [1, FOR_EVER],
    needs: 'verifiedS5cmd',
    weight: 2,
  },
  's5cmd panics': { doors: ['s5cmd'], times: [1, FOR_EVER], needs: 's5cmd', weight: 2 },
  's5cmd may open few files': { doors: ['s5cmd'], times: [1, FOR_EVER], needs: 's5cmd', weight: 2 },
  's5cmd hangs': { doors: ['s5cmd'], times: [1, FOR_EVER], needs: 's5cmd', weight: 2 },
  'approved plan forged': { doors: ['disk'], times: [1], needs: 'plan', weight: 5 },
  'report folder unwritable': { doors: ['disk'], times: [1] },
  'report folder removed': { doors: ['disk'], times: [1], acts: true },
  'disk full': { doors: ['disk'], times: [1], acts: true },
  'server clock jumps': { doors: ['clock'], times: [1], acts: true },
  SIGINT: { doors: ['signal'], times: [1], acts: true },
  SIGTERM: { doors: ['signal'], times: [1], acts: true },
  SIGKILL: { doors: ['signal'], times: [1], acts: true },
} as const satisfies Readonly<Record<string, Kind>>

export type FaultName = keyof typeof CATALOGUE
export const FAULT_NAMES = Object.keys(CATALOGUE) as readonly FaultName[]

/** One fault of a schedule. */
export interface FaultSpec {
  readonly name: FaultName
  readonly door: Door
  /** Strikes from the nth matching request on, 1 = first. */
  readonly nth: number
  readonly times: number
  /** A number that the fault may use: bytes, lines, or one of several ways. */
  readonly amount: number
  /** Full key at the source, for faults about one object. */
  readonly key: string
  /** The kind of request that sets off what does not happen at a request by itself. */
  readonly trigger: 'STS' | 'LIST' | 'COPY' | 'HEAD' | 'DELETE'
}

/** What a schedule offers to faults. */
export interface Surroundings {
  readonly s5cmd: boolean
  /** What s5cmd reports is looked at again. */
  readonly verifiedS5cmd: boolean
  readonly oidc: boolean
  /** One step hands a plan over to another. */
  readonly plan: boolean
  readonly deletes: boolean
  /** Every object keeps its relative key. */
  readonly plainDeletes: boolean
  /** One step that deletes, by a role that may do everything. */
  readonly aliases: boolean
  readonly sourceKeys: readonly string[]
}

/** Where a fault strikes: not where its effect is what was asked for. */
function drawDoor(random: Random, { doors, believedAt }: Kind, around: Surroundings): Door {
  const door = random.pick(doors)
  const believed = around.s5cmd && !around.verifiedS5cmd && door === believedAt
  return (believed ? doors.find((other) => other !== door) : undefined) ?? door
}

/** Up to three faults; now and then none, as the clean runs prove the judge. */
export function drawFaults(random: Random, around: Surroundings): FaultSpec[] {
  const possible = FAULT_NAMES.flatMap((name) => {
    const { needs, weight = 1 }: Kind = CATALOGUE[name]
    return needs === undefined || around[needs] ? Array.from({ length: weight }, () => name) : []
  })
  const count = random.pick([0, 1, 1, 1, 1, 1, 1, 2, 2, 3])
  const isAnswer = (name: FaultName): number => ('acts' in CATALOGUE[name] ? 0 : 1)
  const drawn = new Set(random.sample(possible, count))
  const names = [...drawn].toSorted((a, b) => isAnswer(a) - isAnswer(b))
  return names.map((name) => {
    const kind: Kind = CATALOGUE[name]
    return {
      name,
      door: drawDoor(random, kind, around),
      nth: random.pick([1, 1, 2, 3, 5, 10]),
      times: random.pick(kind.times),
      amount: random.int(0, 40),
      key: random.pick(around.sourceKeys),
      trigger: random.pick(['STS', 'LIST', 'COPY', 'COPY', 'HEAD', 'DELETE']),
    }
  })
}
