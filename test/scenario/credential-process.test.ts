import { execFileSync } from 'node:child_process'
import { mkdir, readFile, watch, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
const ANYONE = {
  Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
} as const

let stage: Stage
let job: Job
/** Names of requests, and the access key that each was signed with. */
let signed: string[]

beforeEach(async () => {
  stage = await openStage()
  job = await openJob()
  await mkdir(join(job.home, '.aws'))
  stage.kit.store.put('src', 'data/a', { body: 'a' })
  signed = []
  stage.kit.faults.add({
    match: () => true,
    fault: ({ operation, headers }, next) => {
      const key = /Credential=([^/]+)/.exec(headers['authorization'] ?? '')?.[1]
      signed.push(`${operation} ${key}`)
      return next()
    },
  })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await job[Symbol.asyncDispose]()
})

/** A profile with this command, and one that takes a role with what the command gives. */
async function configure(command: string): Promise<void> {
  const role = stage.kit.iam.addRole({ name: 'Taken', trust: ANYONE, policies: [EVERYTHING] })
  await writeFile(
    join(job.home, '.aws', 'config'),
    `[profile command]\ncredential_process = ${command}\n` +
      `[profile role]\nrole_arn = ${role}\nsource_profile = command\n`,
  )
}

/** A shell script at this path. */
async function script(path: string, ...lines: readonly string[]): Promise<string> {
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
  return path
}

/** A line that prints credentials of the testkit. */
function printing() {
  const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser('command', [EVERYTHING])
  const json = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
  return { accessKeyId, line: `echo '${JSON.stringify(json)}'` }
}

const run = (inputs: Readonly<Record<string, string>>, step = {}) =>
  stage.run({ 'role-to-assume': '', ...inputs }, { job, env: {}, ...step })

const WAYS = ['command', 'role']

describe.skipIf(process.platform === 'win32')('a credential_process', () => {
  it.each(WAYS)('gives the keys that all is signed with (%s)', async (profile) => {
    const { accessKeyId, line } = printing()
    await configure(await script(join(job.home, 'helper'), line))
    await using done = await run({ 'aws-profile': profile })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
    const byItsKeys = signed.filter((one) => one.endsWith(` ${accessKeyId}`))
    if (profile === 'role') expect(byItsKeys).toEqual([`AssumeRole ${accessKeyId}`])
    else expect(byItsKeys).toEqual(signed)
  })

  it.each(WAYS)('that hangs is ended with all that it started (%s)', async (profile) => {
    // A shell, a script, and its child: none of them ends by itself.
    await configure(await script(join(job.home, 'helper'), 'sleep 600 & wait', 'sleep 600'))
    await using failed = await run({ 'aws-profile': profile, 'request-timeout': '1s' })
    expect(failed.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(failed.annotations.errors[0]?.message).toContain('It took longer than 1 s.')
    expect(failed.leftovers).toEqual([])
    expect(stage.kit.counters.total()).toBe(0)
  })

  it.each(WAYS)('that hangs is ended by a cancel (%s)', async (profile) => {
    const began = join(job.toolCache, 'began')
    const helper = await script(
      join(job.home, 'helper'),
      `sleep 600 & : > '${began}'`,
      'wait',
      'sleep 600',
    )
    await configure(helper)
    const changes = watch(job.toolCache)
    const there = (async () => {
      for await (const { filename } of changes) if (filename === 'began') break
      return 'SIGINT' as const
    })()
    await using cancelled = await run({ 'aws-profile': profile }, { endedBy: there })
    expect(cancelled.outputs).toMatchObject({ result: 'cancelled', 'failure-kind': 'cancelled' })
    expect(cancelled.exitedWithinMs).toBeLessThan(6000)
    expect(cancelled.leftovers).toEqual([])
  })

  it.each(WAYS)('is no program of the checkout (%s)', async (profile) => {
    const ran = join(job.home, 'ran')
    const { line } = printing()
    await mkdir(join(job.workspace, 'bin'))
    for (const folder of [job.workspace, join(job.workspace, 'bin')])
      await script(join(folder, 'helper'), `: > '${ran}'`, line)
    await mkdir(join(job.home, 'bin'))
    await script(join(job.home, 'bin', 'helper'), `pwd > '${job.toolCache}/where'`, line)
    await configure('helper')
    const path = process.env['PATH'] ?? ''
    const PATH = ['', '.', 'bin', path, join(job.home, 'bin')].join(delimiter)
    await using done = await run({ 'aws-profile': profile }, { env: { PATH } })
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
    await expect(readFile(ran)).rejects.toThrow('ENOENT')
    const where = (await readFile(join(job.toolCache, 'where'), 'utf8')).trim()
    expect(where.startsWith(`${job.runnerTemp}/`)).toBe(true)
    await expect(readFile(where)).rejects.toThrow('ENOENT')
  })

  it.each(WAYS)(
    'has the environment of the job, and no input of the step (%s)',
    async (profile) => {
      const { line } = printing()
      const seen = join(job.toolCache, 'seen')
      await configure(await script(join(job.home, 'helper'), `env > '${seen}'`, line))
      const env = { VAULT_ADDR: 'https://vault.test', ACTIONS_RUNTIME_TOKEN: 'of-the-runner' }
      const reader = stage.kit.iam.addUser('reader', [EVERYTHING])
      const keys = {
        'source-aws-access-key-id': reader.accessKeyId,
        'source-aws-secret-access-key': reader.secretAccessKey,
      }
      await using done = await run({ 'aws-profile': profile, ...keys }, { env })
      expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
      const text = await readFile(seen, 'utf8')
      expect(text).toContain(`HOME=${job.home}\n`)
      expect(text).toContain('VAULT_ADDR=https://vault.test\n')
      expect(text).toContain(`RUNNER_TRACKING_ID=${job.trackingId}\n`)
      expect(text).not.toMatch(/^INPUT_|of-the-runner/m)
      expect(text).not.toContain(reader.secretAccessKey)
    },
  )
})

it.skipIf(process.platform === 'win32').each(WAYS)(
  'a pipe that a profile names for a token is not waited for (%s)',
  async (profile) => {
    const file = join(job.home, 'token')
    execFileSync('mkfifo', [file])
    const role = 'arn:aws:iam::123456789012:role/Sync'
    await writeFile(
      join(job.home, '.aws', 'config'),
      `[profile command]\nrole_arn = ${role}\nweb_identity_token_file = ${file}\n` +
        `[profile role]\nrole_arn = ${role}\nsource_profile = command\n`,
    )
    await using failed = await run({ 'aws-profile': profile }, { timeoutMs: 20_000 })
    expect(failed).toMatchObject({ exitCode: 1, timedOut: false })
    expect(failed.outputs['failure-message']).toContain('it is not a regular file')
  },
)
