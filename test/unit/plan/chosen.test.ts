import { describe, expect, it } from 'vitest'
import { Chosen } from '../../../src/plan/chosen.ts'

const names = Array.from({ length: 500 }, (_, i) => `key-${i}`)

function chosenOf(day: string, most: number, offered: readonly string[]) {
  const chosen = new Chosen<string>(day, most)
  const out = offered.map((name) => {
    const left = chosen.offer(name, () => name)
    return left === 'not-chosen' ? name : left
  })
  return { items: new Set(chosen.items), out: out.filter((name) => name !== undefined) }
}

describe('of many items some are chosen', () => {
  it('the same ones in whatever order they come, and each of the others is told once', () => {
    const one = chosenOf('2026-01-01', 40, names)
    const other = chosenOf('2026-01-01', 40, names.toReversed())
    expect(one.items.size).toBe(40)
    expect(other.items).toEqual(one.items)
    for (const { items, out } of [one, other])
      expect([...items, ...out].toSorted()).toEqual(names.toSorted())
  })

  it('all of them where they are few', () => {
    expect(chosenOf('2026-01-01', 500, names)).toEqual({ items: new Set(names), out: [] })
  })

  it('others on another day, so that all have their turn', () => {
    const days = Array.from({ length: 150 }, (_, i) => chosenOf(`day ${i}`, 40, names).items)
    expect(days[0]).not.toEqual(days[1])
    expect(new Set(days.flatMap((items) => [...items])).size).toBe(names.length)
  })

  it('and nothing is made of those that are not', () => {
    const chosen = new Chosen<string>('2026-01-01', 3)
    let made = 0
    for (const name of names) chosen.offer(name, () => `${name} ${++made}`)
    expect(made).toBeLessThan(60)
  })
})
