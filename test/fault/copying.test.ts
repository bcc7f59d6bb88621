import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  before,
  type Fault,
  fail,
  failIn200,
  loseReply,
  type RequestInfo,
  reset,
} from 's3-direct-sync-testkit/faults.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
const scratch = mkdtemp(join(tmpdir(), 'copying-'))

async function fill(count: number, options: Parameters<typeof openStage>[0] = {}): Promise<void> {
  stage = await openStage(options)
  for (let i = 0; i < count; i++)
    stage.kit.store.put('src', `data/${String(i).padStart(4, '0')}`, { size: 100 + i, seed: i })
}

const rows = async (path: string | undefined): Promise<Record<string, unknown>[]> =>
  (await readFile(path ?? '', 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/** An s5cmd that behaves as the shell lines say; `$REAL` is the real one. */
async function fakeS5cmd(lines: string): Promise<string> {
  const path = join(await scratch, `s5cmd-${Math.random()}`)
  await writeFile(
    path,
    `#!/bin/sh\nREAL='${parts().s5cmd}'\n[ "$1" = --json ] || exec "$REAL" "$@"\n${lines}\n`,
  )
  await chmod(path, 0o755)
  return path
}

const COPY = { operation: 'CopyObject' }

afterEach(() => stage[Symbol.asyncDispose]())
afterAll(async () => rm(await scratch, { recursive: true }))

describe('copies that fail', () => {
  beforeEach(() => fill(30))

  /** An object that somebody overwrites as soon as it is copied, and whose ETag is no digest. */
  function steal(name: string): void {
    const thief: Fault = async (_request, next) => {
      const reply = await next()
      stage.kit.store.put('dst', `copy/${name}`, { body: 'something else' })
      return reply
    }
    const multipart = { size: 111, seed: 11, etag: `${'0'.repeat(32)}-2` }
    stage.kit.store.put('src', `data/${name}`, multipart)
    stage.kit.faults.add({ match: { ...COPY, key: `copy/${name}` }, fault: thief })
  }

  it.each(['s5cmd', 'direct'])(
    'for good, for a source that is gone by now, or although %s says they are done, are named, the others are done',
    async (engine) => {
      const denied = { match: { ...COPY, key: 'copy/0007' }, fault: fail(403, 'AccessDenied') }
      stage.kit.faults.add(denied)
      const fault = before(() => void stage.kit.store.delete('src', 'data/0003'))
      stage.kit.faults.add({ match: { ...COPY, key: 'copy/0003' }, times: 1, fault })
      steal('0011')
      await using run = await stage.run({ engine })
      expect(run.exitCode).toBe(1)
      expect(run.outputs).toMatchObject({
        result: 'partial',
        copied: '27',
        failed: '3',
        unknown: '0',
      })
      const failed = await rows(run.outputs['failed-path'])
      const named = failed.map(({ key, status, code }) => [key, status, code]).toSorted()
      expect(named).toEqual([
        ['data/0003', 'failed', 'NoSuchKey'],
        ['data/0007', 'failed', 'AccessDenied'],
        ['data/0011', 'failed', 'NotVerified'],
      ])
      expect(failed.find(({ key }) => key === 'data/0007')).toMatchObject({
        op: 'copy',
        engine,
        attempts: 1,
      })
      const results = run.outputs['failed-path']?.replace('failed', 'results')
      expect((await rows(results)).length).toBe(30)
    },
  )

  it('may be forgiven by fail-on: never, and are not looked for where the engine is believed', async () => {
    stage.kit.faults.add({ match: { ...COPY, key: 'copy/0007' }, fault: fail(403, 'AccessDenied') })
    steal('0011')
    await using run = await stage.run({ 'fail-on': 'never', verify: 'outcomes', engine: 's5cmd' })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '29', failed: '1' })
  })

  it('all of them, fail the run', async () => {
    stage.kit.faults.add({ match: COPY, fault: fail(403, 'AccessDenied') })
    await using run = await stage.run({ 'fail-on': 'never' })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '30' })
  })

  it.each<[string, readonly Fault[]]>([
    ['s5cmd', [fail(503, 'SlowDown'), reset, failIn200('InternalError'), loseReply]],
    ['direct', [fail(500, 'InternalError'), reset, failIn200('InternalError'), loseReply]],
  ])('once and heal get another pass (%s)', async (engine, faults) => {
    const struck = faults.map((fault, kind) => {
      const isHit = ({ operation, key }: RequestInfo) =>
        operation === 'CopyObject' && Number(key?.split('/')[1]) % faults.length === kind
      return stage.kit.faults.add({ match: isHit, times: 5, fault })
    })
    await using run = await stage.run({ engine, 'retry-count': '0' })
    expect(struck.map((times) => times())).toEqual([5, 5, 5, 5])
    expect(run.outputs).toMatchObject({
      result: 'success',
      copied: '30',
      failed: '0',
      unknown: '0',
      engine,
    })
    expect(stage.equal()).toBe(true)
  })
})

