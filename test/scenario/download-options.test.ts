import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DownloadStage, openDownloadStage } from '../download-stage.ts'

const MIB = 2 ** 20

let down: DownloadStage
beforeEach(async () => {
  down = await openDownloadStage()
})
afterEach(() => down[Symbol.asyncDispose]())

const store = () => down.stage.kit.store

/** A lock as a run writes it. */
const LOCK = JSON.stringify({
  schema: 's3-direct-sync/lock/1',
  owner: '0123456789abcdef0123456789abcdef',
  epoch: 3,
  'ttl-seconds': 300,
  'run-url': 'https://github.com/o/other/actions/runs/77',
})

describe('a local destination', () => {
  it('gets SHA256SUMS of all its files, of those that were there already too', async () => {
    const content: Record<string, string | Buffer> = {
      kept: 'kept',
      small: 'small',
      'large.bin': Buffer.alloc(17 * MIB + 5, 'not all parts are alike '),
    }
    for (const [name, body] of Object.entries(content)) down.put(name, body)
    await down.write('kept', 'kept')
    await down.write('extra', 'extra')
    const sums = (names: readonly string[]) =>
      names
        .map((name) => {
          const sum = createHash('sha256').update(content[name] ?? name)
          return `${sum.digest('hex')}  ${name}\n`
        })
        .join('')
    const written = (outputs: Readonly<Record<string, string>>) =>
      readFile(outputs['sha256sums-path'] ?? '', 'utf8')
    await using run = await down.fetch({ sha256sums: 'true' })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2', skipped: '1' })
    expect(await written(run.outputs)).toBe(sums(['kept', 'large.bin', 'small']))
    await using again = await down.fetch({ sha256sums: 'true' })
    expect(again.outputs).toMatchObject({ copied: '0' })
    expect(await written(again.outputs)).toBe(sums(['kept', 'large.bin', 'small']))
  })

  it('is fetched under a lock of its own key at the service of the source', async () => {
    down.put('a', 'a')
    const key = 'locks/tools'
    store().put('src', key, { body: LOCK })
    await using held = await down.fetch({ lock: `s3://src/${key},wait=0s` })
    expect(held.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
    expect(await down.names()).toEqual([])
    store().delete('src', key)
    await using run = await down.fetch({ lock: `s3://src/${key},wait=0s` })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1' })
    expect(run.log).toContain(`lock: s3://src/${key}`)
    expect(store().keys('src')).not.toContain(key)
  })
})

describe('inputs of a local destination', () => {
  it.each([
    [{ engine: 's5cmd' }, 'engine: s5cmd cannot upload local files with conditions'],
    [{ compare: 'newer' }, 'compare: newer cannot be used with local files'],
    [{ source: './site' }, 'destination: is a local folder, and source is one too'],
    [
      { 'storage-class': 'STANDARD_IA' },
      'storage-class: has no effect if destination is a local folder',
    ],
    [{ 'cache-control': 'no-cache' }, 'cache-control: has no effect if destination'],
    [{ headers: "- files: ['*']\n  cache-control: x" }, 'headers: has no effect if destination'],
    [{ local: 'symlinks=follow' }, 'symlinks has no effect if destination'],
    [{ 'source-profile': 'x' }, 'so set aws-profile'],
    [
      { 'destination-endpoint-url': 'https://s3.example.com' },
      'destination-endpoint-url: has no effect if destination is a local folder',
    ],
    [
      { 'destination-endpoint-url': 'aws' },
      'destination-endpoint-url: has no effect if destination is a local folder',
    ],
    [{ destination: 'C:\\out' }, 'is a Windows path'],
    [{ destination: 'file://host/x' }, 'expected a file: URL such as'],
    [{ destination: 'out' }, 'expected s3://bucket/prefix/'],
    [{ lock: 'auto' }, 'lock: auto cannot be used if destination is a local folder'],
    [
      { lock: 's3://src/locks/x', 'source-no-sign-request': 'true' },
      'lock: cannot be used with source-no-sign-request',
    ],
    [
      { delete: 'true', 'delete-after': '1d' },
      'delete-after: cannot be used if destination is a local folder',
    ],
    [
      { sha256sums: 'upload' },
      'sha256sums: upload cannot be used if destination is a local folder',
    ],
    [{ cloudfront: 'E2EXAMPLE' }, 'cloudfront: cannot be used if destination is a local folder'],
  ])('refuse %j', async (inputs, said) => {
    await using run = await down.fetch(inputs)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain(said)
  })
})
