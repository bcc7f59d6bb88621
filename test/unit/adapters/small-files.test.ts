import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openWritable } from '../../../src/adapters/small-files.ts'
import type { SizeAndTime, WritableFolder } from '../../../src/model/folder.ts'
import { toKeyBytes } from '../../../src/model/key.ts'

const threads: Worker[] = []
const onThread = (thread: Worker): void => void threads.push(thread)

/** More than are written before there is a thread. */
const MANY = 700

let around: string
let root: string
let folder: WritableFolder
let runs = 0
beforeAll(() => process.on('worker', onThread))
afterAll(() => process.off('worker', onThread))
beforeEach(() => {
  threads.length = 0
  around = mkdtempSync(path.join(tmpdir(), 'small-files-'))
  root = path.join(around, 'root')
  folder = openWritable(root)
})
afterEach(() => rmSync(around, { recursive: true, force: true }))

const at = (name: string): string => path.join(root, name)
const put = (key: string, content = key, replaces?: SizeAndTime) =>
  folder.put({
    key: toKeyBytes(key),
    temporary: `.${path.basename(key)}.${runs++}.tmp`,
    bytes: Buffer.from(content),
    replaces,
  })
const putAll = async (keys: readonly string[]): Promise<void> => {
  for (const there of await Promise.all(keys.map((key) => put(key)))) expect(there).toBeUndefined()
}
const listed = (name: string): SizeAndTime => {
  const { size, mtimeMs } = statSync(at(name))
  return { size, modifiedMs: Math.trunc(mtimeMs) }
}
const many = Array.from({ length: MANY }, (_, n) => `${n % 3}/${n}`)

it('writes each of many small files once, be it by a thread or not, and leaves nothing beside them', async () => {
  await putAll(many)
  await put('empty', '')
  await folder.close()
  expect(threads).toHaveLength(1)
  for (const key of many) expect(readFileSync(at(key), 'utf8')).toBe(key)
  expect(readFileSync(at('empty'), 'utf8')).toBe('')
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
  expect(files.filter((file) => file.isFile())).toHaveLength(MANY + 1)
})

it.each([0, MANY])('behind %i files, replaces what was listed and nothing else', async (before) => {
  await putAll(many.slice(0, before))
  mkdirSync(at('dir'), { recursive: true })
  symlinkSync('nowhere', at('link'))
  for (const name of ['listed', 'grew', 'unlisted']) writeFileSync(at(name), 'old')
  const grew = listed('grew')
  writeFileSync(at('grew'), 'older')
  expect(await put('listed', 'new', listed('listed'))).toBeUndefined()
  expect(await put('grew', 'new', grew)).toMatchObject({ kind: 'file', size: 5 })
  expect(await put('unlisted', 'new')).toMatchObject({ kind: 'file', size: 3 })
  expect(await put('dir', 'new')).toMatchObject({ kind: 'folder' })
  expect(await put('link', 'new')).toMatchObject({ kind: 'link' })
  await expect(put('listed/below')).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(put(`${'n'.repeat(300)}`)).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
  await folder.close()
  expect(readFileSync(at('listed'), 'utf8')).toBe('new')
  expect(readFileSync(at('grew'), 'utf8')).toBe('older')
  expect(readFileSync(at('unlisted'), 'utf8')).toBe('old')
  const others = readdirSync(root).filter((name) => !/^\d$/.test(name))
  expect(others.sort()).toEqual(['dir', 'grew', 'link', 'listed', 'unlisted'])
})

it('fails what a thread had when it ended, and writes the rest without it', async () => {
  await putAll(many)
  const [thread] = threads
  await thread?.terminate()
  expect(await put('later')).toBeUndefined()
  expect(existsSync(at('later'))).toBe(true)
  // Nobody knows which names it brought to the disk.
  await expect(folder.close()).rejects.toThrow('the thread that writes files ended')
})

it('writes all without a thread that ends before it began', async () => {
  process.once('worker', (thread) => void thread.terminate())
  await putAll(many)
  await folder.close()
  expect(threads).toHaveLength(1)
  for (const key of many) expect(readFileSync(at(key), 'utf8')).toBe(key)
})

it('fails what a thread that ends was given, and nothing else', async () => {
  await putAll(many)
  const lost = Promise.allSettled(many.map((key) => put(`late/${key}`)))
  // What came in one turn of the loop is given at its end.
  await new Promise(setImmediate)
  const ended = threads[0]?.terminate()
  const after = Promise.allSettled(many.map((key) => put(`after/${key}`)))
  await ended
  expect((await lost).map(({ status }) => status)).toContain('rejected')
  for (const [n, { status }] of [...(await lost), ...(await after)].entries()) {
    const key = many[n % MANY]
    if (status === 'fulfilled')
      expect(existsSync(at(`${n < MANY ? 'late' : 'after'}/${key}`))).toBe(true)
  }
  await expect(folder.close()).rejects.toThrow('the thread that writes files ended')
})
