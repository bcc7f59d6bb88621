import { before, type Fault, loseReply } from 's3-direct-sync-testkit/faults.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { codesOf, rowsOf } from '../result-rows.ts'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

const COUNT = 40
const nameOf = (at: number): string => String(at).padStart(4, '0')
const HOUR_AGO = Date.now() - 3_600_000

/** `COUNT` objects, every other one in an older version at the destination as well. */
async function fill(): Promise<void> {
  stage = await openStage()
  const { store } = stage.kit
  for (let i = 0; i < COUNT; i++) {
    store.put('src', `data/${nameOf(i)}`, { body: `new ${i}`, lastModifiedMs: HOUR_AGO })
    if (i % 2 === 0)
      store.put('dst', `copy/${nameOf(i)}`, { body: `${i}`, lastModifiedMs: HOUR_AGO })
  }
}

const textAt = (bucket: string, key: string): string | undefined =>
  stage.kit.store.bytes(bucket, key)?.toString()

/** Acts behind the action's back, just before the first request that writes this destination object. */
function onCopy(name: string, fault: Fault | (() => void)): void {
  const act = fault.length === 0 ? before(fault as () => void) : (fault as Fault)
  stage.kit.faults.add({
    match: { operation: 'CopyObject', key: `copy/${name}` },
    times: 1,
    fault: act,
  })
}

const put = (bucket: string, key: string, body: string): void =>
  stage.kit.store.put(bucket, key, { body })

/** Every 20th object, beginning with `first`. */
const names = (first: number): string[] =>
  Array.from({ length: COUNT / 20 }, (_, i) => nameOf(first + 20 * i))

const SOURCES = [...names(0), ...names(1)]
const DESTINATIONS = [...names(10), ...names(11)]

/** A tenth of the sources and a tenth of the destinations change while they are copied. */
function disturb(): void {
  for (const name of SOURCES) onCopy(name, () => put('src', `data/${name}`, `changed ${name}`))
  for (const name of DESTINATIONS)
    onCopy(name, () => put('dst', `copy/${name}`, `of somebody else ${name}`))
}

function expectNoLostUpdate(): void {
  for (let i = 0; i < COUNT; i++) {
    const name = nameOf(i)
    const expected = DESTINATIONS.includes(name)
      ? `of somebody else ${name}`
      : textAt('src', `data/${name}`)
    expect(textAt('dst', `copy/${name}`)).toBe(expected)
  }
}

describe('what changes between the listing and the copy', () => {
  it('is copied as it is now, or left as it is and told', async () => {
    await fill()
    disturb()
    await using run = await stage.run({ engine: 'direct' })
    expectNoLostUpdate()
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({
      result: 'partial',
      copied: String(COUNT - DESTINATIONS.length),
      failed: String(DESTINATIONS.length),
      unknown: '0',
    })
    expect(await codesOf(run)).toEqual(
      Object.fromEntries(DESTINATIONS.map((name) => [`data/${name}`, 'DestinationChanged'])),
    )
    const rows = await rowsOf(run, 'results')
    expect(new Set(rows.map(({ key }) => key)).size).toBe(COUNT)
    expect(run.summary).toContain('DestinationChanged')
    stage.kit.faults.clear()
    await using next = await stage.run({ engine: 'direct' })
    expect(next.outputs).toMatchObject({ result: 'success', copied: String(DESTINATIONS.length) })
  })

  it('is not what was approved, so that a changed source is not copied, and a destination that is gone is left so', async () => {
    await fill()
    await using planned = await stage.run({ mode: 'plan' })
    disturb()
    onCopy('0004', () => void stage.kit.store.delete('dst', 'copy/0004'))
    const planDir = { 'plan-dir': planned.reportDir }
    await using run = await stage.run({ mode: 'execute', ...planDir }, { job: planned.job })
    const codes = await codesOf(run)
    for (const name of SOURCES) {
      expect(codes[`data/${name}`]).toBe('SourceChanged')
      expect(textAt('dst', `copy/${name}`)).not.toBe(`changed ${name}`)
    }
    for (const name of DESTINATIONS)
      expect(textAt('dst', `copy/${name}`)).toBe(`of somebody else ${name}`)
    expect(codes['data/0004']).toBe('DestinationChanged')
    expect(textAt('dst', 'copy/0004')).toBeUndefined()
    const failed = SOURCES.length + DESTINATIONS.length + 1
    expect(run.outputs).toMatchObject({
      result: 'partial',
      failed: String(failed),
      copied: String(COUNT - failed),
    })
  })

  it('may be gone on either side, or be the very same object from somebody else', async () => {
    await fill()
    const { store } = stage.kit
    onCopy('0005', () => put('dst', 'copy/0005', 'new 5'))
    onCopy('0002', () => void store.delete('src', 'data/0002'))
    onCopy('0003', () => void store.delete('src', 'data/0003'))
    onCopy('0004', () => void store.delete('dst', 'copy/0004'))
    await using run = await stage.run({ engine: 'direct' })
    expect(await codesOf(run)).toEqual({ 'data/0002': 'NoSuchKey', 'data/0003': 'NoSuchKey' })
    expect(textAt('dst', 'copy/0002')).toBe('2')
    expect(textAt('dst', 'copy/0003')).toBeUndefined()
    expect(textAt('dst', 'copy/0004')).toBe('new 4')
    expect(run.outputs).toMatchObject({ copied: String(COUNT - 2), failed: '2' })
  })
})

