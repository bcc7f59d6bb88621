import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Op } from '../../src/model/op.ts'
import type { SelectionRequest } from '../../src/model/request.ts'
import { makePlanFile } from '../../src/plan/plan.ts'
import { type ListedObject, listedStore, type PageFault } from '../listed-store.ts'
import { memoryFiles } from '../memory-files.ts'
import { idleSystem, jumpingClock, recordingLog } from '../ports.ts'

const RULES: SelectionRequest = {
  include: [],
  exclude: [],
  compare: 'auto',
  overwrite: 'if-different',
  allowEmptySource: true,
  delete: true,
  maxDelete: { percent: 100 },
}

interface Case {
  readonly source: ReadonlyMap<string, ListedObject>
  readonly destination: ReadonlyMap<string, ListedObject>
  readonly pageKeys: number
  readonly order: 'bytes' | 'folder-first'
  readonly waits: readonly number[]
  readonly faults: readonly (readonly [
    side: 'source' | 'destination',
    nth: number,
    fault: PageFault,
  ])[]
}

/** What is to be done, as sets would tell it. */
function oracle({ source, destination }: Case): string[] {
  const lines: string[] = []
  const keys = new Set([...source.keys(), ...destination.keys()])
  for (const key of keys) {
    const [from, to] = [source.get(key), destination.get(key)]
    if (!from) lines.push(`delete ${key}`)
    else if (!to) lines.push(`copy ${key} missing`)
    else if (from.size !== to.size) lines.push(`copy ${key} size-differs`)
    else if (from.etag !== to.etag && from.second >= to.second)
      lines.push(`copy ${key} etag-differs`)
  }
  return lines.sort()
}

const under = (prefix: string, objects: ReadonlyMap<string, ListedObject>) =>
  new Map([...objects].map(([key, object]) => [prefix + key, object]))

interface Planned {
  /** Undefined when there is no plan. */
  readonly lines: readonly string[] | undefined
  readonly inOrder: boolean
  readonly requests: number
  readonly error: unknown
}

async function planOf(one: Case, rules = RULES): Promise<Planned> {
  const files = memoryFiles()
  const { pageKeys, order, waits } = one
  const side = (name: 'source' | 'destination', prefix: string) => {
    const mine = one.faults.filter(([where]) => where === name)
    const faults = new Map(mine.map(([, nth, fault]) => [nth, fault]))
    const objects = under(prefix, one[name])
    const store = listedStore({ objects, pageKeys, order, waits, faults })
    return { store, bucket: name, prefix, single: false, region: 'r' }
  }
  const [source, destination] = [side('source', 's/'), side('destination', 'd/')]
  const context = {
    files,
    clock: jumpingClock(),
    system: idleSystem,
    signal: new AbortController().signal,
    log: recordingLog(),
  }
  let error: unknown
  const request = {
    mode: 'plan',
    write: {},
    looks: { requestTimeoutMs: 1000, retryCount: 0 },
    source,
    destination,
    rules,
  } as const
  await makePlanFile(request, '/plan', context).catch((reason: unknown) => {
    error = reason
  })
  const text = files.texts.get('/plan')
  const ops = text
    ?.split('\n')
    .flatMap((line) => (line.startsWith('{"op"') ? [JSON.parse(line)] : []))
  const lines = (ops as Op[] | undefined)?.map((op) =>
    op.op === 'copy' ? `copy ${op.key.slice(2)} ${op.reason}` : `delete ${op.key.slice(2)}`,
  )
  const bytes = lines?.map((line) => Buffer.from(line).toString('latin1')) ?? []
  const [copies, deletes] = ['copy', 'delete'].map((op) =>
    bytes.filter((line) => line.startsWith(op)),
  )
  return {
    lines: lines?.toSorted(),
    inOrder: [...(copies ?? []), ...(deletes ?? [])].join() === bytes.join(),
    requests: source.store.queries.length + destination.store.queries.length,
    error,
  }
}

const segment = fc.string({
  unit: fc.constantFrom('a', 'b', '0', '1', 'f', '!', '-', ' ', 'é', '\u{ffee}', '\u{1f600}'),
  minLength: 1,
  maxLength: 4,
})
const wildKey = fc.array(segment, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const hexKey = fc.integer({ min: 0, max: 65_535 }).map((n) => n.toString(16).padStart(4, '0'))
const dateKey = fc
  .integer({ min: 0, max: 3000 })
  .map((n) => `y=${2020 + Math.floor(n / 1000)}/m=${Math.floor(n / 100) % 10}/p-${n % 100}`)
const giantKey = fc.integer({ min: 0, max: 5000 }).map((n) => (n < 50 ? `x${n}/a` : `big/${n}`))
const object: fc.Arbitrary<ListedObject> = fc.record({
  size: fc.integer({ min: 0, max: 2 }),
  etag: fc.constantFrom('e', 'f'),
  second: fc.integer({ min: 0, max: 2 }),
})
const keys = fc.oneof(
  fc.uniqueArray(wildKey, { maxLength: 60 }),
  ...[wildKey, hexKey, dateKey, giantKey].map((key) =>
    fc.uniqueArray(key, { minLength: 100, maxLength: 400, size: 'max' }),
  ),
)

/** Both sides share most keys; some are only on one of them. */
const sides = keys.chain((all) =>
  fc
    .record({
      objects: fc.array(fc.tuple(object, object, fc.integer({ min: 0, max: 9 })), {
        minLength: all.length,
        maxLength: all.length,
        size: 'max',
      }),
      mostly: fc.constantFrom('both', 'source', 'destination'),
    })
    .map(({ objects, mostly }) => {
      const source = new Map<string, ListedObject>()
      const destination = new Map<string, ListedObject>()
      for (const [i, key] of all.entries()) {
        const [from, to, where = 0] = objects[i] ?? []
        if (from && (mostly !== 'destination' || where > 8) && where !== 0) source.set(key, from)
        if (to && (mostly !== 'source' || where > 8) && where !== 1) destination.set(key, to)
      }
      return { source, destination }
    }),
)

const fault = fc.tuple(
  fc.constantFrom('source' as const, 'destination' as const),
  fc.integer({ min: 0, max: 60 }),
  fc.constantFrom<PageFault>(
    'refused',
    'expired',
    'damaged',
    'damaged-for-good',
    'unordered',
    'same-token',
    'ignored-start-after',
  ),
)

const cases = (faults: fc.Arbitrary<Case['faults']>): fc.Arbitrary<Case> =>
  fc
    .tuple(
      sides,
      fc.record({
        pageKeys: fc.integer({ min: 1, max: 9 }),
        order: fc.constantFrom('bytes' as const, 'bytes' as const, 'folder-first' as const),
        waits: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 }),
        faults,
      }),
    )
    .map(([both, rest]) => ({ ...both, ...rest }))

