import { mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FileCalls, fileCalls } from '../../../src/adapters/file-calls.ts'
import { filesBy } from '../../../src/adapters/files.ts'

let root = ''
const at = (name: string): string => path.join(root, name)
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'held-'))
})
afterAll(() => rm(root, { recursive: true }))

/** Files of a machine on which the first calls find a file held by somebody else. */
function machine(platform: NodeJS.Platform, code: string, held: number) {
  const waits: number[] = []
  let calls = 0
  const holding =
    <Args extends readonly unknown[]>(call: (...args: Args) => Promise<void>) =>
    async (...args: Args): Promise<void> => {
      calls++
      if (calls <= held) throw Object.assign(new Error(`${code}: held`), { code, syscall: 'x' })
      await call(...args)
    }
  const made: FileCalls = {
    rename: holding(rename),
    unlink: holding(unlink),
    removeAll: holding((file: string) => rm(file, { recursive: true, force: true })),
  }
  const wait = async (ms: number) => void waits.push(ms)
  return { files: filesBy(fileCalls({ platform, wait }, made)), waits, calls: () => calls }
}

describe('a file that a virus scanner of Windows holds for a moment', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])(
    'is replaced and removed all the same: %s',
    async (code) => {
      await writeFile(at('a'), 'old')
      const writing = machine('win32', code, 2)
      await writing.files.writeText(at('a'), 'new')
      expect(await readFile(at('a'), 'utf8')).toBe('new')
      expect(writing.waits).toEqual([20, 50])
      await machine('win32', code, 2).files.rename(at('a'), at('b'))
      await machine('win32', code, 2).files.removeFile(at('b'))
      await writeFile(at('c'), 'x')
      await machine('win32', code, 2).files.remove(at('c'))
      expect(await readdir(root)).toEqual([])
    },
  )

  it('is given up after two seconds, with what Windows said', async () => {
    await writeFile(at('a'), 'old')
    const { files, waits } = machine('win32', 'EBUSY', 99)
    await expect(files.removeFile(at('a'))).rejects.toThrow('EBUSY: held')
    expect(waits.reduce((sum, ms) => sum + ms)).toBeLessThan(2000)
    await rm(at('a'))
  })

  it('is not waited for where another failure is, nor on other systems', async () => {
    const full = machine('win32', 'ENOSPC', 1)
    await expect(full.files.rename(at('a'), at('b'))).rejects.toThrow('ENOSPC')
    const linux = machine('linux', 'EPERM', 1)
    await expect(linux.files.rename(at('a'), at('b'))).rejects.toThrow('EPERM')
    expect([full.calls(), linux.calls()]).toEqual([1, 1])
    expect([full.waits, linux.waits]).toEqual([[], []])
  })
})
