import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..', '..')
const script = path.join(root, 'scripts', 'sync.ts')
const serve = path.join(root, 'testkit', 'serve.ts')

let stage: Stage
let folder: string
beforeAll(async () => {
  stage = await openStage()
  folder = await mkdtemp(path.join(os.tmpdir(), 'laptop-'))
  stage.kit.store.put('src', 'data/a', { body: 'x' })
  stage.kit.store.put('src', 'data/b.tmp', { body: 'x' })
  stage.kit.store.put('src', 'data/c.bak', { body: 'x' })
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Runs the script as somebody does who has this in the environment. */
async function ranWith(env: Readonly<Record<string, string>>, flags: readonly string[]) {
  const child = spawn(process.execPath, [script, ...flags], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { out, err, code: await ended }
}

/** With the keys of the stage. */
function laptop(...flags: readonly string[]) {
  const { iam, endpoint } = stage.kit
  const { accessKeyId, secretAccessKey } = iam.admin
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
  }
  return ranWith(env, flags)
}

const PLACES = ['--source', 's3://src/data/', '--destination', 's3://dst/copy/']

describe('npm run sync', () => {
  it('plans with the keys of the environment, and prints no commands to a runner', async () => {
    const ran = await laptop(...PLACES, '--dry-run', '--exclude=*.tmp', '--exclude', '*.bak')
    expect(ran, ran.out + ran.err).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toContain('1 to copy')
    expect(ran.out).not.toMatch(/^::/m)
    expect(stage.kit.store.keys('dst')).toEqual([])
    expect(await readFile(path.join(folder, '.sync', 'summary.md'), 'utf8')).toContain('copied')
  })

  it('ends with the exit code of the action, and its error', async () => {
    const ran = await laptop('--source', 's3://src/dta/', '--destination', 's3://dst/copy/')
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('ERROR')
    expect(ran.out).toContain('empty')
  })

  it('applies the plan that it made just before', async () => {
    expect(await laptop(...PLACES, '--mode', 'plan', '--exclude=*.bak')).toMatchObject({ code: 0 })
    const ran = await laptop(...PLACES, '--mode', 'execute', '--exclude=*.bak')
    expect(ran, ran.out + ran.err).toMatchObject({ code: 0 })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/a', 'copy/b.tmp'])
  })

  it('says each thing once', async () => {
    const { out } = await laptop(...PLACES, '--destination-region', 'us-west-2', '--dry-run')
    expect(out.split('destination-region is us-west-2')).toHaveLength(2)
  })

  it('refuses a flag that is no input', async () => {
    const ran = await laptop(...PLACES, '--exlude', '*.tmp')
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('Not an input: --exlude (did you mean --exclude?).')
  })

  it('says what it takes when it is asked', async () => {
    expect(await laptop('--help')).toMatchObject({ code: 0, err: '' })
  })

  it('needs no AWS account with the server of npm run serve, and what that prints', async () => {
    const serving = spawn(process.execPath, [serve], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      let said = ''
      for await (const chunk of serving.stdout.setEncoding('utf8')) {
        said += chunk
        if (said.includes('--dry-run')) break
      }
      const set = [...said.matchAll(/\b(AWS_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ])
      const flags = /npm run sync -- (.*)/.exec(said)?.[1]?.split(' ') ?? []
      const ran = await ranWith(Object.fromEntries(set), flags)
      expect(ran, ran.out + ran.err).toMatchObject({ code: 0, err: '' })
      expect(ran.out).toContain('300 to copy')
    } finally {
      serving.kill()
    }
  })
})
