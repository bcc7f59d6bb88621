import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fault, fail } from 's3-direct-sync-testkit/faults.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { runAction, runPost, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { listenOnLoopback, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** Credentials as people set them, and where. */
interface Odd {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly credentials?: string
  readonly config?: string
  readonly role?: boolean
  /** Whether the job may ask for an OIDC token. */
  readonly token?: boolean
}

let stage: Stage
let job: Job
let secrets: Set<string>

const SECRET_FIELDS = /<(?:SecretAccessKey|SessionToken)>([^<]+)</g
const USUAL = ['add-mask', 'debug', 'group', 'endgroup', 'error', 'warning']

const LOUD = { 'log-level': 'trace', delete: 'true', 'max-delete': '100%' }

/** Remembers every secret that goes through STS. */
const remember: Fault = async ({ form }, next) => {
  secrets.add(form.get('WebIdentityToken') ?? '')
  const reply = await next()
  for (const [, secret = ''] of String(reply.body).matchAll(SECRET_FIELDS)) secrets.add(secret)
  return reply
}

/** An error that sends back what it was sent: the token, the signature and the body. */
const tellAll: Fault = (request, next) => {
  const { headers, rawQuery, payload } = request
  const sent = ['x-amz-security-token', 'authorization'].map((name) => headers[name])
  const message = ['You sent:', ...sent, rawQuery, payload, ...secrets].join(' ').slice(0, 30_000)
  return fail(403, 'SignatureDoesNotMatch', { message })(request, next)
}

/** An error that sends back the token as what it calls the error. */
const tellAsCode: Fault = ({ operation, headers }) => {
  const error = `<Code>${headers['x-amz-security-token']}</Code><Message>You sent that</Message>`
  const one = operation === 'DeleteObjects'
  return {
    status: one ? 200 : 403,
    headers: { 'content-type': 'application/xml' },
    body: one
      ? `<DeleteResult><Error><Key>copy/extra</Key>${error}</Error></DeleteResult>`
      : `<Error>${error}</Error>`,
  }
}

beforeEach(async () => {
  secrets = new Set()
  job = await openJob()
  stage = await openStage()
  for (const key of ['a', 'b', 'new\nline'])
    stage.kit.store.put('src', `data/${key}`, { body: key })
  stage.kit.store.put('dst', 'copy/extra', { body: 'x' })
  stage.kit.faults.add({ match: ({ service }) => service === 'sts', fault: remember })
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await job[Symbol.asyncDispose]()
})

/** Texts of all files of the job but the ones that the runner itself reads and removes. */
async function filesOf(): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const folder of [job.workspace, job.runnerTemp, job.home, job.toolCache]) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name)
      texts.set(path, await readFile(path, 'latin1'))
    }
  }
  return texts
}

/** What was told outside of `::add-mask::` lines, whoever reads it: nothing is hidden by the runner here. */
async function toldBy(run: StepResult): Promise<Map<string, string>> {
  const post = await runPost(run)
  const printed = [run.stdout, run.stderr, post.stdout, post.stderr].join('\n')
  const lines = printed.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  return new Map([
    ...(await filesOf()),
    ['log', lines.join('\n')],
    ['outputs', JSON.stringify(run.outputs)],
  ])
}

