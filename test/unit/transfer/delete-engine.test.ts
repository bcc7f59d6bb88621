import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import { RateBudget } from '../../../src/flow/throttle.ts'
import type { Batch } from '../../../src/model/batch.ts'
import type { DeleteOp } from '../../../src/model/op.ts'
import { Capabilities } from '../../../src/storage/capabilities.ts'
import { endOfFailure } from '../../../src/transfer/delete/ends.ts'
import { DeleteEngine, type DeleteEngineDeps } from '../../../src/transfer/delete/engine.ts'
import { jumpingClock, recordingLog } from '../../ports.ts'

type Store = DeleteEngineDeps['destination']['store']

const how = { requestTimeoutMs: 1000, retryCount: 0 } as DeleteEngineDeps['transfer']

const opOf = (key: string): DeleteOp => ({
  ...{ op: 'delete', key, size: 1, etag: 'e', reason: 'only-at-destination' },
})

/** Batches of two, with keys such as `3a` and `3b`. */
function* batchesOf(count: number): Generator<Batch<DeleteOp>> {
  for (let id = 1; id <= count; id++) {
    const ops = [`${id}a`, `${id}b`].map((key) => ({
      ...{ op: opOf(key), engine: 'delete' as const, attempts: 0 },
    }))
    yield { id, engine: 'delete', ops, bytes: 0, beganMs: 0 }
  }
}

/** An engine at a destination that answers to the delete of some keys as `answer` says, and what it is asked. */
function stand(answer: (keys: readonly string[]) => Promise<void>) {
  const asked: string[][] = []
  let [now, most] = [0, 0]
  const store = {
    objects: { stat: async () => undefined },
    capabilities: new Capabilities(),
    deleteObjects: async (_bucket: string, targets: readonly { readonly key: string }[]) => {
      const keys = targets.map(({ key }) => key)
      asked.push(keys)
      most = Math.max(most, ++now)
      await answer(keys).finally(() => now--)
      return []
    },
  } as unknown as Store
  const place = { bucket: 'b', prefix: '', single: false, region: 'r', store }
  const never = new AbortController().signal
  const context = {
    log: recordingLog(),
    clock: jumpingClock(),
    signal: never,
    deadline: never,
    budget: new RateBudget({}),
    cancelledForMs: () => 0,
  }
  const engine = new DeleteEngine(context, {
    source: place,
    destination: place,
    transfer: how,
    lookUp: true,
  })
  const pass = async (batches: number) => {
    const queue = batchesOf(batches)
    const ends: Record<string, string> = {}
    let answers = 0
    const stopped = await engine.run(
      async () => queue.next().value ?? undefined,
      ({ op, ending, untried }) => {
        const code = ending.status === 'done' ? '' : ` ${ending.code}`
        ends[op.op.key] = `${ending.status}${code}${untried ? ', untried' : ''}`
      },
      () => answers++,
    )
    return { stopped, ends, answers, left: [...queue].length }
  }
  return { asked, pass, most: () => most }
}

const silence = async (): Promise<never> => {
  throw new ServiceError('RequestError', 'socket hang up', { status: undefined })
}

describe('the delete engine', () => {
  it('lets the first batch go alone, and four at a time then', async () => {
    let firstIsOver = false
    const { asked, pass, most } = stand(async ([key]) => {
      if (key !== '1a' && !firstIsOver) throw new Error('The first one is not over.')
      await new Promise((resolve) => setImmediate(resolve))
      firstIsOver = true
    })
    const { ends, stopped, answers } = await pass(12)
    expect(stopped).toBeUndefined()
    expect(new Set(Object.values(ends))).toEqual(new Set(['done']))
    expect(Object.keys(ends).length).toBe(24)
    expect(asked[0]).toEqual(['1a', '1b'])
    expect(most()).toBe(4)
    // Each look at the source.
    expect(answers).toBe(24)
  })

  it('asks for no others in a pass whose first batch gets no answer, and begins anew in the next', async () => {
    let isSilent = true
    const { asked, pass } = stand(async () => {
      if (isSilent) await silence()
    })
    const first = await pass(6)
    expect(asked.length).toBe(1)
    expect(first.ends).toEqual({ '1a': 'unknown RequestError', '1b': 'unknown RequestError' })
    expect(first.stopped).toMatchObject({ status: 'failed', code: 'RequestError' })
    expect(first.left).toBe(5)
    isSilent = false
    const second = await pass(6)
    expect(second.stopped).toBeUndefined()
    expect(Object.values(second.ends)).toEqual(Array(12).fill('done'))
  })

  it('goes on where single batches in the middle get no answer', async () => {
    const { pass } = stand(async ([key = '']) => {
      if (/^[258]a$/.test(key)) await silence()
    })
    const { ends, stopped } = await pass(10)
    expect(stopped).toBeUndefined()
    const unknown = Object.keys(ends).filter((key) => ends[key] !== 'done')
    expect(unknown.sort()).toEqual(['2a', '2b', '5a', '5b', '8a', '8b'])
  })

  it('asks for no more once four in a row get none', async () => {
    const { asked, pass } = stand(async ([key = '']) => {
      if (Number.parseInt(key, 10) > 3) await silence()
    })
    const { stopped, left } = await pass(40)
    expect(stopped).toMatchObject({ status: 'failed', code: 'RequestError' })
    expect(asked.length).toBeLessThanOrEqual(3 + 4 + 3)
    expect(left).toBeGreaterThan(25)
  })

  it('asks for nothing more, in no pass, once the service names another object', async () => {
    const { asked, pass } = stand(async () => {
      throw new ServiceError('OtherKeysNamed', 'It names "x".', { status: 200 })
    })
    const first = await pass(3)
    expect(first.ends).toEqual({ '1a': 'unknown OtherKeysNamed', '1b': 'unknown OtherKeysNamed' })
    expect(first.stopped).toMatchObject({ status: 'failed', code: 'OtherKeysNamed' })
    const second = await pass(3)
    expect(Object.values(second.ends)).toEqual(Array(2).fill('failed OtherKeysNamed, untried'))
    expect(asked.length).toBe(1)
  })
})

it.each([
  ['NoSuchKey', 'done'],
  ['NotFound', 'done'],
  ['PreconditionFailed', 'failed'],
])('a delete that the service answers by %s is %s', (code, status) => {
  expect(endOfFailure({ key: 'k', code, message: '' })).toMatchObject({ status })
})
