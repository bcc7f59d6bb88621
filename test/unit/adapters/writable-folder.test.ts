import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskWrites } from '../../../src/adapters/writable-folder.ts'
import { toKeyBytes } from '../../../src/model/key.ts'

let around: string
let root: string
let folder: DiskWrites
beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), 'writable-'))
  root = join(around, 'root')
  mkdirSync(join(around, 'outside'))
})
afterEach(async () => {
  await folder.close()
  rmSync(around, { recursive: true, force: true })
})

const any = () => {}
const outside = () => readdirSync(join(around, 'outside'))
const begin = (key: string, content = 'new') => {
  const file = folder.create(toKeyBytes(key), '.t')
  file.writeNow(Buffer.from(content))
  return file
}
const put = async (key: string, content = 'new') => begin(key, content).keep(any)
const at = (name: string) => join(root, name)

// Elsewhere than on Linux nothing names what lies in an open folder: the way is looked at before and behind.
describe.each(['linux', 'darwin'] as const)('a folder that is written to on %s', (system) => {
  beforeEach(() => {
    folder = new DiskWrites(root, system)
  })

  it('gets files with all folders on their way, and nothing before they are kept', async () => {
    const file = begin('a/b/c')
    expect(readdirSync(at('a/b'))).toEqual(['.t'])
    await file.keep(any)
    expect(readdirSync(at('a/b'))).toEqual(['c'])
    expect(readFileSync(at('a/b/c'), 'utf8')).toBe('new')
  })

  it('does not get a file whose bytes did not reach the disk, whenever that was', async () => {
    const file = begin('a')
    await file.flush()
    closeSync(file.handle ?? 0)
    // It tells of nothing: that is for who wants to keep the file.
    await file.flush()
    await expect(file.keep(any)).rejects.toMatchObject({ code: 'EBADF', syscall: 'fdatasync' })
    expect(existsSync(at('a'))).toBe(false)
  })

  it('keeps the permissions of what is replaced, and no others', async () => {
    mkdirSync(root)
    writeFileSync(at('a'), 'old')
    chmodSync(at('a'), 0o4751)
    await put('a')
    expect(statSync(at('a')).mode & 0o7777).toBe(0o751)
    expect(readFileSync(at('a'), 'utf8')).toBe('new')
  })

  it('keeps what it has where that is not what is expected, and what came meanwhile', async () => {
    await put('a', 'old')
    const refused = begin('a')
    await expect(
      refused.keep(() => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    refused.discard()
    const late = begin('b')
    await expect(late.keep(() => writeFileSync(at('b'), 'theirs'))).rejects.toMatchObject({
      code: 'EEXIST',
    })
    late.discard()
    expect(readFileSync(at('a'), 'utf8')).toBe('old')
    expect(readFileSync(at('b'), 'utf8')).toBe('theirs')
    expect(readdirSync(root).sort()).toEqual(['a', 'b'])
  })

  it('never goes through a link, be it a folder or a file', async () => {
    mkdirSync(root)
    symlinkSync(join(around, 'outside'), at('link'))
    expect(() => begin('link/a')).toThrow(/link|ENOTDIR|ELOOP/)
    expect(() => begin('link/deep/a')).toThrow(/link|ENOTDIR|ELOOP/)
    writeFileSync(join(around, 'outside', 'precious'), 'x')
    expect(() => folder.remove(toKeyBytes('link/precious'), any)).toThrow(/link/)
    expect(() => folder.removeEmpty(toKeyBytes('link/x'))).toThrow(/link/)
    expect(folder.removeEmpty(toKeyBytes('link'))).toBe(false)
    expect(outside()).toEqual(['precious'])
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true)
  })

  it('does not follow a folder that is swapped for a link while a file is written', async () => {
    await put('d/before')
    const file = begin('d/a')
    renameSync(at('d'), join(around, 'moved'))
    symlinkSync(join(around, 'outside'), at('d'))
    await expect(file.keep(any)).rejects.toThrow('moved')
    file.discard()
    expect(() => begin('d/b')).toThrow(/link|ENOTDIR|ELOOP/)
    expect(outside()).toEqual([])
    expect(() => folder.remove(toKeyBytes('d/before'), any)).toThrow(/link/)
    expect(existsSync(join(around, 'moved', 'before'))).toBe(true)
  })

  it('does not follow a folder that is swapped in the last moment', async () => {
    await put('d/before')
    const file = begin('d/a')
    const swap = () => {
      renameSync(at('d'), join(around, 'moved'))
      symlinkSync(join(around, 'outside'), at('d'))
    }
    const failed = await file.keep(swap).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failed).toBeDefined()
    file.discard()
    expect(outside()).toEqual([])
  })

  it.each(['../x', 'a/../../x', './x', 'a//x', '/x', 'x/', '', 'a\0', '..', 'a/..'])(
    'makes and removes nothing under %j, whoever asks for it',
    (key) => {
      mkdirSync(root)
      expect(() => begin(key)).toThrow(/no name|EINVAL/)
      expect(() => folder.remove(toKeyBytes(key), any)).toThrow(/no name|EINVAL/)
      expect(readdirSync(around).sort()).toEqual(['outside', 'root'])
    },
  )

  it('loses files, and folders that are empty, and nothing else', async () => {
    await put('a/b/c')
    await put('a/d')
    folder.remove(toKeyBytes('a/b/c'), any)
    folder.remove(toKeyBytes('a/b/gone'), any)
    folder.remove(toKeyBytes('nowhere/x'), any)
    expect(folder.removeEmpty(toKeyBytes('a/b'))).toBe(true)
    expect(folder.removeEmpty(toKeyBytes('a'))).toBe(false)
    expect(readdirSync(at('a'))).toEqual(['d'])
    await put('a/b/again')
    expect(readdirSync(at('a/b'))).toEqual(['again'])
  })

  it('lets go of folders that are many', async () => {
    const handles = () => readdirSync('/proc/self/fd').length
    const first = handles()
    for (let n = 0; n < 100; n++) await put(`${n}/deep/x`)
    expect(handles() - first).toBeLessThan(80)
    for (let n = 0; n < 100; n++) expect(existsSync(at(`${n}/deep/x`))).toBe(true)
    await folder.close()
    expect(handles()).toBe(first)
  })
})