const SCHEDULES = Number(process.env['SCHEDULES'] ?? 160)

/** Filters that narrow the listing, and such that do not. */
const FILTERS: readonly (readonly [
  include: string[],
  exclude: string[],
  (key: string) => boolean,
])[] = [
  [['a/**'], [], (key) => key.startsWith('a/')],
  [['0*/**', '0*'], [], (key) => /^0|\/0[^/]*$/.test(key)],
  [['y=2020/**'], ['p-1?'], (key) => key.startsWith('y=2020/') && !/(^|\/)p-1[^/]$/u.test(key)],
  [['big/1*'], [], (key) => key.startsWith('big/1')],
  [[], ['a/**'], (key) => !key.startsWith('a/')],
  [['é*'], [], (key) => /^é|\/é[^/]*$/.test(key)],
]

describe('a plan', () => {
  it('with filters is what sets would tell of the objects in scope', async () => {
    await fc.assert(
      fc.asyncProperty(
        cases(fc.constant([])),
        fc.constantFrom(...FILTERS),
        async (one, [include, exclude, inScope]) => {
          const { lines } = await planOf(one, { ...RULES, include, exclude })
          const scoped = (side: Case['source']) =>
            new Map([...side].filter(([key]) => inScope(key)))
          const rest = { source: scoped(one.source), destination: scoped(one.destination) }
          expect(lines).toEqual(oracle({ ...one, ...rest }))
        },
      ),
      { numRuns: SCHEDULES / 4 },
    )
  })

  it('is what sets would tell, whatever the keys, the pages and the order of the answers', async () => {
    await fc.assert(
      fc.asyncProperty(cases(fc.constant([])), async (one) => {
        const { lines, inOrder, error } = await planOf(one)
        expect(error).toBeUndefined()
        expect(lines).toEqual(oracle(one))
        expect(inOrder).toBe(true)
      }),
      { numRuns: SCHEDULES / 4 },
    )
  })

  it('with other keys at the destination is what sets would tell of the new keys', async () => {
    const rules = { pattern: '^(?<first>[^/]+)/(?<rest>.+)$', template: '{rest}/{first}' }
    const turned = (key: string): string => key.replace(/^([^/]+)\/(.+)$/s, '$2/$1')
    await fc.assert(
      fc.asyncProperty(cases(fc.constant([])), fc.boolean(), async (one, filtered) => {
        const inScope = (key: string): boolean => !filtered || !key.startsWith('a/')
        const keys = { ...rules, mismatch: 'keep' } as const
        const { lines, error } = await planOf(one, {
          ...RULES,
          exclude: filtered ? ['a/**'] : [],
          keys,
        })
        expect(error).toBeUndefined()
        const moved = new Map(
          [...one.source].map(([key, object]) => [turned(key), { key, object }]),
        )
        const source = new Map<string, ListedObject>()
        for (const [target, { key, object }] of moved) if (inScope(key)) source.set(target, object)
        const left = ([target]: readonly [string, ListedObject]): boolean => {
          const from = moved.get(target)
          return from ? inScope(from.key) : inScope(target)
        }
        const destination = new Map([...one.destination].filter(left))
        const expected = oracle({ ...one, source, destination }).map((line) => {
          const [, op, target = '', reason] = /^(copy|delete) (.+?)( [a-z-]+)?$/s.exec(line) ?? []
          return op === 'copy' ? `copy ${moved.get(target)?.key}${reason}` : line
        })
        expect(lines).toEqual(expected.sort())
      }),
      { numRuns: SCHEDULES / 4 },
    )
  })

  it('is right or is not: no fault of a listing ever becomes a wrong copy or delete', async () => {
    let planned = 0
    await fc.assert(
      fc.asyncProperty(cases(fc.array(fault, { minLength: 1, maxLength: 4 })), async (one) => {
        const { lines, error } = await planOf(one)
        if (!lines) {
          expect(error).toMatchObject({ kind: 'list' })
          return
        }
        planned++
        expect(lines).toEqual(oracle(one))
      }),
      { numRuns: SCHEDULES },
    )
    expect(planned).toBeGreaterThan(SCHEDULES / 20)
  })
})
