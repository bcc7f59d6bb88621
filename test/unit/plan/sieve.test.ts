import { expect, it } from 'vitest'
import { toKeyBytes } from '../../../src/model/key.ts'
import { Sieve } from '../../../src/plan/sieve.ts'

const keyOf = (n: number) => toKeyBytes(`year=2026/month=${n % 12}/part-${n}.parquet`)

it('knows every key that was added, and takes hardly any other for one', () => {
  const sieve = new Sieve()
  const count = 200_000
  for (let n = 0; n < count; n++) sieve.add(keyOf(n))
  let [missed, mistaken] = [0, 0]
  for (let n = 0; n < count; n++) {
    if (!sieve.mayHold(keyOf(n))) missed++
    if (sieve.mayHold(keyOf(count + n))) mistaken++
  }
  expect(missed).toBe(0)
  expect(mistaken).toBeLessThan(count / 1000)
})

it('knows keys of any bytes, and the empty one', () => {
  const sieve = new Sieve()
  expect(sieve.mayHold(toKeyBytes(''))).toBe(false)
  for (const text of ['', 'é', '\u{1f600}', '\0']) sieve.add(toKeyBytes(text))
  for (const text of ['', 'é', '\u{1f600}', '\0'])
    expect(sieve.mayHold(toKeyBytes(text))).toBe(true)
  expect(sieve.mayHold(toKeyBytes('e'))).toBe(false)
})
