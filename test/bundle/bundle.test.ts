import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runPost } from '../../testkit/runner.ts'
import { openStage, type Stage } from '../../testkit/stage.ts'

const dist = path.resolve(import.meta.dirname, '../../dist')
let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
})
afterAll(() => stage[Symbol.asyncDispose]())

describe('the bundle', () => {
  it('is small', () => {
    const bytes = readdirSync(dist).reduce(
      (sum, file) => sum + statSync(path.join(dist, file)).size,
      0,
    )
    expect(bytes).toBeLessThan(4_300_000)
  })

  it('loads the AWS SDK only when a door to AWS is opened, and YAML only for a config', () => {
    const entry = readFileSync(path.join(dist, 'index.js'), 'utf8')
    expect(entry).not.toContain('class S3Client')
    expect(entry).not.toContain('class STSClient')
    expect(entry).not.toContain('class CloudWatchClient')
    expect(entry).not.toContain('class LineCounter')
  })

  it('comes with the notices of what it holds', () => {
    const notices = readFileSync(path.join(dist, 'licenses.txt'), 'utf8')
    for (const name of [
      '@actions/core',
      '@actions/tool-cache',
      '@aws-sdk/client-cloudwatch',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sts',
      'undici',
      'zod',
    ])
      expect(notices).toContain(name)
  })
})

describe('the post step', () => {
  it('is silent after a step that told its result', async () => {
    await using main = await stage.run({ 'dry-run': 'true' })
    const post = await runPost(main)
    expect(post.exitCode).toBe(0)
    expect(post.log).toBe('')
  })

  it('says so when the step was killed before it could tell', async () => {
    await using main = await stage.run({ 'dry-run': 'true' })
    const post = await runPost({ ...main, state: { started: 'true' } })
    expect(post.exitCode).toBe(0)
    expect(post.annotations.warnings[0]?.message).toContain('Run again')
  })
})

describe('a cancel', () => {
  it.each(['credentials', 'preflight', 'list', 'plan'])('after %s ends in order', async (name) => {
    await using run = await stage.run({}, { signalAfter: (log) => log.includes(`${name}: `) })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.leftovers).toEqual([])
    expect(run.exitCode).toBe(run.outputs['result'] === 'success' ? 0 : 1)
    expect(['cancelled', 'success']).toContain(run.outputs['result'])
    expect(run.summary).not.toBe('')
    expect(run.commandProblems).toEqual([])
  })
})