describe('a copy whose answer is lost', () => {
  const MULTIPART = `${'0'.repeat(32)}-2`

  it('is done, also under another ETag than that of its source, and not where somebody else wrote before', async () => {
    await fill()
    const multipart = { size: 99, lastModifiedMs: HOUR_AGO, etag: MULTIPART }
    for (const name of ['0006', '0007']) stage.kit.store.put('src', `data/${name}`, multipart)
    for (const name of ['0006', '0007', '0012', '0013']) onCopy(name, loseReply)
    const intrude: Fault = (request, next) => {
      put('dst', 'copy/0009', 'longer than new 9')
      return loseReply(request, next)
    }
    onCopy('0009', intrude)
    await using run = await stage.run({ engine: 'direct' })
    expect(await codesOf(run)).toEqual({ 'data/0009': 'DestinationChanged' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: String(COUNT - 1) })
    expect(textAt('dst', 'copy/0009')).toBe('longer than new 9')
  })

  it('is done, though KMS hides its ETag, and is not done again', async () => {
    await fill()
    for (const name of ['0006', '0007']) onCopy(name, loseReply)
    const inputs = { engine: 'direct', sse: 'aws:kms' }
    await using run = await stage.run(inputs)
    expect(await codesOf(run)).toEqual({})
    expect(run.outputs).toMatchObject({ result: 'success', copied: String(COUNT) })
    stage.kit.counters.reset()
    await using next = await stage.run(inputs)
    expect(next.outputs['result']).toBe('nothing-to-do')
    expect(stage.kit.counters.of('CopyObject')).toBe(0)
  })
})

describe('s5cmd, which cannot bind a copy to what was listed,', () => {
  it('copies the source as it is now, and its next look tells what somebody else wrote', async () => {
    await fill()
    onCopy('0001', () => put('src', 'data/0001', 'changed, with another size'))
    const overwrite: Fault = async (_request, next) => {
      const reply = await next()
      put('dst', 'copy/0003', 'of somebody else, after the copy')
      return reply
    }
    onCopy('0003', overwrite)
    await using run = await stage.run({ engine: 's5cmd' })
    expect(textAt('dst', 'copy/0001')).toBe('changed, with another size')
    expect(textAt('dst', 'copy/0003')).toBe('of somebody else, after the copy')
    expect(await codesOf(run)).toEqual({
      'data/0001': 'NotVerified',
      'data/0003': 'NotVerified',
    })
    stage.kit.faults.clear()
    await using next = await stage.run({ engine: 's5cmd' })
    expect(next.outputs).toMatchObject({ result: 'success', copied: '1' })
  })
})