async function expectNoSecret(run: StepResult): Promise<void> {
  const hidden = [...secrets, stage.kit.idTokenEnv['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '']
  const known = hidden.filter((secret) => secret !== '')
  expect(known.length).toBeGreaterThan(3)
  for (const [name, text] of await toldBy(run))
    for (const secret of known) expect(`${name}: ${text}`).not.toContain(secret)
  expect(run.commands.filter(({ name }) => !USUAL.includes(name))).toEqual([])
}

describe('secrets stand nowhere', () => {
  it('in a run that succeeds, as loud as can be', async () => {
    await using run = await stage.run(LOUD, { job })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', deleted: '1' })
    await expectNoSecret(run)
  })

  it.each([
    'HeadBucket',
    'ListObjectsV2',
    'CreateMultipartUpload',
    'CopyObject',
    'DeleteObjects',
    'GetCallerIdentity',
  ])('where a service sends back in its error what it was sent (%s)', async (operation) => {
    stage.kit.faults.add({ match: { operation }, fault: tellAll })
    // Where many are refused at once, each is asked for by itself.
    if (operation === 'DeleteObjects')
      stage.kit.faults.add({ match: { operation: 'DeleteObject' }, fault: tellAll })
    await using run = await stage.run({ ...LOUD, 'retry-count': '0', 'max-retries': '0' }, { job })
    await expectNoSecret(run)
    if (['CopyObject', 'DeleteObjects'].includes(operation)) {
      expect(run.outputs['result']).not.toBe('success')
      // Otherwise the service would not have been heard at all.
      const rows = await readFile(join(run.reportDir, 'failed.ndjson'), 'utf8')
      expect(rows).toContain('You sent: ***')
    }
  })

  it.each([
    ['HeadBucket', 'auto'],
    ['ListObjectsV2', 'auto'],
    ['CopyObject', 'auto'],
    ['CopyObject', 'direct'],
    ['DeleteObjects', 'auto'],
  ])(
    'where a service calls its error by what it was sent (%s, engine %s)',
    async (operation, engine) => {
      stage.kit.faults.add({ match: { operation }, fault: tellAsCode })
      const inputs = { ...LOUD, engine, 'retry-count': '0', 'max-retries': '0' }
      await using run = await stage.run(inputs, { job })
      await expectNoSecret(run)
      if (operation === 'HeadBucket' || operation === 'ListObjectsV2') return
      const rows = await readFile(join(run.reportDir, 'failed.ndjson'), 'utf8')
      expect(rows).toContain('"code":"Unnamed"')
      expect(rows).toContain('You sent that')
    },
  )

  it.runIf(process.platform === 'linux')(
    'in the arguments of s5cmd, whose environment holds its own keys and nothing of the job',
    async () => {
      const path = join(job.workspace, 's5cmd')
      const seen = join(job.toolCache, 'seen')
      const script = `#!/bin/sh\n[ "$1" = version ] || { tr '\\0' '\\n' < /proc/$$/environ > '${seen}.env'; printf '%s\\n' "$@" > '${seen}.args'; }\nexec '${parts().s5cmd}' "$@"\n`
      await writeFile(path, script, { mode: 0o755 })
      const own = stage.kit.iam.addUser('job', [])
      const env = {
        ...stage.kit.idTokenEnv,
        AWS_ACCESS_KEY_ID: own.accessKeyId,
        AWS_SECRET_ACCESS_KEY: own.secretAccessKey,
        AWS_PROFILE: '',
        GITHUB_TOKEN: 'ghs_of_the_job_itself',
        ACTIONS_RUNTIME_TOKEN: 'runtime-token-of-the-job',
      }
      await using run = await stage.run({ 's5cmd-path': path }, { job, env })
      expect(run.outputs).toMatchObject({ result: 'success', engine: 's5cmd,direct' })
      const names = (await readFile(`${seen}.env`, 'utf8'))
        .split('\n')
        .map((line) => line.split('=')[0])
      expect(new Set(names.filter((name) => name !== ''))).toEqual(
        new Set([
          ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION'],
          ...['AWS_EC2_METADATA_DISABLED', 'AWS_SDK_LOAD_CONFIG', 'GOGC', 'RUNNER_TRACKING_ID'],
          'AWS_S3_US_EAST_1_REGIONAL_ENDPOINT',
        ]),
      )
      const environment = await readFile(`${seen}.env`, 'utf8')
      const args = await readFile(`${seen}.args`, 'utf8')
      for (const value of [own.secretAccessKey, env.GITHUB_TOKEN, env.ACTIONS_RUNTIME_TOKEN])
        expect(environment).not.toContain(value)
      for (const secret of [...secrets, own.secretAccessKey])
        expect(args).not.toContain(secret || '?')
      expect([...secrets].some((secret) => secret !== '' && environment.includes(secret))).toBe(
        true,
      )
    },
  )
})

describe('secrets that are words as well', () => {
  /** Runs with keys of a user, in place of a role. */
  const runAs = (accessKeyId: string, secretAccessKey: string): Promise<StepResult> =>
    runAction({
      job,
      inputs: {
        source: 's3://src/data/',
        destination: 's3://dst/copy/',
        'endpoint-url': stage.kit.endpoint,
        'aws-access-key-id': accessKeyId,
        'aws-secret-access-key': secretAccessKey,
        'aws-region': 'us-east-1',
        's5cmd-path': parts().s5cmd,
        'max-retries': '0',
        'retry-count': '0',
      },
    })

  it.each(['test', '1'])(
    'are not masked, so that no output is dropped, and stand in no text that a service sends back (%s)',
    async (word) => {
      const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
      const keys = { accessKeyId: word, secretAccessKey: word }
      stage.kit.iam.addUser('emulator', [everything], keys)
      const message = `You signed with =${word}= and more`
      stage.kit.faults.add({
        match: { operation: 'CopyObject', key: 'copy/a' },
        fault: fail(403, 'SignatureDoesNotMatch', { message }),
      })
      await using run = await runAs(word, word)
      expect(run.masks).toEqual([])
      expect(run.outputs, run.log).toMatchObject({
        result: 'partial',
        copied: '2',
        failed: '1',
        'source-region': 'us-east-1',
      })
      const told = new Map([...(await filesOf())].filter(([, text]) => text.includes('You signed')))
      for (const name of ['failed.ndjson', 'report.json', 'results.ndjson'])
        expect(told.get(join(run.reportDir, name))).toContain('You signed with =***= and more')
      for (const text of told.values()) expect(text).not.toContain(`=${word}=`)
    },
  )

  it('that are a line of a longer secret are not masked either, and the long line is', async () => {
    await using run = await runAs('test', 'wrapped-secret-of-old\n1')
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(run.masks).toEqual(['wrapped-secret-of-old'])
  })
})

describe('credentials that cannot be right', () => {
  const ID = 'AKIAIOSFODNN7EXAMPLE'
  const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
  const CHAIN = `[base]\naws_access_key_id = "${ID}"\naws_secret_access_key = ${SECRET}\n`
  const ROLE = `[profile p]\nrole_arn = arn:aws:iam::123456789012:role/Sync\nsource_profile = base\n`
  const inputs = (id: string, secret: string, prefix = '') => ({
    [`${prefix}aws-access-key-id`]: id,
    [`${prefix}aws-secret-access-key`]: secret,
  })
  const env = (id: string, secret: string) => ({
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
  })

  it.each([
    [
      'a quoted input',
      { inputs: inputs(`"${ID}"`, SECRET) },
      'access key id (aws-access-key-id) st',
    ],
    [
      'an input with a break in it, that is to take a role',
      { inputs: inputs(ID, `${SECRET}\nx`), role: true },
      'secret access key (aws-secret-access-key) contains a line break',
    ],
    [
      'the input of a source',
      { inputs: inputs(`${ID}\u200b`, SECRET, 'source-'), role: true, token: true },
      'access key id (source-aws-access-key-id) contains an invisible character',
    ],
    [
      'a variable with a break at its end',
      { env: env(ID, `${SECRET}\n`) },
      'secret access key (the environment variable AWS_SECRET_ACCESS_KEY) ends with a line break',
    ],
    [
      'half of a pair',
      { env: env(ID, '') },
      'AWS_SECRET_ACCESS_KEY is not set or empty, but the other one is set',
    ],
    [
      'a profile in quotes, by which another takes a role',
      { inputs: { 'aws-profile': 'p' }, credentials: CHAIN, config: ROLE },
      'profile "p": The access key id (source_profile) is in quotes',
    ],
  ] satisfies [string, Odd, string][])(
    'are named by where they come from, and sent to nobody: %s',
    async (_what, odd: Odd, message) => {
      await mkdir(join(job.home, '.aws'))
      for (const file of ['credentials', 'config'] as const)
        await writeFile(join(job.home, '.aws', file), odd[file] ?? '')
      const role = odd.role ? { 'role-to-assume': stage.roleArn } : {}
      await using run = await runAction({
        job,
        env: odd.env ?? (odd.token ? stage.kit.idTokenEnv : {}),
        inputs: {
          source: 's3://src/data/',
          destination: 's3://dst/copy/',
          'endpoint-url': stage.kit.endpoint,
          'sts-endpoint': stage.kit.endpoint,
          'aws-region': 'us-east-1',
          's5cmd-path': parts().s5cmd,
          ...role,
          ...odd.inputs,
        },
      })
      expect(run.outputs['failure-kind'], run.log).toBe('credentials')
      expect(run.outputs['failure-message']).toContain(message)
      for (const operation of ['HeadBucket', 'ListObjectsV2', 'AssumeRole', 'GetCallerIdentity'])
        if (!odd.token || operation !== 'GetCallerIdentity')
          expect(stage.kit.counters.of(operation), operation).toBe(0)
      expect(run.log + JSON.stringify(run.outputs)).not.toMatch(/wJalrXUtn|AKIAIOSFODNN7/)
    },
  )
})

it('one identity at two services is a warning: the other one gets its token and its key id, and never its secret key', async () => {
  const secret: string[] = []
  const fault: Fault = async (_request, next) => {
    const reply = await next()
    for (const [, text = ''] of String(reply.body).matchAll(/<SecretAccessKey>([^<]+)</g))
      secret.push(text)
    return reply
  }
  stage.kit.faults.add({ match: { operation: 'AssumeRoleWithWebIdentity' }, fault })
  const heard: string[] = []
  const server = webServer(false).on('request', (request, response) => {
    heard.push(`${request.url} ${JSON.stringify(request.headers)}`)
    response.writeHead(403).end()
  })
  const other = await listenOnLoopback(server)
  await using run = await stage.run({ 'source-endpoint-url': other.url })
  await other.close()
  expect(run.outputs).toMatchObject({ result: 'failed' })
  const told = run.annotations.warnings.map(({ message }) => message).join('\n')
  expect(told).toContain('The same credentials are used for two services')
  expect(told).toContain(other.url)
  expect(heard.join('\n')).toContain('x-amz-security-token')
  expect(secret.length).toBeGreaterThan(0)
  for (const key of secret) expect(heard.join('\n')).not.toContain(key)
})
