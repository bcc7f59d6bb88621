import { describe, expect, it } from 'vitest'
import { createBudget } from '../../../src/flow/byte-budget.ts'

/** Work that says when it is begun and ends when it is told. */
function workload() {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const work = (name: string) => (): Promise<string> => {
    begun.push(name)
    return new Promise((resolve, reject) => {
      ends.set(name, (error) => (error ? reject(error) : resolve(name)))
    })
  }
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error)
    await Promise.resolve()
    await new Promise(setImmediate)
  }
  return { begun, work, end }
}

describe('the memory budget', () => {
  it('begins work while there is room for its bytes, in the order it came', async () => {
    const { begun, work, end } = workload()
    const budget = createBudget(100)
    const all = [
      budget.hold(60, work('a')),
      budget.hold(40, work('b')),
      budget.hold(50, work('c')),
      budget.hold(1, work('d')),
    ]
    await end('')
    expect(begun).toEqual(['a', 'b'])
    await end('b')
    expect(begun).toEqual(['a', 'b'])
    await end('a')
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    await end('c')
    await end('d')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('gives its bytes back when work fails', async () => {
    const { begun, work, end } = workload()
    const budget = createBudget(100)
    const failing = budget.hold(100, work('a')).catch((error: Error) => error.message)
    const next = budget.hold(100, work('b'))
    await end('')
    await end('a', new Error('no'))
    expect(await failing).toBe('no')
    await end('b')
    expect(await next).toBe('b')
    expect(begun).toEqual(['a', 'b'])
  })

  it('lets in alone what is larger than all of it', async () => {
    const { begun, work, end } = workload()
    const budget = createBudget(100)
    const all = [
      budget.hold(10, work('a')),
      budget.hold(500, work('huge')),
      budget.hold(1, work('b')),
    ]
    await end('')
    expect(begun).toEqual(['a'])
    await end('a')
    expect(begun).toEqual(['a', 'huge'])
    await end('huge')
    await end('b')
    expect((await Promise.all(all)).length).toBe(3)
  })
})
