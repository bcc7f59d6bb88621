import { expect, it } from 'vitest'
import { toKeyBytes } from '../../../src/model/key.ts'
import { Sieve } from '../../../src/plan/sieve.ts'

const keyOf = (n: number) => toKeyBytes(`year=2026/month=${n % 12}/part-${n}.parquet`)

it('knows every key that was added, and takes hardly any other for one', () => {
  const sieve = new Sieve()
  const looked = 10_000
  const all = [1, 200_000, 1_100_000]
  for (const [at, count] of all.entries()) {
    for (let n = all[at - 1] ?? 0; n < count; n++) sieve.add(keyOf(n))
    let [missed, mistaken] = [0, 0]
    for (let n = 0; n < looked; n++) {
      if (!sieve.mayHold(keyOf(Math.floor((n * count) / looked)))) missed++
      if (sieve.mayHold(keyOf(count + n))) mistaken++
    }
    expect(missed).toBe(0)
    expect(mistaken).toBeLessThan(looked / 100)
  }
})

it('knows keys of any bytes, and the empty one', () => {
  const sieve = new Sieve()
  expect(sieve.mayHold(toKeyBytes(''))).toBe(false)
  for (const text of ['', 'é', '\u{1f600}', '\0']) sieve.add(toKeyBytes(text))
  for (const text of ['', 'é', '\u{1f600}', '\0'])
    expect(sieve.mayHold(toKeyBytes(text))).toBe(true)
  expect(sieve.mayHold(toKeyBytes('e'))).toBe(false)
})
