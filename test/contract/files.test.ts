import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { localFiles } from '../../src/adapters/files.ts'

let root = ''
const at = (name: string): string => path.join(root, name)

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'files-'))
})
afterAll(() => rm(root, { recursive: true }))

async function linesOf(name: string): Promise<string[]> {
  const read: string[] = []
  for await (const line of localFiles.lines(at(name))) read.push(line)
  return read
}

describe('lines', () => {
  it.each([
    ['nothing', '', []],
    ['one line', 'a\n', ['a']],
    ['no newline at the end', 'a\nb', ['a', 'b']],
    ['empty lines', '\n\na\n\n', ['', '', 'a', '']],
  ])('of %s', async (_case, text, expected) => {
    await writeFile(at('text'), text)
    expect(await linesOf('text')).toEqual(expected)
  })

  it('end at \\n alone', async () => {
    await writeFile(at('text'), 'a\rb\u2028c\u2029d\u0085e\ff\r\ng\n')
    expect(await linesOf('text')).toEqual(['a\rb\u2028c\u2029d\u0085e\ff\r', 'g'])
  })

  it('keep characters that lie on the border of two chunks', async () => {
    // Three bytes a character: 64 KiB, the size of a chunk, is no multiple of it.
    const long = '€'.repeat(100_000)
    await writeFile(at('text'), `${long}\nx${long}\n`)
    expect(await linesOf('text')).toEqual([long, `x${long}`])
  })

  it('can be left early', async () => {
    await writeFile(at('text'), 'line\n'.repeat(100_000))
    for await (const line of localFiles.lines(at('text'))) {
      expect(line).toBe('line')
      break
    }
    await rm(at('text'))
  })

  it('of a missing file are an error', async () => {
    await expect(linesOf('missing')).rejects.toThrow('ENOENT')
  })
})

describe('the writer', () => {
  it('writes what lines read: 5 MB, also from many at once', async () => {
    const writer = await localFiles.writer(at('written'))
    const written = Array.from({ length: 50_000 }, (_, index) => `${index} ${'ü'.repeat(48)}`)
    await Promise.all(written.map((line) => writer.write(line)))
    await writer.close()
    expect((await stat(at('written'))).size).toBeGreaterThan(5e6)
    expect(await linesOf('written')).toEqual(written)
  })

  it('makes callers wait for the disk, a chunk at a time', async () => {
    const writer = await localFiles.writer(at('written'))
    const line = 'x'.repeat(1023)
    for (let count = 0; count < 64; count++) await writer.write(line)
    expect((await stat(at('written'))).size).toBe(64 * 1024)
    await writer.close()
  })

  it('begins anew', async () => {
    await writeFile(at('written'), 'old\n')
    const writer = await localFiles.writer(at('written'))
    await writer.close()
    expect(await readFile(at('written'), 'utf8')).toBe('')
  })

  it.runIf(process.platform === 'linux')('fails when the disk is full', async () => {
    const writer = await localFiles.writer('/dev/full')
    await expect(writer.write('x'.repeat(70_000))).rejects.toThrow('ENOSPC')
    await expect(writer.close()).rejects.toThrow('ENOSPC')
  })
})

describe('files and folders', () => {
  it('are made, found, renamed over each other and removed', async () => {
    await localFiles.makeFolder(at('deep/er'))
    await localFiles.writeText(at('deep/er/a'), 'first')
    await localFiles.writeText(at('deep/er/b'), 'second')
    await localFiles.rename(at('deep/er/b'), at('deep/er/a'))
    expect(await localFiles.readText(at('deep/er/a'))).toBe('second')
    expect(await localFiles.exists(at('deep/er/b'))).toBe(false)
    await localFiles.remove(at('deep'))
    await localFiles.remove(at('deep'))
    expect(await localFiles.exists(at('deep'))).toBe(false)
  })

  it('lie under RUNNER_TEMP when they are temporary', async () => {
    vi.stubEnv('RUNNER_TEMP', at('runner/temp'))
    const [one, two] = [await localFiles.temporaryFolder(), await localFiles.temporaryFolder()]
    vi.unstubAllEnvs()
    expect(path.dirname(one)).toBe(at('runner/temp'))
    expect(two).not.toBe(one)
    expect((await stat(one)).isDirectory()).toBe(true)
  })

  it('are hashed', async () => {
    await writeFile(at('abc'), 'abc')
    expect(await localFiles.sha256(at('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    await expect(localFiles.sha256(root)).rejects.toThrow('EISDIR')
  })

  it('have absolute paths', () => {
    expect(localFiles.join(root, 'a', '../b', '/c')).toBe(path.join(root, 'b', 'c'))
    expect(localFiles.join('a')).toBe(path.resolve('a'))
  })
})