describe('copies that cannot be proven', () => {
  it('are unknown, not done', async () => {
    await fill(30)
    stage.kit.faults.add({
      match: { operation: 'HeadObject', bucket: 'dst' },
      fault: fail(500, 'InternalError'),
    })
    await using run = await stage.run({ 'retry-count': '0' })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', unknown: '30' })
    expect((await rows(run.outputs['failed-path'])).length).toBe(30)
  })

  it('by HEAD are proven by listings, where the role may not read what it wrote', async () => {
    await fill(30)
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const allow = (Action: string, Resource: string) =>
      ({ Effect: 'Allow', Action, Resource }) as const
    const Statement = [
      allow('s3:ListBucket', '*'),
      allow('s3:GetObject', 'arn:aws:s3:::src/*'),
      allow('s3:PutObject', 'arn:aws:s3:::dst/*'),
      allow('s3:AbortMultipartUpload', 'arn:aws:s3:::dst/*'),
    ]
    const role = stage.kit.iam.addRole({ name: 'Writer', trust, policies: [{ Statement }] })
    await using run = await stage.run({ 'role-to-assume': role })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '30' })
  })
})

describe('an s5cmd that fails', () => {
  beforeEach(() => fill(200))

  it('half-way is replaced, and what it left open is settled', async () => {
    const flag = join(await scratch, `flag-${Math.random()}`)
    const path = await fakeS5cmd(
      `[ -e ${flag} ] && exec "$REAL" "$@"\ntouch ${flag}\nhead -n 50 | "$REAL" "$@"\nexit 2`,
    )
    await using run = await stage.run({ 's5cmd-path': path })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200', unknown: '0' })
    expect(stage.equal()).toBe(true)
  })

  it.each([
    ['after some objects', 'sed -u 20q | "$REAL" "$@"; exit 2'],
    ['at once', 'exit 2'],
  ])('again and again, %s, is given up, and the direct engine finishes', async (_when, lines) => {
    const path = await fakeS5cmd(lines)
    await using run = await stage.run({ 's5cmd-path': path, 'max-retries': '0' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200', engine: 's5cmd,direct' })
    expect(stage.equal()).toBe(true)
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.engine).toMatchObject({ crashes: 2, processes: 2 })
    expect(report.routes['s5cmd-crashed']).toBeGreaterThan(0)
    expect(run.summary).toContain('s5cmd crashed twice')
    const settled = await rows(run.outputs['report-path']?.replace('report.json', 'results.ndjson'))
    expect(new Set(settled.map(({ key }) => key)).size).toBe(200)
    expect(settled.length).toBe(200)
  })

  it('again and again is not given up where only s5cmd was asked for', async () => {
    const path = await fakeS5cmd('sed -u 20q | "$REAL" "$@"; exit 2')
    await using run = await stage.run({ 's5cmd-path': path, engine: 's5cmd', 'max-retries': '10' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200', engine: 's5cmd' })
  })

  it('and cannot be run on this machine leaves all to the direct engine', async () => {
    const path = join(await scratch, 's5cmd-other-cpu')
    await writeFile(path, Buffer.from('7f454c46020101000000000000000000', 'hex'))
    await chmod(path, 0o755)
    await using run = await stage.run({ 's5cmd-path': path })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200', engine: 'direct' })
    expect(stage.kit.counters.of('CopyObject')).toBe(200)
  })

  it('to say what it did is not believed and not doubted: the destination is asked', async () => {
    const path = await fakeS5cmd('"$REAL" "$@" > /dev/null 2>&1')
    await using run = await stage.run({ 's5cmd-path': path, numworkers: '200' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200' })
    expect(stage.kit.counters.of('CopyObject')).toBe(200)
  })

  it('and lies with exit code 0 does not make a success', async () => {
    const path = await fakeS5cmd('cat > /dev/null; exit 0')
    await using run = await stage.run({
      's5cmd-path': path,
      numworkers: '200',
      'max-retries': '0',
    })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0', unknown: '200' })
  })

  it('and prints rubbish is read around', async () => {
    const path = await fakeS5cmd(
      `echo '::set-output name=result::success'; echo 'x##[set-output name=copied]9'; echo '{"operation":"cp","success":true}'; exec "$REAL" "$@"`,
    )
    await using run = await stage.run({ 's5cmd-path': path, 'log-level': 'debug' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200' })
    expect(run.commands.map(({ name }) => name)).not.toContain('set-output')
  })
})

describe('a service that asks for fewer requests', () => {
  it('gets them from s5cmd, and no object fails', async () => {
    await fill(200)
    stage.kit.faults.add({ match: COPY, times: 60, fault: fail(503, 'SlowDown') })
    await using run = await stage.run({ engine: 's5cmd' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '200', failed: '0' })
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.engine.slowdowns).toBeGreaterThan(0)
    expect(report.engine.processes).toBeGreaterThan(1)
    expect(run.summary).toContain('slowed down')
  })
})

describe('a run that outlives its credentials', () => {
  it.each(['s5cmd', 'direct'])('renews them and finishes (%s)', async (engine) => {
    await fill(440, { latencyMs: 150 })
    stage.kit.iam.sessionLifetimeMs = 3000
    await using run = await stage.run(
      { engine, numworkers: '4', verify: 'outcomes' },
      { timeoutMs: 55_000 },
    )
    expect(run.durationMs).toBeGreaterThan(12_000)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '440', failed: '0' })
    expect(stage.kit.counters.of('AssumeRoleWithWebIdentity')).toBeGreaterThan(3)
  })
})
