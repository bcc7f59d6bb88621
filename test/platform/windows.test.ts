import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { onWine, otherMachine } from 's3-direct-sync-testkit/machines.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
const machine = otherMachine('wine')
const asked = process.env['TEST_PLATFORMS'] !== undefined && machine !== undefined
const timeoutMs = 120_000

let stage: Stage
let job: Job
beforeEach(async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
  job = await openJob()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await job[Symbol.asyncDispose]()
})

const run = (
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = stage.kit.idTokenEnv,
) => stage.run(inputs, { machine, timeoutMs, job, env })

/** A profile whose credential_process is a batch file of these lines. */
async function configured(...lines: readonly string[]): Promise<Record<string, string>> {
  const helper = path.join(job.runnerTemp, 'my helper.cmd')
  await writeFile(helper, ['@echo off', ...lines, ''].join('\r\n'))
  const config = path.join(job.runnerTemp, 'config')
  await writeFile(config, `[profile command]\r\ncredential_process = "${onWine(helper)}" "a b"\r\n`)
  return { AWS_CONFIG_FILE: onWine(config) }
}

describe.skipIf(!asked)('on wine', () => {
  it('a credential_process is run by the shell of Windows, with the words it was given', async () => {
    const { accessKeyId, secretAccessKey } = stage.kit.iam.addUser('command', [EVERYTHING])
    const json = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
    const env = await configured(`if not "%~1"=="a b" exit /b 3`, `echo ${JSON.stringify(json)}`)
    await using done = await run({ 'role-to-assume': '', 'aws-profile': 'command' }, env)
    expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
  })

  it('a credential_process that hangs is ended with all that it started', async () => {
    const began = path.join(job.runnerTemp, 'began')
    const sleeper = path.join(job.runnerTemp, 'sleeper.js')
    await writeFile(
      sleeper,
      `require('node:fs').writeFileSync(${JSON.stringify(onWine(began))}, 'began')
       setTimeout(() => {}, 60_000)`,
    )
    const [program = '', ...before] = machine?.node ?? []
    const env = await configured(`"${onWine(before.at(-1) ?? '')}" "${onWine(sleeper)}"`)
    await using failed = await stage.run(
      { 'role-to-assume': '', 'aws-profile': 'command', 'request-timeout': '5s' },
      {
        // Else the system that Wine runs in would end with the step, and all that is left in it.
        machine: {
          ...machine,
          node: [program, ...before.filter((one) => one !== '--unshare-pid')],
        },
        ...{ timeoutMs, job, env },
      },
    )
    expect(failed.outputs, failed.log).toMatchObject({ 'failure-kind': 'credentials' })
    expect(failed.annotations.errors[0]?.message).toContain('It took longer than 5 s.')
    expect(await readFile(began, 'utf8')).toBe('began')
    const left = failed.leftovers.map(({ command }) => command)
    expect(left.filter((command) => command.includes('sleeper.js'))).toEqual([])
    // What Wine runs for itself is found where it is looked for.
    expect(left.join()).toContain('services.exe')
  })

  // Wine maps /dev/null to that of this machine, as Windows does not.
  it.each(['NUL', String.raw`\\.\NUL`])(
    'the file %s is a configuration in which nothing is',
    async (file) => {
      const env = {
        ...stage.kit.idTokenEnv,
        AWS_CONFIG_FILE: file,
        AWS_SHARED_CREDENTIALS_FILE: file,
      }
      await using done = await run({}, env)
      expect(done.outputs, done.log).toMatchObject({ result: 'success', copied: '1' })
      expect(done.annotations.warnings.filter(({ message }) => message.includes(file))).toEqual([])
    },
  )

  it.each(['nul', 'reports\\x.', 'reports/a:b'])(
    'a report-dir %s that Windows cannot keep is refused, and nothing is touched',
    async (folder) => {
      await using refused = await run({ 'report-dir': folder })
      expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
      expect(refused.annotations.errors[0]?.message).toContain('Windows')
    },
  )
})
