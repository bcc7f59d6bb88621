import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
let job: Awaited<ReturnType<typeof openJob>>
beforeEach(async () => {
  stage = await openStage()
  job = await openJob()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await job[Symbol.asyncDispose]()
})

const put = async (name: string, content: string | Uint8Array): Promise<void> => {
  const file = path.join(job.workspace, 'site', name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, content)
}

const publish = (inputs = {}, step = {}) =>
  stage.run({ source: './site', ...inputs }, { job, ...step })

const stored = () =>
  Object.fromEntries(
    stage.kit.store
      .keys('dst', 'copy/')
      .map((key) => [key.slice(5), stage.kit.store.bytes('dst', key)?.toString()]),
  )

describe('a folder of the runner', () => {
  it('becomes objects with their types, proven, and a second run uploads nothing', async () => {
    await put('index.html', '<p>Grüße</p>')
    await put('a.txt', 'a')
    await put('a/b.json', '{}')
    await put('a-b.bin', Buffer.from([0xff, 0xfe]))
    await put('empty', '')
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5', engine: 'direct' })
    expect(Object.keys(stored())).toEqual(['a-b.bin', 'a.txt', 'a/b.json', 'empty', 'index.html'])
    await using again = await publish()
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-copies': '0' })
  })
})
