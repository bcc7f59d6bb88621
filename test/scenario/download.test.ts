import { createHash } from 'node:crypto'
import {
  chmod,
  mkdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { bytesBody, readBody } from 's3-direct-sync-testkit/body.ts'
import { before, type Fault } from 's3-direct-sync-testkit/faults.ts'
import { fullDiskFor } from 's3-direct-sync-testkit/full-disk.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Crc64Nvme } from '../../src/model/crc64nvme.ts'
import { type DownloadStage, filesBelow, openDownloadStage } from '../download-stage.ts'
import { linesOf } from '../local-stage.ts'

const MIB = 2 ** 20

let down: DownloadStage
beforeEach(async () => {
  down = await openDownloadStage()
})
afterEach(() => down[Symbol.asyncDispose]())

const store = () => down.stage.kit.store
const reads = () => down.stage.kit.counters.of('GetObject')
const failures = async (run: { readonly outputs: Readonly<Record<string, string>> }) =>
  (await linesOf(run.outputs['failed-path'])).map(({ key, code }) => `${key} ${code}`).sort()
const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex')
const crc = (content: string | Uint8Array) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(content))
  return bytes.toString('base64')
}
describe('a bucket', () => {
  it('becomes files, each fetched and proven once, whatever their times are', async () => {
    down.put('index.html', '<p>hi</p>')
    down.put('a/b.json', '{}')
    down.put('empty', '')
    down.put('large.bin', Buffer.alloc(17 * MIB + 5, 'not all parts are alike '))
    await using run = await down.fetch()
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '4', engine: 'direct' })
    expect(await down.names()).toEqual(['a/b.json', 'empty', 'index.html', 'large.bin'])
    expect(await down.text('index.html')).toBe('<p>hi</p>')
    expect(md5(await readFile(down.path('large.bin')))).toBe(
      store().facts('src', 'data/large.bin')?.md5,
    )
    const rows = await linesOf(path.join(run.outputs['report-dir'] ?? '', 'results.ndjson'))
    expect(new Set(rows.map(({ proof, route }) => `${proof} ${route}`))).toEqual(
      new Set(['etag local-files']),
    )
    const fetched = reads()
    for (const name of await down.names()) await utimes(down.path(name), 1, 1)
    await using again = await down.fetch()
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '4' })
    expect(reads()).toBe(fetched)
  })

  it('fetches into a folder that is there only what differs, and keeps permissions of what it replaces', async () => {
    for (const name of ['same', 'other', 'run.sh', 'new']) down.put(name, `${name} 1`)
    await down.write('same', 'same 1')
    await down.write('other', 'OTHER ')
    await down.write('run.sh', 'old')
    await down.write('extra', 'stays')
    await chmod(down.path('run.sh'), 0o755)
    await using run = await down.fetch()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', skipped: '1' })
    expect(await down.names()).toEqual(['extra', 'new', 'other', 'run.sh', 'same'])
    expect(await down.text('other')).toBe('other 1')
    expect((await stat(down.path('run.sh'))).mode & 0o777).toBe(0o755)
  })

  it('knows files by checksums, and those that neither tells of by size and time', async () => {
    const big = Buffer.alloc(12 * MIB, 'parts of five mebibytes ')
    const put = (name: string, body: string | Buffer, spec = {}) =>
      store().put('src', `data/${name}`, { body, ...spec })
    put('summed', 'summed', { etag: `${'0'.repeat(32)}-2`, checksums: { crc32: crc('summed') } })
    put('kms', 'kms', {
      etag: 'f'.repeat(32),
      encryption: { 'x-amz-server-side-encryption': 'aws:kms' },
    })
    put('odd', big, { etag: `${'0'.repeat(32)}-7`, checksums: { crc32: crc(big) } })
    await using run = await down.fetch()
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '3' })
    const rows = await linesOf(path.join(run.outputs['report-dir'] ?? '', 'results.ndjson'))
    expect(Object.fromEntries(rows.map(({ key, proof }) => [key, proof]))).toEqual({
      'data/summed': 'etag',
      'data/kms': undefined,
      'data/odd': 'etag',
    })
    await using again = await down.fetch()
    // Of an object that nothing tells of nothing says that the file is the same.
    expect(again.outputs).toMatchObject({ copied: '1', skipped: '2' })
  })

  it('is proven by what is stored of large objects, which one HEAD of each tells', async () => {
    const big = Buffer.alloc(12 * MIB + 3, 'not all parts are alike ')
    const put = (name: string, spec: { etag?: string; checksums?: Record<string, string> }) =>
      store().put('src', `data/${name}`, { body: big, ...spec })
    const odd = `${'0'.repeat(32)}-7`
    // Whether objects may be read is tried with the first one.
    down.put('a', 'a')
    const large = () => store().keys('src').slice(1)
    const crc64 = new Crc64Nvme()
    crc64.add(big)
    put('crc32', { etag: odd, checksums: { crc32: crc(big) } })
    put('crc64nvme', { etag: odd, checksums: { crc64nvme: crc64.text() } })
    put('sha256', {
      etag: odd,
      checksums: { sha256: createHash('sha256').update(big).digest('base64') },
    })
    put('md5', {})
    const heads: string[] = []
    const note: Fault = ({ keyBytes }, next) => {
      if (large().includes(keyBytes)) heads.push(keyBytes)
      return next()
    }
    down.stage.kit.faults.add({ match: { operation: 'HeadObject' }, fault: note })
    await using run = await down.fetch()
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '5' })
    expect(heads.sort()).toEqual(large())
    const rows = await linesOf(path.join(run.outputs['report-dir'] ?? '', 'results.ndjson'))
    expect(new Set(rows.map(({ proof }) => proof))).toEqual(new Set(['etag']))
    for (const key of large())
      expect((await readFile(down.path(key.slice('data/'.length)))).equals(big), key).toBe(true)
  })

  it('is proven by what the answer tells of an object that comes in one request, without a HEAD', async () => {
    const body = Buffer.alloc(MIB, 'what an object of a mebibyte holds ')
    const other = Buffer.from(body).fill(0, MIB - 1)
    const crc64 = new Crc64Nvme()
    crc64.add(body)
    const sha256 = createHash('sha256').update(body).digest('base64')
    const kms = { 'x-amz-server-side-encryption': 'aws:kms' }
    const odd = `${'0'.repeat(32)}-7`
    const kinds = {
      crc64nvme: { etag: odd, checksums: { crc64nvme: crc64.text() } },
      crc32: { etag: odd, checksums: { crc32: crc(body) } },
      sha256: { etag: odd, checksums: { sha256 } },
      kms: { etag: 'f'.repeat(32), checksums: { crc64nvme: crc64.text() }, encryption: kms },
      md5: { etag: md5(body) },
    }
    // Whether objects may be read is tried with the first one.
    down.put('a', 'a')
    const names = Object.keys(kinds)
    for (const [kind, spec] of Object.entries(kinds)) {
      // So many that threads receive some of them.
      for (let at = 0; at < 9; at++) store().put('src', `data/${kind}/${at}`, { ...spec, body })
      if (kind !== 'md5') store().put('src', `data/${kind}/bad`, { ...spec, body: other })
    }
    const heads: string[] = []
    const note: Fault = ({ keyBytes }, next) => {
      // What came damaged is compared by its ETag, too.
      if (keyBytes !== 'data/a' && !keyBytes.endsWith('/bad')) heads.push(keyBytes)
      return next()
    }
    down.stage.kit.faults.add({ match: { operation: 'HeadObject' }, fault: note })
    const once = { 'max-retries': '0', 'retry-count': '0' }
    await using run = await down.fetch({ ...once, engine: 'direct' })
    expect(heads).toEqual([])
    const counts = { result: 'partial', copied: String(1 + names.length * 9), failed: '4' }
    expect(run.outputs, run.log).toMatchObject(counts)
    const summed = names.filter((kind) => kind !== 'md5')
    expect(await failures(run)).toEqual(summed.map((kind) => `data/${kind}/bad BadDigest`).sort())
    const rows = await linesOf(path.join(run.outputs['report-dir'] ?? '', 'results.ndjson'))
    expect(rows.filter(({ proof }) => proof === 'etag')).toHaveLength(1 + names.length * 9)
    const there = names.flatMap((kind) => Array.from({ length: 9 }, (_, at) => `${kind}/${at}`))
    expect(await down.names()).toEqual(['a', ...there].sort())
    for (const name of there)
      expect((await readFile(down.path(name))).equals(body), name).toBe(true)
  }, 60_000)

  it.each([
    ['one request', MIB],
    ['ranges', 9 * MIB],
  ])(
    'is read in %s again where it came damaged, and believed of a service whose ETags are no MD5s',
    async (_way, bytes) => {
      const body = Buffer.alloc(bytes, 'not all parts are alike ')
      const sums = { crc32: crc(body) }
      const once = { 'max-retries': '0', 'retry-count': '0' }
      const fetched = async (name: string, inputs = {}) => {
        await using run = await down.fetch({ ...once, ...inputs })
        expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1' })
        expect((await readFile(down.path(name))).equals(body)).toBe(true)
      }
      const damage: Fault = async (_request, next) => {
        const reply = await next()
        if (typeof reply.body !== 'object') return reply
        return { ...reply, body: bytesBody(Buffer.concat([...readBody(reply.body)]).fill(0, 0, 1)) }
      }
      const damagedOnce = (key: string) => {
        const match = { operation: 'GetObject', key: `data/${key}` }
        down.stage.kit.faults.add({ match, times: 1, fault: damage })
      }
      down.put('damaged', body)
      damagedOnce('damaged')
      await fetched('damaged')
      // What a list says of it is not compared with what came damaged.
      store().put('src', 'data/listed', { body, checksums: sums })
      damagedOnce('listed')
      const sha256 = createHash('sha256').update(body).digest('hex')
      const list = path.join(down.around, 'list.ndjson')
      await writeFile(list, JSON.stringify({ key: 'listed', sha256 }))
      await fetched('listed', { manifest: list })
      // Its ETag proves it where its checksum is of something else.
      store().put('src', 'data/lied', { body, checksums: { crc32: crc('other') } })
      await fetched('lied')
      store().put('src', 'data/other', { body, etag: 'f'.repeat(32) })
      await fetched('other')
    },
    60_000,
  )

  it('whose bytes come damaged becomes no file', async () => {
    store().put('src', 'data/a', { body: 'a', etag: md5('b') })
    const large = Buffer.alloc(9 * MIB, 'x')
    store().put('src', 'data/large', {
      body: large,
      etag: md5('other'),
      checksums: { crc32: crc('other') },
    })
    store().put('src', 'data/large64', {
      body: large,
      etag: md5('other'),
      checksums: { crc64nvme: 'AAAAAAAAAAA=' },
    })
    await using run = await down.fetch({ 'max-retries': '0', 'retry-count': '0' })
    expect(run.outputs['result']).not.toBe('success')
    expect(await failures(run)).toEqual(['data/large BadDigest', 'data/large64 BadDigest'])
    expect((await down.names()).filter((name) => name.includes('large'))).toEqual([])
  }, 60_000)

  it('gets one object as a file, by its own name in a folder or by that which is asked for', async () => {
    down.put('tool.zip', 'zip')
    const source = 's3://src/data/tool.zip'
    await using inFolder = await down.fetch({ source, destination: down.path('new/') })
    await using exact = await down.fetch({ source, destination: down.path('named.zip') })
    await using again = await down.fetch({ source, destination: down.path('named.zip') })
    await using there = await down.fetch({ source })
    expect([inFolder, exact, again, there].map((run) => run.outputs['result'])).toEqual([
      'success',
      'success',
      'nothing-to-do',
      'success',
    ])
    expect(await down.names()).toEqual(['named.zip', 'new/tool.zip', 'tool.zip'])
  })

  it('leaves out markers of folders, .git and what the filters leave out; its plan and check write nothing', async () => {
    for (const key of ['a.txt', 'b.log', '.git/config', '.env']) down.put(key, key)
    down.put('folder/', '')
    // Consoles make one for the folder of the source, too.
    down.put('', '')
    for (const inputs of [{ 'dry-run': 'true' }, { mode: 'plan' }, { mode: 'check' }]) {
      await using run = await down.fetch({ exclude: '*.log', ...inputs })
      expect(run.outputs['planned-copies'], run.log).toBe('2')
      expect(await filesBelow(down.around)).toEqual([])
      expect(await stat(down.path()).catch(() => 'none')).toBe('none')
    }
    await using run = await down.fetch({ exclude: '*.log' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', skipped: '4' })
    expect(await down.names()).toEqual(['.env', 'a.txt'])
    await using hidden = await down.fetch({ local: 'hidden=exclude', delete: 'true' })
    expect(hidden.outputs).toMatchObject({ result: 'success', copied: '1', deleted: '0' })
    down.put('', 'x')
    await using full = await down.fetch()
    expect(full.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(full.outputs['failure-message']).toContain('is the folder of the source itself')
  })

  it('carries out an approved plan, and no file that changed since', async () => {
    down.put('a', 'a')
    down.put('b', 'b')
    await down.write('b', 'B')
    await using planned = await down.fetch({ mode: 'plan' })
    await down.write('b', 'mine')
    const inputs = { mode: 'execute', 'plan-dir': planned.outputs['report-dir'] ?? '' }
    await using run = await down.fetch(inputs)
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '1' })
    expect(await failures(run)).toEqual(['data/b DestinationChanged'])
    expect(await down.text('b')).toBe('mine')
  })

  it('is fetched without credentials where anybody may read it', async () => {
    store().createBucket('open', { public: true })
    store().put('open', 'data/a', { body: 'a' })
    await using run = await down.fetch({
      source: 's3://open/data/',
      'source-no-sign-request': 'true',
      'role-to-assume': '',
    })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1' })
    expect(run.log).toContain('none, unsigned requests')
    expect(await down.text('a')).toBe('a')
  })

  it('is read by a policy that speaks of the source alone', async () => {
    down.put('a', 'a')
    await using run = await down.fetch({ 'dry-run': 'true', delete: 'true' })
    const policy = JSON.parse(await readFile(run.outputs['policy-path'] ?? '', 'utf8'))
    const sids = policy.Statement.map(({ Sid }: { Sid: string }) => Sid)
    expect(sids).toContain('RequiredSourceRead')
    expect(sids.filter((sid: string) => /Destination|Tags/.test(sid))).toEqual([])
  })
})

