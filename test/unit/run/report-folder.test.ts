import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localFiles } from '../../../src/adapters/files.ts'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { claimFolders } from '../../../src/run/report-folder.ts'

let root: string
let folder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'claim-'))
  folder = join(root, 'work/report')
})
afterEach(() => rm(root, { recursive: true }))

const put = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), text)
}
const claim = (plan?: string) =>
  claimFolders(localFiles, [{ path: folder, workspace: join(root, 'work'), plan }])
const names = async () =>
  (await readdir(folder, { recursive: true })).filter((name) => name !== NOTE).sort()
const refusal = async (plan?: string): Promise<string> => {
  const error: unknown = await claim(plan).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(SyncError)
  expect(error).toMatchObject({ kind: 'inputs' })
  return (error as SyncError).message
}

const NOTE = 's3-direct-sync.json'
const PART = '0b5a2f6e-7d1c-4a55-9d55-0123456789ab.part'
const POLICY = '{"Version":"2012-10-17"}\n'
const noteOf = (policy?: string): string =>
  JSON.stringify({
    schema: 's3-direct-sync/folder/1',
    ...(policy ? { policySha256: createHash('sha256').update(policy).digest('hex') } : {}),
  })

/** What an earlier run leaves. */
const OURS: Readonly<Record<string, string>> = {
  'plan.ndjson': '{"schema":"s3-direct-sync/plan/1","source":{}}\n',
  'carried.ndjson': '{"schema":"s3-direct-sync/plan/1","source":{}}\n',
  'report.json': '{\n  "schema": "s3-direct-sync/report/1",\n',
  'results.ndjson': '{"op":"copy","key":"a","to":"b"}\n',
  'failed.ndjson': '',
  'uploads.ndjson': '{"begun":{"key":"a"}}\n',
  'policy.json': POLICY,
}
const OF_BATCHES = ['batches/s5cmd_batch_20260301_120000_001.txt']
const LEFT_OVER = [`plan.ndjson.${PART}`, `${OF_BATCHES[0]}.${PART}`]

describe('a report folder', () => {
  it('is made where there is none, and holds a note then', async () => {
    await claim()
    expect(await readFile(join(folder, NOTE), 'utf8')).toBe(`${noteOf()}\n`)
    expect(await names()).toEqual([])
  })

  it('loses the files of an earlier run, and nothing else', async () => {
    const others = ['batches/mine.csv', 'notes.txt', 'plan.ndjson.part', 'report.json.old']
    for (const [name, text] of Object.entries(OURS)) await put(name, text)
    for (const name of [...OF_BATCHES, ...LEFT_OVER, ...others]) await put(name, 'cp a b\n')
    await put(NOTE, noteOf(POLICY))
    await claim()
    expect(await names()).toEqual(['batches', ...others])
  })

  it('keeps a plan that is to be carried out, by whatever name it is reached', async () => {
    for (const [name, text] of Object.entries(OURS)) await put(name, text)
    await put(NOTE, noteOf(POLICY))
    await symlink(folder, join(root, 'way'))
    await claim(join(root, 'way/plan.ndjson'))
    expect(await names()).toEqual(['plan.ndjson'])
  })

  it('is known again after a run that was killed while it began', async () => {
    await put(NOTE, noteOf(POLICY))
    await put('policy.json', POLICY)
    const dying = { ...localFiles, removeFile: () => Promise.reject(new Error('killed')) }
    const wanted = { path: folder, workspace: '', plan: undefined }
    await expect(claimFolders(dying, [wanted])).rejects.toThrow('killed')
    await claim()
    expect(await names()).toEqual([])
  })
})

describe("what is not this action's stays, and is named:", () => {
  it.each(Object.keys(OURS))('%s of somebody else', async (name) => {
    await put(NOTE, noteOf(POLICY))
    await put(name, '{"mine":true}\n')
    expect(await refusal()).toBe(`report-dir contains a ${name} that this action did not create.`)
    expect(await readFile(join(folder, name), 'utf8')).toBe('{"mine":true}\n')
  })

  it.each(['results.ndjson', 'failed.ndjson', 'uploads.ndjson', 'policy.json'])(
    '%s that looks like ours, where no run left a note',
    async (name) => {
      await put(name, OURS[name] ?? '')
      expect(await refusal()).toBe(`report-dir contains a ${name} that this action did not create.`)
      expect(await names()).toEqual([name])
    },
  )

  it('an empty file, where no run left a note', async () => {
    await put('plan.ndjson', '')
    expect(await refusal()).toContain('plan.ndjson')
  })

  it('a note of another kind', async () => {
    await put(NOTE, '{"name":"mine"}')
    expect(await refusal()).toBe(`report-dir contains a ${NOTE} that this action did not create.`)
  })

  it('files of batch names, where no run left a note', async () => {
    await put(OF_BATCHES[0] ?? '', 'mine')
    await claim()
    expect(await readFile(join(folder, OF_BATCHES[0] ?? ''), 'utf8')).toBe('mine')
  })

  it('all at once, before anything of ours goes', async () => {
    for (const [name, text] of Object.entries(OURS)) await put(name, text)
    await put('policy.json', '{"Version":"mine"}')
    await put('results.ndjson', 'mine')
    await rm(join(folder, 'report.json'))
    await put('report.json/keep', 'mine')
    await put('batches', 'mine')
    await put(NOTE, noteOf(POLICY))
    const before = await names()
    expect(await refusal()).toBe(
      'report-dir contains files that this action did not create: results.ndjson, report.json (a folder), policy.json, batches (no folder).',
    )
    expect(await names()).toEqual(before)
  })

  it.each([...Object.keys(OURS), NOTE, 'batches'])('%s that is a link', async (name) => {
    const victim = join(root, 'victim')
    const isFolder = name === 'batches'
    if (isFolder) await mkdir(victim)
    else await writeFile(victim, OURS[name] ?? noteOf())
    await mkdir(folder, { recursive: true })
    if (name !== NOTE) await put(NOTE, noteOf(POLICY))
    await symlink(victim, join(folder, name))
    expect(await refusal()).toBe(
      `report-dir contains a ${name} (a link) that this action did not create.`,
    )
    expect(await localFiles.kindOf(victim)).toBe(isFolder ? 'folder' : 'file')
  })

  it('a plan that is to be carried out and is a link', async () => {
    await mkdir(folder, { recursive: true })
    await writeFile(join(root, 'plan'), OURS['plan.ndjson'] ?? '')
    await symlink(join(root, 'plan'), join(folder, 'plan.ndjson'))
    expect(await refusal(join(folder, 'plan.ndjson'))).toContain('plan.ndjson (a link)')
  })

  it.each(['work/report', 'work'])('what a link leads to in the checkout: %s', async (link) => {
    const real = join(root, 'elsewhere')
    await mkdir(real)
    await mkdir(join(root, 'work'), { recursive: true })
    folder = join(root, link === 'work' ? 'work/deep/report' : 'work/report')
    await symlink(real, link === 'work' ? join(root, 'work/deep') : folder)
    expect(await refusal()).toMatch(/^report-dir contains a symbolic link, which is not followed: /)
    expect(await readdir(real)).toEqual([])
  })
})

it('a folder that cannot be written says why and what to do', async () => {
  folder = '/dev/null/none'
  await expect(claim()).rejects.toMatchObject({
    kind: 'inputs',
    message: expect.stringMatching(/^report-dir cannot be written: E[A-Z]+: .*\/dev\/null/),
    hint: 'Set report-dir to a folder that this job can write to. Nothing was touched.',
  })
})
