import { expect, it } from 'vitest'
import { mergeRows } from '../../../src/ledger/handed-rows.ts'
import { RowSum } from '../../../src/model/row-sum.ts'
import { visibleJson } from '../../../src/model/safe.ts'
import { memoryFiles } from '../../memory-files.ts'

/** What the rows of a shard come to; in words, why they are not believed. */
async function read(...lines: readonly string[]): Promise<unknown> {
  const files = memoryFiles()
  const [path, sum] = ['/rows', new RowSum()]
  const writer = await files.writer(path)
  for (const line of lines) {
    sum.add(line)
    await writer.write(line)
  }
  await writer.close()
  const signal = new AbortController().signal
  const deps = { files, folder: '/m', sourcePrefix: 'data/', signal }
  const found = await mergeRows({ name: 'x', path, sum: sum.digest }, deps)
  if (typeof found === 'string') return found
  const { totals, added, failed, replaced } = found
  const { status, sizeClasses, routes, slowest } = totals
  return {
    status,
    sizeClasses,
    routes,
    slowest,
    folders: totals.folderRows(),
    added,
    failed,
    replaced,
  }
}

const row = (over: string): string =>
  `{"op":"copy","key":"data/a/é","to":"copy/a","size":12,"status":"done",${over}"engine":"direct","route":"approved-plan","attempts":1,"seconds":0.051,"proof":"etag"}`

const REFUSED = 'a line of its results is not the result of a copy'

it('believes a done row as it is written, of a new key and of one that was overwritten', async () => {
  expect(await read(row(''))).toMatchObject({
    status: { done: { objects: 1, bytes: 12 } },
    routes: { 'approved-plan': 1 },
    slowest: [{ key: 'data/a/é', bytes: 12, seconds: 0.051 }],
    added: 1,
    replaced: undefined,
  })
  expect(await read(row('"replaced":true,'))).toMatchObject({
    added: 0,
    replaced: '/m/x-replaced.ndjson',
  })
})

it('takes a key for overwritten where nobody heard how its copy ended, and not where none was begun', async () => {
  const unknown = (attempts: number) =>
    `{"op":"copy","key":"data/a","to":"a","size":1,"status":"unknown","replaced":true,"engine":"direct","attempts":${attempts},"code":"C","message":"m"}`
  expect(await read(unknown(1))).toMatchObject({ added: 0, replaced: '/m/x-replaced.ndjson' })
  expect(await read(unknown(0))).toMatchObject({ added: 0, replaced: undefined })
})

it("counts the source's own marker as done, and not among what was added", async () => {
  expect(await read(row('').replace('data/a/é', 'data/'))).toMatchObject({
    status: { done: { objects: 1 } },
    added: 0,
  })
})

it('believes a failed row whose message holds what is escaped', async () => {
  const failed = { code: 'AccessDenied', message: 'no "s3:PutObject"\non \u202e\\ "status": x' }
  const line = visibleJson({ ...JSON.parse(row('')), status: 'failed', ...failed })
  expect(await read(line)).toMatchObject({ status: { failed: { objects: 1, bytes: 12 } } })
})

/** With a message in which something is escaped. */
const failedRow = (key: string): string =>
  `{"op":"copy","key":"${key}","to":"a","size":1,"status":"failed","engine":"direct","attempts":1,"code":"C","message":"\\""}`

it.each([
  ['a size that begins with zero', row('').replace('"size":12', '"size":012')],
  ['a raw control character in a key', row('').replace('a/é', 'a/\u0000')],
  ['a tab in a target', row('').replace('copy/a', 'copy/\t')],
  ['an unknown engine', row('').replace('"direct"', '"other"')],
  ['a negative count of attempts', row('').replace('"attempts":1', '"attempts":-1')],
  ['seconds without an end', row('').replace('0.051', '0.')],
  ['a proof that is none', row('').replace('"etag"', '"size-and-time"')],
  ['a second status', row('"status":"failed",')],
  ['a second status whose name is written with an escape', row('"\\u0073tatus":"failed",')],
  ['a wave whose name is written with an escape', row('"w\\u0061ve":1000000000,')],
  ['an op whose name is written with an escape', row('"o\\u0070":"delete",')],
  ['a nest of lists with an escape', row(`"x":${'['.repeat(30_000)}"\\n"${']'.repeat(30_000)},`)],
  ['a route that no op takes', row('').replace('approved-plan', 'no-such-route')],
  ['text behind it', `${row('')}}`],
  ['what nobody sees in a key, though it is escaped in its message', failedRow('\u202e')],
  ['a size that no number has', row('').replace('"size":12', '"size":9007199254740993')],
])('believes no row with %s, also behind others that end alike', async (_what, line) => {
  expect(await read(line)).toBe(REFUSED)
  expect(await read(row(''), failedRow('a'), line)).toBe(REFUSED)
})