describe('a name that no file can have', () => {
  it('is refused in the plan, with all others, and nothing is fetched', async () => {
    const keys = [
      '../up',
      'a/../../up',
      './dot',
      'a//b',
      '/lead',
      'ends/',
      'file',
      'file/below',
      `${'n'.repeat(256)}`,
      '.x.s3-direct-sync-0123abcd.tmp',
      'ok',
    ]
    for (const key of keys) down.put(key, 'x')
    store().put('src', 'data/n\0ul', { body: 'x' })
    await using dry = await down.fetch({ 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ result: 'planned', 'failure-kind': 'guard' })
    await using run = await down.fetch({ delete: 'true' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    const { message = '' } = run.annotations.errors[0] ?? {}
    for (const key of keys.filter((key) => key !== 'ok' && key !== 'file'))
      expect(message).toContain(`- ${JSON.stringify(key)} `)
    expect(message).toContain('contains a NUL character')
    expect(message).toContain('needs a folder where "file" is a file')
    expect(await filesBelow(down.around)).toEqual([])
    expect(reads()).toBe(0)
    await using some = await down.fetch({ include: 'ok\nfile' })
    expect(some.outputs).toMatchObject({ result: 'success', copied: '2' })
  })

  it('is refused where a template or a list gives it to a key and the sync leaves it out', async () => {
    down.put('x', 'x')
    await down.write('.git/HEAD', 'ref')
    down.stage.kit.store.put('src', 'list.csv', {
      body: 'key,target_path\nx,sub/.git/hooks/post-checkout\n',
    })
    for (const inputs of [
      { 'key-pattern': '(?<name>.*)', 'key-template': '.git/{name}' },
      { 'key-pattern': '(?<name>.*)', 'key-template': '.{name}', local: 'hidden=exclude' },
      { manifest: 's3://src/list.csv' },
    ]) {
      await using run = await down.fetch(inputs)
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
      expect(run.outputs['failure-message']).toContain('is a path that this sync leaves out')
    }
    expect(await down.names()).toEqual(['.git/HEAD'])
  })

  it('is refused where a link is on its way, and nothing is written through it', async () => {
    const outside = path.join(down.around, 'outside')
    await mkdir(outside)
    await mkdir(down.path())
    await symlink(outside, down.path('folder'))
    await symlink(path.join(outside, 'file'), down.path('link'))
    down.put('folder/a', 'x')
    down.put('link', 'x')
    down.put('b', 'x')
    await using run = await down.fetch()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    const { message = '' } = run.annotations.errors[0] ?? {}
    expect(message).toContain('"folder/a" is behind "folder", which is a symbolic link')
    expect(message).toContain('"link" is behind "link"')
    expect(await filesBelow(outside)).toEqual([])
    expect(await down.names()).toEqual(['folder', 'link'])
  })
})

describe('a destination', () => {
  it('loses what only it has, and the folders that are empty then, but no link and nothing through one', async () => {
    const outside = path.join(down.around, 'outside')
    await mkdir(outside)
    await writeFile(path.join(outside, 'precious'), 'x')
    for (const name of ['keep', 'old/deep/a', 'old/deep/b', 'half/gone', 'half/keep', '.git/HEAD'])
      await down.write(name, name)
    await symlink(outside, down.path('linked'))
    await symlink('keep', down.path('old/link'))
    down.put('keep', 'keep')
    down.put('half/keep', 'half/keep')
    await using run = await down.fetch({ delete: 'true', 'max-delete': '10 100%' })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', deleted: '3', copied: '0' })
    expect(await down.names()).toEqual(['.git/HEAD', 'half/keep', 'keep', 'linked', 'old/link'])
    expect(await stat(down.path('old/deep')).catch(() => 'gone')).toBe('gone')
    expect(await filesBelow(outside)).toEqual(['precious'])
    expect(await readlink(down.path('linked'))).toBe(outside)
    expect(run.annotations.warnings.map(({ message }) => message).join('\n') + run.log).toContain(
      '"linked"',
    )
  })

  it('is refused with delete where more lies than is the sync’s', async () => {
    down.put('a', 'a')
    const { workspace } = down.job
    await writeFile(path.join(workspace, 'mine'), 'x')
    for (const destination of ['.', './', workspace, path.dirname(workspace), '/']) {
      await using run = await down.fetch({ destination, delete: 'true', 'max-delete': '1000 100%' })
      expect(run.outputs, destination).toMatchObject({
        result: 'failed',
        'failure-kind': 'preflight',
      })
      expect(run.outputs['failure-message']).toMatch(/is the (workspace|root)|contains /)
    }
    await using home = await down.fetch(
      { delete: 'true' },
      { env: { ...down.stage.kit.idTokenEnv, HOME: down.path() } },
    )
    expect(home.outputs['failure-message']).toContain('is the home folder of this user')
  })

  it('has guards as a bucket has', async () => {
    for (const name of ['a', 'b', 'c']) await down.write(name, name)
    await using empty = await down.fetch({ delete: 'true' })
    expect(empty.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    down.put('d', 'd')
    await using all = await down.fetch({ delete: 'true' })
    expect(all.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(await down.names()).toEqual(['a', 'b', 'c'])
    down.put('a', 'other')
    await using once = await down.fetch({ overwrite: 'never' })
    expect(once.outputs).toMatchObject({ result: 'failed', copied: '0' })
    expect(await down.names()).toEqual(['a', 'b', 'c'])
    expect(await down.text('a')).toBe('a')
  })

  it('that leads out of the checkout by a link is refused', async () => {
    down.put('a', 'a')
    const outside = path.join(down.around, 'outside')
    await mkdir(outside)
    await symlink(outside, path.join(down.job.workspace, 'dist'))
    for (const destination of ['./dist', './dist/new/deep']) {
      await using run = await down.fetch({ destination })
      expect(run.outputs, destination).toMatchObject({ result: 'failed' })
      expect(run.outputs['failure-message']).toContain('points outside the checkout')
    }
    expect(await filesBelow(outside)).toEqual([])
  })

  it('fails by name for each file that cannot be written, and gets all others', async () => {
    for (const key of ['folder', 'full.bin', 'under/file', 'locked', 'ok']) down.put(key, key)
    down.put('full.medium', Buffer.alloc(MIB, 'x'))
    down.put('full.large', Buffer.alloc(20 * MIB, 'x'))
    // What the plan does not see: a folder without files, and a file that is out of scope.
    await mkdir(down.path('folder'), { recursive: true })
    await down.write('under', 'a file where a folder should be')
    await down.write('locked', 'read-only')
    await chmod(down.path('locked'), 0o444)
    const env = { ...down.stage.kit.idTokenEnv, ...fullDiskFor('.full') }
    await using run = await down.fetch({ exclude: 'under' }, { env })
    expect(run.outputs, run.log).toMatchObject({ result: 'partial', copied: '1', failed: '6' })
    expect(await failures(run)).toEqual([
      'data/folder NotAFile',
      'data/full.bin DiskFull',
      'data/full.large DiskFull',
      'data/full.medium DiskFull',
      'data/locked FileReadOnly',
      'data/under/file NotAFile',
    ])
    const said = (await linesOf(run.outputs['failed-path'])).map(({ message }) => String(message))
    expect(said.toSorted()).toContain(
      '"under/file": ENOTDIR: "under" is not a folder on this runner',
    )
    // Not the names by which it holds folders.
    expect(said.join()).not.toContain('/proc/')
    expect(await down.names()).toEqual(['locked', 'ok', 'under'])
    expect(await down.text('locked')).toBe('read-only')
  })

  it('holds what came meanwhile from somebody else', async () => {
    down.put('a', 'a')
    down.put('b', 'b')
    await down.write('b', 'old')
    const fault = before(async () => {
      await down.write('a', 'theirs')
      await down.write('b', 'theirs too')
    })
    down.stage.kit.faults.add({ match: { operation: 'GetObject' }, times: 1, fault })
    await using run = await down.fetch({ numworkers: '1' })
    expect(await failures(run)).toEqual(['data/a DestinationChanged', 'data/b DestinationChanged'])
    expect(await down.text('a')).toBe('theirs')
    expect(await down.text('b')).toBe('theirs too')
  })

  it('is published back as it was fetched', async () => {
    for (let at = 0; at < 30; at++) down.put(`d${at % 4}/f ${at} ü.txt`, `content ${at}`)
    down.put('large.bin', Buffer.alloc(20 * MIB, 'parted '))
    await using fetched = await down.fetch()
    await using back = await down.stage.run({ source: down.path() }, { job: down.job })
    expect([fetched.outputs['result'], back.outputs['result']]).toEqual(['success', 'success'])
    const facts = (bucket: string, prefix: string) =>
      [...store().snapshot(bucket, prefix)].map(([key, { md5: sum, size }]) => [key, sum, size])
    expect(facts('dst', 'copy/')).toEqual(facts('src', 'data/'))
  })
})
