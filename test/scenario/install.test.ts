import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

/** A stand-in for `go install`, whose s5cmd is the real one but, as Go builds it, does not know its version. */
async function standInGo({ toolCache }: Job): Promise<string> {
  const bin = join(toolCache, 'bin')
  await mkdir(bin)
  const go = `#!/bin/sh
echo "$@" > ${toolCache}/asked
env > ${toolCache}/env
cat > "$GOBIN/s5cmd" <<'END'
#!/bin/sh
[ "$1" != version ] || exec echo v0.0.0-dev
exec ${parts().s5cmd} "$@"
END
chmod 0755 "$GOBIN/s5cmd"
`
  await writeFile(join(bin, 'go'), go, { mode: 0o755 })
  return `${bin}:${process.env['PATH']}`
}

it('install-method: go copies with the s5cmd that Go built, and says that it is unpinned', async () => {
  stage = await openStage()
  for (const key of ['a', 'b', 'folder/c']) stage.kit.store.put('src', `data/${key}`, { body: key })
  await using job = await openJob()
  const env = { ...stage.kit.idTokenEnv, PATH: await standInGo(job) }
  const inputs = { 's5cmd-path': '', 'install-method': 'go', engine: 's5cmd' }
  await using run = await stage.run(inputs, { job, env })
  expect(run.outputs).toMatchObject({
    result: 'success',
    engine: 's5cmd',
    copied: '3',
    's5cmd-version': '2.3.0',
  })
  expect(stage.equal()).toBe(true)
  expect(await readFile(join(job.toolCache, 'asked'), 'utf8')).toBe(
    'install github.com/peak/s5cmd/v2@v2.3.0\n',
  )
  expect(await readFile(join(job.toolCache, 'env'), 'utf8')).not.toMatch(
    /^(AWS|ACTIONS|INPUT|GITHUB)_/m,
  )
  const { engine }: Report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  expect(engine?.toolchain).toMatchObject({
    version: '2.3.0',
    reported: 'v0.0.0-dev',
    origin: 'unpinned',
    path: run.outputs['s5cmd-path'],
  })
  expect(run.summary).toMatch(/s5cmd `2\.3\.0`.*`v0\.0\.0-dev`.*unpinned/)
  expect(run.log).toContain('s5cmd 2.3.0, reported version v0.0.0-dev, (unpinned)')
})

it('install-method: go stops where there is no Go and s5cmd must be had', async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
  await using job = await openJob()
  const env = { ...stage.kit.idTokenEnv, PATH: job.home }
  const inputs = { 's5cmd-path': '', 'install-method': 'go', engine: 's5cmd' }
  await using run = await stage.run(inputs, { job, env })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'install', copied: '0' })
  expect(run.annotations.errors).toHaveLength(1)
  expect(run.annotations.errors[0]?.message).toMatch(/go is not on the PATH; run actions\/setup-go/)
})

it('a cancel ends what is asked to bring s5cmd, and the run', async () => {
  stage = await openStage()
  stage.kit.store.put('src', 'data/a', { body: 'a' })
  await using job = await openJob()
  const bin = join(job.toolCache, 'bin')
  await mkdir(bin)
  const asked = join(job.toolCache, 'asked')
  const go = `#!/bin/sh\ntrap '' TERM INT\n: > '${asked}'\nexec sleep 60\n`
  await writeFile(join(bin, 'go'), go, { mode: 0o755 })
  const begun = async (): Promise<'SIGINT'> => {
    while (!(await readdir(job.toolCache)).includes('asked')) await sleep(20)
    return 'SIGINT'
  }
  const env = { ...stage.kit.idTokenEnv, PATH: `${bin}:${process.env['PATH']}` }
  const inputs = { 's5cmd-path': '', 'install-method': 'go', engine: 's5cmd' }
  await using run = await stage.run(inputs, { job, env, endedBy: begun() })
  expect(run.outputs).toMatchObject({ result: 'cancelled', 'failure-kind': 'cancelled' })
  expect(run.exitedWithinMs).toBeLessThan(6000)
  expect(run.leftovers).toEqual([])
})
