import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { CHECKSUMS } from 's3-direct-sync-testkit/s3/checksums.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LocalStage, linesOf, openLocalStage } from '../local-stage.ts'

const MIB = 2 ** 20

let local: LocalStage
beforeEach(async () => {
  local = await openLocalStage()
})
afterEach(() => local[Symbol.asyncDispose]())

const store = () => local.stage.kit.store
const { put, publish, keys, facts, text, requests } = {
  put: (...given: Parameters<LocalStage['put']>) => local.put(...given),
  publish: (...given: Parameters<LocalStage['publish']>) => local.publish(...given),
  keys: () => local.keys(),
  facts: (name: string) => local.facts(name),
  text: (name: string) => local.text(name),
  requests: (operation: string) => local.requests(operation),
}
const site = (name?: string) => local.path(name)

describe('a folder of the runner', () => {
  it('becomes objects in the order of their keys, with types and digests, each written once', async () => {
    await put('index.html', '<p>Grüße</p>')
    await put('a.txt', 'a')
    await put('a/b.json', '{}')
    await put('latin.txt', Buffer.from('Gr\xfc\xdfe', 'latin1'))
    await put('photo.jpg', 'x')
    await put('data', 'x')
    await put('empty', '')
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '7', engine: 'direct' })
    expect(keys()).toEqual([
      'a.txt',
      'a/b.json',
      'data',
      'empty',
      'index.html',
      'latin.txt',
      'photo.jpg',
    ])
    expect(
      Object.fromEntries(keys().map((key) => [key, facts(key)?.headers['content-type']])),
    ).toEqual({
      'a.txt': 'text/plain; charset=utf-8',
      'a/b.json': 'application/json; charset=utf-8',
      data: 'application/octet-stream',
      empty: 'application/octet-stream',
      'index.html': 'text/html; charset=utf-8',
      'latin.txt': 'text/plain',
      'photo.jpg': 'image/jpeg',
    })
    const puts = requests('PutObject')
    expect(puts.length).toBe(7)
    for (const { headers } of puts) {
      expect(headers['if-none-match']).toBe('*')
      expect(headers['content-md5']).toBeDefined()
      expect(headers['x-amz-checksum-crc32']).toBeDefined()
      expect(headers['transfer-encoding']).toBeUndefined()
    }
    const results = await linesOf(path.join(run.outputs['report-dir'] ?? '', 'results.ndjson'))
    expect(new Set(results.map(({ proof, route }) => `${proof} ${route}`))).toEqual(
      new Set(['etag local-files']),
    )
    expect(run.summary).toContain('./site')
  })

  it('gets its headers by rules, and again where the rules change, but not where they say the same', async () => {
    await put('index.html', '<p>hi</p>')
    await put('app.js', 'let a')
    const rules = (seconds: number) => `
- files: ['*.html']
  cache-control: no-cache
  content-type: application/xhtml+xml
- files: ['*']
  cache-control: max-age=${seconds}
`
    await using first = await publish({ headers: rules(60), waves: '*.html' })
    expect(first.outputs, first.log).toMatchObject({ result: 'success', copied: '2' })
    expect(facts('index.html')?.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'application/xhtml+xml',
    })
    expect(facts('app.js')?.headers).toMatchObject({
      'cache-control': 'max-age=60',
      'content-type': 'text/javascript; charset=utf-8',
    })
    await using again = await publish({ headers: rules(60), waves: '*.html' })
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do' })
    await using other = await publish({ headers: rules(90), waves: '*.html' })
    expect(other.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(facts('app.js')?.headers['cache-control']).toBe('max-age=90')
  })

  it('is uploaded once: neither other times, nor a new checkout of equal bytes, upload anything again', async () => {
    for (let i = 0; i < 20; i++) await put(`assets/${i}.js`, `export const n = ${i}\n`)
    await put('large.bin', Buffer.alloc(9 * MIB + 1, 'large '))
    await using _first = await publish()
    const writes = () => requests('PutObject').length + requests('UploadPart').length
    const before = writes()
    for (let i = 0; i < 20; i++) await utimes(site(`assets/${i}.js`), new Date(), new Date())
    await utimes(site('large.bin'), 1, 1)
    await using touched = await publish()
    await rename(site(), site('../old'))
    for (let i = 0; i < 20; i++) await put(`assets/${i}.js`, `export const n = ${i}\n`)
    await put('large.bin', Buffer.alloc(9 * MIB + 1, 'large '))
    await using cloned = await publish()
    for (const run of [touched, cloned])
      expect(run.outputs).toMatchObject({
        result: 'nothing-to-do',
        'planned-copies': '0',
        skipped: '21',
      })
    expect(writes()).toBe(before)
  })

  it('uploads what differs, whatever the times say, bound to what stood there', async () => {
    await put('same-size.txt', 'one')
    await put('other-size.txt', 'one')
    await put('same.txt', 'same')
    await using _first = await publish()
    await put('same-size.txt', 'two')
    await put('other-size.txt', 'three')
    for (const name of ['same-size.txt', 'other-size.txt']) await utimes(site(name), 1, 1)
    const etags = ['other-size.txt', 'same-size.txt'].map((name) => `"${facts(name)?.etag}"`)
    const before = requests('PutObject').length
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', skipped: '1' })
    expect([text('same-size.txt'), text('other-size.txt')]).toEqual(['two', 'three'])
    expect(
      requests('PutObject')
        .slice(before)
        .map(({ headers }) => headers['if-match'])
        .sort(),
    ).toEqual(etags.sort())
  })

  it('sends large files in parts, with the checksum of the whole and the size of the parts', async () => {
    const bytes = Buffer.alloc(17 * MIB + 5, 'not all parts are alike ')
    await put('big.bin', bytes)
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(facts('big.bin')).toMatchObject({
      md5: createHash('md5').update(bytes).digest('hex'),
      metadata: { 's3-direct-sync-part-size': String(8 * MIB) },
    })
    const [complete] = requests('CompleteMultipartUpload')
    const whole = Buffer.alloc(4)
    whole.writeUInt32BE(crc32(bytes))
    expect(complete?.headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-checksum-type': 'FULL_OBJECT',
      'x-amz-checksum-crc32': whole.toString('base64'),
    })
    expect(store().uploads('dst')).toEqual([])
  })

  it('knows objects that others uploaded by their checksums, and those of KMS', async () => {
    const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('base64')
    const crc = (content: string) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(crc32(content))
      return bytes.toString('base64')
    }
    const kms = { 'x-amz-server-side-encryption': 'aws:kms' }
    const given = (name: string, body: string, spec = {}) =>
      store().put('dst', `copy/${name}`, { body, ...spec })
    given('composite', 'composite', {
      etag: `${'0'.repeat(32)}-2`,
      checksums: { crc32: crc('composite') },
    })
    given('kms', 'kms', {
      etag: 'f'.repeat(32),
      encryption: kms,
      checksums: { sha256: sha256('kms') },
    })
    given('differs', 'differs!', {
      etag: `${'0'.repeat(32)}-2`,
      checksums: { crc32: crc('differs!') },
    })
    given('aws-cli', 'by aws', {
      etag: `${'0'.repeat(32)}-2`,
      checksums: { crc64nvme: CHECKSUMS['crc64nvme']?.(Buffer.from('by aws')) ?? '' },
    })
    given('untold', 'untold', { etag: `${'0'.repeat(32)}-2` })
    await put('composite', 'composite')
    await put('kms', 'kms')
    await put('differs', 'differs?')
    await put('untold', 'untold')
    await put('aws-cli', 'by aws')
    await chmod(site('aws-cli'), 0o755)
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', skipped: '3' })
    expect(run.log).toContain('S3 does not store file permissions')
    const plan = await linesOf(run.outputs['plan-path'])
    expect(plan.flatMap(({ op, key }) => (op === 'copy' ? [key] : []))).toEqual([
      'differs',
      'untold',
    ])
  })

  it('is not told as uploaded where the service keeps other bytes of it, nor has it a line in SHA256SUMS', async () => {
    await put('good.css', 'good')
    await put('bad.css', 'sent')
    local.stage.kit.faults.add({
      match: { operation: 'PutObject', key: 'copy/bad.css' },
      fault: async (_request, next) => {
        const { status } = await next()
        store().put('dst', 'copy/bad.css', { body: 'kept' })
        const etag = createHash('md5').update('kept').digest('hex')
        return { status, headers: { etag: `"${etag}"` }, body: undefined }
      },
    })
    await using run = await publish({ sha256sums: 'true' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '1' })
    const failed = await linesOf(run.outputs['failed-path'])
    expect(failed).toMatchObject([{ key: 'bad.css', code: 'NotVerified' }])
    expect(run.outputs['sha256sums-path']).toBe('')
  })

  it('deletes what only the destination has, but nothing that .git, hidden or a filter leaves out', async () => {
    await put('index.html', 'x')
    await put('.git/HEAD', 'ref')
    await put('sub/.git', 'gitdir: elsewhere')
    await put('.well-known/x', 'hidden')
    for (const key of [
      'index.html',
      'old.html',
      '.git/HEAD',
      '.well-known/x',
      'kept/a',
      '.hidden/b',
    ])
      store().put('dst', `copy/${key}`, { body: 'x' })
    await using run = await publish({
      delete: 'true',
      exclude: 'kept/',
      local: 'hidden=exclude',
      'max-delete': '10 100%',
    })
    expect(run.outputs).toMatchObject({ result: 'success', deleted: '1', copied: '0' })
    expect(keys()).toEqual(['.git/HEAD', '.hidden/b', '.well-known/x', 'index.html', 'kept/a'])
  })

  it('leaves out .git unless an include names it, takes hidden files, and never its own report', async () => {
    await put('.git/HEAD', 'ref')
    await put('.env', 'x')
    await using run = await publish({ 'report-dir': './site/report' })
    expect(keys()).toEqual(['.env'])
    await using again = await publish({ include: '.git/**', 'report-dir': './site/report' })
    expect([run.outputs['result'], again.outputs['result']]).toEqual(['success', 'success'])
    expect(keys()).toEqual(['.env', '.git/HEAD'])
  })

  it('is refused when it is empty or missing, and a guard refuses deletes of everything', async () => {
    store().put('dst', 'copy/a', { body: 'x' })
    await using missing = await publish({ delete: 'true' })
    expect(missing.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
    expect(missing.outputs['failure-message']).toContain('./site does not exist on this runner')
    await using outside = await publish({ source: '/home/runner/work/r/r/site' })
    expect(outside.outputs['failure-message']).toMatch(/container job.* relative to the workspace/)
    await mkdir(site())
    await using empty = await publish({ delete: 'true' })
    expect(empty.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(empty.outputs['failure-message']).toContain('a step before this one wrote into it')
    await using glob = await publish({ source: './site/**' })
    expect(glob.outputs['failure-message']).toContain('select files with include')
    await put('b', 'x')
    await using all = await publish({ delete: 'true' })
    expect(all.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(keys()).toEqual(['a'])
  })

  it('names all that cannot be uploaded at once, and filters come first', async () => {
    await put('a.txt', 'a')
    await symlink('a.txt', site('link'))
    await symlink('nowhere', site('broken'))
    await symlink('../..', site('up'))
    await writeFile(Buffer.concat([Buffer.from(site('bad-')), Buffer.from([0xff])]), 'x')
    execFileSync('mkfifo', [site('silent')])
    await put('u\u0308.txt', 'nfd')
    await put('\u00fc.txt', 'nfc')
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list' })
    const { message = '' } = run.annotations.errors[0] ?? {}
    for (const part of [
      '"link" is a symbolic link',
      '"broken" is',
      '"up" is',
      '"silent" is a device, a pipe or a socket',
      'bytes 6261642dff',
      'Unicode normalization form',
    ])
      expect(message).toContain(part)
    expect(keys()).toEqual([])
    await using filtered = await publish({
      exclude: 'link\nbroken\nup\nsilent\nbad-*\nu\u0308.txt',
    })
    expect(filtered.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect(keys()).toEqual(['a.txt', '\u00fc.txt'])
    // All of these globs matched something, though nothing that could be uploaded.
    expect(filtered.summary).not.toContain('matched nothing')
  })

  it.each(['docs/', 'docs/**', 'docs', '/docs/*'])(
    'is uploaded without a link to a folder that is excluded as %s',
    async (exclude) => {
      await put('a.txt', 'a')
      await put('docs-old/b.txt', 'b')
      await symlink('..', site('docs'))
      await using run = await publish({ exclude })
      expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
      expect(keys()).toEqual(['a.txt', 'docs-old/b.txt'])
      expect(run.log).not.toContain('matched nothing')
    },
  )

  it('follows links that stay in it where that is asked for, and skips them where that is', async () => {
    await put('real/a.txt', 'a')
    await put('b.txt', 'b')
    await symlink('real', site('docs'))
    await symlink('../b.txt', site('real/b.txt'))
    await using followed = await publish({ local: 'symlinks=follow' })
    expect(followed.outputs).toMatchObject({ result: 'success' })
    expect(keys()).toEqual(['b.txt', 'docs/a.txt', 'docs/b.txt', 'real/a.txt', 'real/b.txt'])
    await using skipped = await publish({
      local: 'symlinks=skip',
      delete: 'true',
      'max-delete': '5 100%',
    })
    expect(skipped.outputs).toMatchObject({ result: 'success', deleted: '3' })
    expect(keys()).toEqual(['b.txt', 'real/a.txt'])
    await symlink('..', site('real/loop'))
    await symlink('/etc/hostname', site('secret'))
    await using refused = await publish({ local: 'symlinks=follow' })
    const { message = '' } = refused.annotations.errors[0] ?? {}
    expect(message).toContain('"real/loop" is a symbolic link to one of its parent folders')
    expect(message).toContain('"secret" is a symbolic link that points outside the folder')
  })

  it('is not told by another name what is left out: the checkout’s .git, and this run’s own report', async () => {
    await put('index.html', 'x')
    await put('.git/config', 'token')
    await symlink('.git/config', site('x.txt'))
    await symlink('.git', site('docs'))
    await mkdir(site('report'))
    await symlink('report', site('told'))
    await using run = await publish({ local: 'symlinks=follow', 'report-dir': site('report') })
    const { message = '' } = run.annotations.errors[0] ?? {}
    expect(message).toContain('"docs" is a symbolic link to an excluded path (".git")')
    expect(message).toContain('"x.txt" is a symbolic link to an excluded path (".git/config")')
    expect(message).toContain('"told" is a symbolic link to an excluded path ("report")')
    expect(keys()).toEqual([])
  })

  it.each([
    [
      'outside the checkout',
      () => path.dirname(local.job.workspace),
      'points outside the checkout',
    ],
    ['into .git', () => '.git', 'points into .git'],
  ])('is no link that leads %s, whatever links may be', async (_where, target, why) => {
    await mkdir(path.join(local.job.workspace, '.git'))
    await writeFile(path.join(local.job.workspace, '.git', 'config'), 'token')
    await symlink(target(), site())
    for (const symlinks of ['fail', 'follow', 'skip']) {
      await using run = await publish({ local: `symlinks=${symlinks}` })
      expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'preflight' })
      expect(run.outputs['failure-message']).toContain(
        `./site cannot be used: its path contains a symbolic link that ${why}`,
      )
    }
    expect(keys()).toEqual([])
  })

  it.each(['0.5', '-1', '1', '1e1', 'Infinity', '9'.repeat(20)])(
    'is not cut as an object of the destination says that nobody can have uploaded so: %s bytes a part',
    async (stated) => {
      const body = Buffer.alloc(100_000, 'a')
      await put('a.bin', body)
      store().put('dst', 'copy/a.bin', {
        body,
        etag: `${'0'.repeat(32)}-2`,
        metadata: { 's3-direct-sync-part-size': stated },
      })
      await using run = await publish()
      expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    },
  )

  it('may be a link to another folder of the checkout', async () => {
    await mkdir(path.join(local.job.workspace, 'build'))
    await writeFile(path.join(local.job.workspace, 'build', 'a.txt'), 'a')
    await symlink('build', site())
    await using run = await publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('takes no settings from a file that leads out of the checkout, and tells nothing of it', async () => {
    await put('index.html', 'x')
    await using beside = await openLocalStage('beside')
    await beside.put('secret', 'hidden-word: hidden-value')
    await symlink(beside.path('secret'), path.join(local.job.workspace, 'rules.yml'))
    for (const input of ['headers', 'config']) {
      await using run = await publish({ [input]: 'rules.yml', preset: '' })
      expect(run.outputs['failure-message']).toContain(
        'its path contains a symbolic link that points outside the checkout',
      )
      expect(run.log).not.toContain('hidden-word')
    }
  })

  it('may be one file, which gets the key that the destination names', async () => {
    await put('app.zip', 'zip')
    await put('app.zip.sig', 'sig')
    await using into = await publish({ source: './site/app.zip', destination: 's3://dst/copy/v1/' })
    await using as = await publish({
      source: `file:${site('app.zip')}`,
      destination: 's3://dst/copy/latest.zip',
    })
    expect([into.outputs['copied'], as.outputs['copied']]).toEqual(['1', '1'])
    expect(keys()).toEqual(['latest.zip', 'v1/app.zip'])
    expect(facts('v1/app.zip')?.headers['content-type']).toBe('application/zip')
  })

  it('may be one file, whatever lies beside it', async () => {
    await put('app.zip', 'zip')
    await symlink('nowhere', site('broken'))
    await symlink('app.zip', site('latest.zip'))
    execFileSync('mkfifo', [site('silent')])
    await writeFile(Buffer.concat([Buffer.from(site('bad-')), Buffer.from([0xff])]), 'x')
    await using run = await publish({ source: './site/app.zip', destination: 's3://dst/copy/v1/' })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1' })
    expect(keys()).toEqual(['v1/app.zip'])
  })

  it('leaves out, or names, a link that leads to what has no path, such as the output of the job', async () => {
    await put('a.txt', 'a')
    await put('logs/b.log', 'b')
    await symlink('/dev/stdout', site('logs/access.log'))
    await using refused = await publish()
    expect(refused.outputs['failure-message']).toContain('"logs/access.log" is a symbolic link')
    await using followed = await publish({ local: 'symlinks=follow' })
    expect(followed.outputs['failure-message']).toContain('points outside the folder')
    await using run = await publish({ exclude: 'access.log' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
  })

  it('is planned by one run and carried out by another, if it holds the same then', async () => {
    await put('a.txt', 'planned')
    await put('b.txt', 'planned')
    await using plan = await publish({ mode: 'plan', 'report-dir': './plan' })
    expect(plan.outputs).toMatchObject({ result: 'planned', 'planned-copies': '2' })
    const ops = (await linesOf(plan.outputs['plan-path'])).filter(({ op }) => op === 'copy')
    expect(ops.map(({ etag }) => etag)).toEqual(
      Array(2).fill(createHash('md5').update('planned').digest('hex')),
    )
    await utimes(site('a.txt'), new Date(), new Date())
    await put('b.txt', 'changed')
    await put('c.txt', 'later')
    await using run = await publish({
      mode: 'execute',
      'plan-dir': './plan',
      'report-dir': './run',
    })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '1' })
    expect(keys()).toEqual(['a.txt'])
    const failed = await linesOf(run.outputs['failed-path'])
    expect(failed).toMatchObject([{ key: 'b.txt', code: 'SourceChanged' }])
    // What ETags of files in parts would be depends on the parts.
    await using other = await publish({
      mode: 'execute',
      'plan-dir': './plan',
      'part-size': '9MiB',
    })
    expect(other.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  })

  it('is compared by mode: check, and a dry run writes nothing', async () => {
    await put('a.txt', 'a')
    await using dry = await publish({ 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ result: 'planned', 'planned-copies': '1' })
    await using _run = await publish()
    await using same = await publish({ mode: 'check' })
    await put('a.txt', 'b')
    await using drift = await publish({ mode: 'check' })
    expect([same.outputs['result'], drift.outputs['result']]).toEqual(['nothing-to-do', 'drift'])
    expect(requests('PutObject').length).toBe(1)
  })

  it('is published once with overwrite: never: equal content is fine, other content holds all back', async () => {
    await put('a.txt', 'a')
    await put('b.txt', 'b')
    await using _first = await publish({ overwrite: 'never' })
    await put('c.txt', 'c')
    await using second = await publish({ overwrite: 'never' })
    expect(second.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '2' })
    await put('a.txt', 'other')
    await put('d.txt', 'd')
    await using third = await publish({ overwrite: 'never' })
    expect(third.outputs).toMatchObject({ result: 'failed', copied: '0', failed: '2' })
    expect(keys()).toEqual(['a.txt', 'b.txt', 'c.txt'])
  })

  it('goes where key-template says', async () => {
    await put('2026/a.csv', 'a')
    await put('2026/b.csv', 'b')
    const inputs = { 'key-pattern': '^(?<year>\\d+)/', 'key-template': 'year={year}/{name}' }
    await using run = await publish(inputs)
    await using again = await publish(inputs)
    expect([run.outputs['copied'], again.outputs['result']]).toEqual(['2', 'nothing-to-do'])
    expect(keys()).toEqual(['year=2026/a.csv', 'year=2026/b.csv'])
  })

  it('has the type and the headers that are asked for, and none where none is', async () => {
    await put('a.html', 'a')
    await using _run = await publish({
      'content-type': 'none',
      'cache-control': 'max-age=60',
      headers: "- { files: ['*'], metadata: { commit: abc } }",
    })
    expect(facts('a.html')).toMatchObject({
      headers: { 'cache-control': 'max-age=60', 'content-type': 'binary/octet-stream' },
      metadata: { commit: 'abc' },
    })
    await using _again = await publish({ 'content-type': 'text/x', compare: 'always' })
    expect(facts('a.html')?.headers['content-type']).toBe('text/x')
  })

  it('needs no rights on a source in the policy', async () => {
    await put('a.txt', 'a')
    await using run = await publish({ 'dry-run': 'true' })
    const policy = JSON.parse(await readFile(run.outputs['policy-path'] ?? '', 'utf8'))
    const sids = policy.Statement.map(({ Sid }: { Sid: string }) => Sid)
    expect(sids.filter((sid: string) => sid.includes('Source'))).toEqual([])
    expect(sids).toContain('RequiredDestinationWrite')
  })
})

describe('inputs of a local source', () => {
  it.each([
    [{ engine: 's5cmd' }, 'engine: s5cmd cannot upload local files with conditions and checksums'],
    [{ compare: 'newer' }, 'compare: newer cannot be used with local files'],
    [{ 'source-region': 'eu-west-1' }, 'source-region: has no effect if source is a local folder'],
    [
      { 'source-endpoint-url': 'aws' },
      'source-endpoint-url: has no effect if source is a local folder',
    ],
    [
      { manifest: 'list.txt' },
      'source is a local folder: remove it, and select files with include',
    ],
    [{ local: 'symlinks=maybe' }, 'symlinks: expected one of fail, follow, skip'],
    [{ local: 'links=skip' }, '"links" is not one of its settings: expected symlinks, hidden'],
    [{ local: 'hidden=exclude,hidden=include' }, 'hidden is set twice'],
    [{ source: 's3://src/data/', local: 'hidden=exclude' }, 'local: has an effect only if source'],
    [{ destination: './out' }, 'destination: is a local folder, and source is one too'],
    [{ source: 'C:\\site' }, 'is a Windows path'],
    [{ source: 'file://host/site' }, 'expected a file: URL such as'],
  ])('refuse %j', async (inputs, said) => {
    await put('a.txt', 'a')
    await using run = await publish(inputs)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain(said)
    expect(keys()).toEqual([])
  })
})