it.runIf(process.platform === 'linux')(
  'a folder that its file system does not make is told as such, and not tried for ever',
  () => {
    folder = new DiskWrites('/proc/none/below', 'linux')
    expect(() => begin('a')).toThrow(/^ENOENT/)
  },
)

it('tells at its end alone of a folder whose names cannot be brought to the disk', async () => {
  folder = new DiskWrites(root, 'darwin')
  await put('lost/file')
  rmSync(at('lost'), { recursive: true })
  symlinkSync('lost', at('lost'))
  // More than are held while nobody uses them.
  for (let n = 0; n < 80; n++) await put(`${n}/file`)
  await expect(folder.close()).rejects.toThrow('ELOOP')
  folder = new DiskWrites(root, 'darwin')
})

const MANY_FOLDERS = `
  const [, module, root] = process.argv
  const { DiskWrites } = await import(module)
  const folder = new DiskWrites(root, process.platform)
  for (let n = 0; n < 60; n++)
    await folder.put({ key: n + '/file', temporary: '.t', bytes: Buffer.from('new') })
  await folder.close()
`

it.skipIf(process.platform === 'win32')(
  'gives up folders that nobody uses where no more files may be open',
  () => {
    const module = new URL('../../../src/adapters/writable-folder.ts', import.meta.url).href
    const node = [process.execPath, '--input-type=module', '-e', MANY_FOLDERS, module, root]
    execFileSync('sh', ['-c', 'ulimit -n 40 && exec "$@"', 'sh', ...node])
    for (let n = 0; n < 60; n++) expect(readFileSync(at(`${n}/file`), 'utf8')).toBe('new')
  },
)
