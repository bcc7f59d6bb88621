import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFolder } from '../../../src/adapters/folder.ts'
import { type KeyBytes, toKeyBytes } from '../../../src/model/key.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'folder-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const key = (name: string) => toKeyBytes(name)
const posix = process.platform !== 'win32'

describe('a folder', () => {
  it.runIf(posix)('hands out names as their bytes, and finds files by them', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62])
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), bytes]), 'x')
    await writeFile(path.join(root, 'ü'), 'y')
    const folder = openFolder(root)
    const names = (await folder.entries('' as KeyBytes)).map(({ name }) => name)
    expect(names.sort()).toEqual([bytes.toString('latin1'), key('ü')].sort())
    expect(await folder.look(bytes.toString('latin1') as KeyBytes)).toMatchObject({
      kind: 'file',
      size: 1,
    })
    const file = await folder.open(key('ü'))
    const into = Buffer.alloc(3)
    expect(await file.read(into, 0)).toBe(1)
    expect(into.toString('utf8', 0, 1)).toBe('y')
    await file.close()
  })

  it.runIf(posix)(
    'hands out names in their composed form on macOS, which takes both for one',
    async () => {
      await writeFile(path.join(root, 'u\u0308'), '')
      const [mac] = await openFolder(root, 'darwin').entries('' as KeyBytes)
      const [linux] = await openFolder(root, 'linux').entries('' as KeyBytes)
      expect([mac?.name, linux?.name]).toEqual([key('\u00fc'), key('u\u0308')])
    },
  )

  it.each([
    ['is too long', 'k'.repeat(300)],
    ['has a NUL', 'a\0b'],
  ])('has nothing under a name that %s', async (_what, name) => {
    expect(await openFolder(root).look(key(name))).toBeUndefined()
    expect(await openFolder(root).follow(key(name))).toBeUndefined()
  })

  it.runIf(posix)('tells links, what they lead to, and whether that lies in it', async () => {
    await mkdir(path.join(root, 'sub'))
    await writeFile(path.join(root, 'sub', 'a'), 'abc')
    await symlink('sub/a', path.join(root, 'in'))
    await symlink(os.tmpdir(), path.join(root, 'out'))
    await symlink('nowhere', path.join(root, 'broken'))
    await symlink('ring', path.join(root, 'ring'))
    const folder = openFolder(root)
    expect((await folder.look(key('in')))?.kind).toBe('link')
    expect(await folder.follow(key('in'))).toMatchObject({ kind: 'file', size: 3, within: 'sub/a' })
    expect(await folder.follow(key('out'))).toMatchObject({ kind: 'folder', within: undefined })
    expect(await folder.follow(key('broken'))).toBeUndefined()
    expect(await folder.follow(key('ring'))).toBeUndefined()
    expect(await folder.look(key('sub/a/b'))).toBeUndefined()
    await symlink('sub', path.join(root, 'way'))
    await expect(folder.open(key('in'))).rejects.toThrow()
    await expect(folder.open(key('way/a'))).rejects.toThrow('a folder of its path')
    expect(() => folder.readNow(key('way/a'), 10)).toThrow('a folder of its path')
    await (await folder.open(key('way/a'), 'link')).close()
    await expect(folder.open(key('sub'), 'link')).rejects.toThrow()
    await (await folder.open(key('in'), 'link')).close()
  })

  it.runIf(posix)(
    'has another stamp once a file is written to, though its time is set back',
    async () => {
      const file = path.join(root, 'a')
      await writeFile(file, 'abc')
      await utimes(file, 1, 1)
      const folder = openFolder(root)
      const before = await folder.look(key('a'))
      await writeFile(file, 'abd')
      await utimes(file, 1, 1)
      const after = await folder.look(key('a'))
      expect(after?.modifiedMs).toBe(before?.modifiedMs)
      expect(after?.stamp).not.toBe(before?.stamp)
      await chmod(file, 0o755)
      expect((await folder.look(key('a')))?.isExecutable).toBe(true)
    },
  )
})
