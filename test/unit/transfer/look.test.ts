import { expect, test } from 'vitest'
import type { Store } from '../../../src/storage/store.ts'
import { looker } from '../../../src/transfer/look.ts'
import { listedStore } from '../../listed-store.ts'

const signal = new AbortController().signal
const refuse = async () => {
  throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })
}
const objectsOf = (keys: readonly string[]) =>
  new Map(keys.map((key) => [key, { size: 1, etag: 'e', second: 1 }]))
const storeOf = (keys: readonly string[], stat: Store['stat'] = refuse) => ({
  ...listedStore({ objects: objectsOf(keys), pageKeys: 1000 }),
  stat,
})

test('a key that may not be read is looked up by a listing, and others that begin with it are not it', async () => {
  const look = looker(storeOf(['a', 'ab', 'b/c']), 'b')
  expect(await look('a', signal)).toMatchObject({ etag: 'e' })
  expect(await look('b', signal)).toBeUndefined()
})

test('one page tells that a key is not there, however many begin with it', async () => {
  const store = storeOf(Array.from({ length: 5000 }, (_, i) => `a/${String(i).padStart(4, '0')}`))
  expect(await looker(store, 'b')('a', signal)).toBeUndefined()
  expect(store.queries.length).toBe(1)
})

test('where keys come in another order all of them are read', async () => {
  const many = Array.from({ length: 1500 }, (_, i) => `a/${String(i).padStart(4, '0')}`)
  const { page, capabilities } = listedStore({
    objects: objectsOf(['a', ...many]),
    pageKeys: 1200,
    faults: new Map([[0, 'unordered']]),
  })
  expect(await looker({ stat: refuse, page, capabilities }, 'b')('a', signal)).toMatchObject({
    etag: 'e',
  })
})

test('the first refusal is remembered', async () => {
  let asked = 0
  const stat = () => {
    asked++
    return refuse()
  }
  const look = looker(storeOf(['a'], stat), 'b')
  await look('a', signal)
  await look('a', signal)
  expect(asked).toBe(1)
})

test.each([
  ['size', { size: Number.NaN, modified: '2026-01-01T00:00:00Z' }],
  ['time', { size: 1, modified: '' }],
])('a HEAD that does not tell the %s is no look: a listing tells it', async (_what, told) => {
  let asked = 0
  const stat = async () => {
    asked++
    return { ...told, etag: 'e', restored: false }
  }
  const look = looker(storeOf(['a', 'b'], stat), 'b')
  expect(await look('a', signal)).toMatchObject({ size: 1, modified: '1970-01-01T00:00:01.000Z' })
  expect(await look('b', signal)).toMatchObject({ size: 1 })
  expect(asked).toBe(1)
})
