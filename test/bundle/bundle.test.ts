import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const dist = path.resolve(import.meta.dirname, '../../dist')
let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
})
afterAll(() => stage[Symbol.asyncDispose]())

const textOf = (file: string): string => readFileSync(path.join(dist, file), 'utf8')

/** What a comment before each part names as its origin. */
const originsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^\/\/ ((?:src|node_modules)\/\S+)$/gm)].flatMap(([, file]) => file ?? [])

const OUR_OWN = ''

const packageOf = (file: string): string =>
  /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? OUR_OWN

const packagesIn = (text: string): ReadonlySet<string> => new Set(originsIn(text).map(packageOf))

/** The text of a file and of all that is loaded with it. */
function loadedWith(file: string, known = new Map<string, string>()): string {
  if (!known.has(file)) {
    const text = textOf(file)
    known.set(file, text)
    for (const [, imported] of text.matchAll(/^import .*"\.\/([^"]+)";?$/gm))
      if (imported) loadedWith(imported, known)
  }
  return [...known.values()].join('\n')
}

describe('the bundle', () => {
  const names = readdirSync(dist)
  const code = names
    .filter((name) => name.endsWith('.js'))
    .map(textOf)
    .join('\n')

  it('is small', () => {
    const bytes = names.reduce((sum, file) => sum + statSync(path.join(dist, file)).size, 0)
    expect(bytes).toBeLessThan(3_000_000)
  })

  it('can be read, and names the file that each part comes from', () => {
    expect(originsIn(code)).toContain('src/run/sync.ts')
    const lines = code.split('\n').filter((line) => !line.startsWith('export {'))
    expect(lines.filter((line) => line.length > 4000)).toEqual([])
  })

  it('loads neither the AWS SDK nor zod nor YAML before its first LIST', () => {
    const lazy = ['@aws-sdk/client-s3', '@aws-sdk/client-sts', '@aws-sdk/client-cloudwatch']
    for (const name of [...lazy, 'yaml', 'zod']) expect(packagesIn(code)).toContain(name)
    const loaded = ['start.js', 'identity.js', 's3-store.js'].map((file) => loadedWith(file))
    const first = packagesIn(loaded.join('\n'))
    expect(first).toContain('@actions/core')
    expect([...first].filter((name) => /^(yaml|zod)$|^@aws|^@smithy/.test(name))).toEqual([])
  })

  it('has no HTTP client beside our own and that of the AWS SDK', () => {
    const packages = packagesIn(code)
    for (const name of ['@actions/http-client', 'undici', 'tunnel'])
      expect(packages).not.toContain(name)
    expect(packages).toContain('@actions/tool-cache')
  })

  it('does not have Node load the HTTP client that it has for WebSocket and fetch', async () => {
    const told = "process.on('exit',()=>console.log('loaded:'+process.moduleLoadList.join()))"
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(told)}`
    const env = { ...stage.kit.idTokenEnv, NODE_OPTIONS }
    await using run = await stage.run({ 'dry-run': 'true' }, { env })
    expect(run.outputs['result']).toBe('planned')
    const loaded = /^loaded:(.*)$/m.exec(run.stdout)?.[1] ?? ''
    expect(loaded).toContain('NativeModule http')
    expect(loaded).not.toContain('undici')
  })

  it('comes with the notices of what it holds, each library in one version', () => {
    const titles = textOf('licenses.txt').matchAll(/^(\S+) \d+\.\d+\.\d+\S* \(.+\)$/gm)
    const noticed = [...titles].map(([, name]) => name)
    const held = [...packagesIn(code)].filter((name) => name !== OUR_OWN)
    expect(noticed.toSorted()).toEqual([...held, 'rolldown'].toSorted())
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
