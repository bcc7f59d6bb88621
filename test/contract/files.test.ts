import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
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

describe('lines as bytes', () => {
  async function blocksOf(text: string | Buffer): Promise<string[]> {
    await writeFile(at('text'), text)
    const blocks: string[] = []
    for await (const block of localFiles.lineBytes(at('text'))) blocks.push(block.toString())
    return blocks
  }

  it.each([
    ['nothing', ''],
    ['one line', 'a\n'],
    ['no newline at the end', 'a\nb'],
    ['empty lines', '\n\na\n\n'],
    ['letters on the border of what is read at once', `${'€'.repeat(10_000)}\n`.repeat(50)],
    ['lines of all lengths', Array.from({ length: 3000 }, (_, i) => 'x'.repeat(i)).join('\n')],
    ['a line as long as all memory', `${'x'.repeat(64 * 1024 - 1)}\ny\n`],
  ])('come whole: %s', async (_case, text) => {
    const blocks = await blocksOf(text)
    expect(blocks.join('')).toBe(text)
    for (const block of blocks.slice(0, -1)) expect(block.at(-1)).toBe('\n')
    expect(blocks).not.toContain('')
  })

  it('come in pieces where one is longer than all memory', async () => {
    const blocks = await blocksOf(`a\n${'x'.repeat(150 * 1024)}\nb\n`)
    expect(blocks.map(({ length }) => length)).toEqual([2, 65_536, 65_536, 22_531])
  })

  it('can be left early, and are read of regular files alone', async () => {
    await writeFile(at('text'), 'line\n'.repeat(100_000))
    for await (const block of localFiles.lineBytes(at('text'))) {
      expect(block.toString('latin1', 0, 5)).toBe('line\n')
      break
    }
    const read = async () => {
      for await (const _block of localFiles.lineBytes(root)) break
    }
    await expect(read()).rejects.toThrow('it is not a regular file')
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

  it('appends whole files as they are, and shows their bytes', async () => {
    const bytes = Buffer.from('0123456789\xff\n'.repeat(50_000), 'latin1')
    await writeFile(at('piece'), bytes)
    const seen: Uint8Array[] = []
    const writer = await localFiles.writer(at('written'))
    void writer.write('first')
    await writer.appendFile(at('piece'), (piece) => seen.push(Buffer.from(piece)))
    await writer.appendFile(at('piece'))
    await writer.write('last')
    await expect(writer.appendFile(at('missing'))).rejects.toThrow('ENOENT')
    await writer.close()
    expect(Buffer.concat(seen).equals(bytes)).toBe(true)
    const all = Buffer.concat([Buffer.from('first\n'), bytes, bytes, Buffer.from('last\n')])
    expect((await readFile(at('written'))).equals(all)).toBe(true)
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
    const writer = await localFiles.writer('/dev/full', 'append')
    await expect(writer.write('x'.repeat(70_000))).rejects.toThrow(/ENOSPC.* 'full'$/)
    await expect(writer.close()).rejects.toThrow('ENOSPC')
  })
})

describe('what somebody else put there', () => {
  const linked = async () => {
    await writeFile(at('victim'), 'mine')
    await rm(at('link'), { force: true })
    await symlink(at('victim'), at('link'))
  }
  const victim = () => readFile(at('victim'), 'utf8')

  it('a link is replaced by what is written, and what it leads to stays', async () => {
    await linked()
    const writer = await localFiles.writer(at('link'))
    await writer.write('ours')
    await writer.close()
    expect([await readFile(at('link'), 'utf8'), await victim()]).toEqual(['ours\n', 'mine'])
    await linked()
    await localFiles.writeText(at('link'), 'ours')
    expect([await readFile(at('link'), 'utf8'), await victim()]).toEqual(['ours', 'mine'])
  })

  it('a link is not appended to, nor read from its start', async () => {
    await linked()
    await expect(localFiles.writer(at('link'), 'append')).rejects.toThrow('ELOOP')
    await expect(localFiles.startOf(at('link'), 9)).rejects.toThrow('ELOOP')
    expect(await victim()).toBe('mine')
  })

  it('a link goes without what it leads to, and a folder does not go', async () => {
    await linked()
    await localFiles.removeFile(at('link'))
    await localFiles.removeFile(at('link'))
    expect([await localFiles.kindOf(at('link')), await victim()]).toEqual([undefined, 'mine'])
    await mkdir(at('theirs'), { recursive: true })
    await expect(localFiles.removeFile(at('theirs'))).rejects.toThrow()
    await expect(localFiles.writer(at('theirs'))).rejects.toThrow('EEXIST')
    await expect(localFiles.writeText(at('theirs'), 'x')).rejects.toThrow()
    expect(await localFiles.kindOf(at('theirs'))).toBe('folder')
    expect((await readdir(root)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('has a kind', async () => {
    await linked()
    const kinds = [at('victim'), at('link'), root, '/dev/null', at('nothing')]
    expect(await Promise.all(kinds.map(localFiles.kindOf))).toEqual([
      ...['file', 'link', 'folder', 'other', undefined],
    ])
  })

  it.runIf(process.platform !== 'win32')('is not read without end, nor waited for', async () => {
    await writeFile(at('large'), 'x'.repeat(65_537))
    await writeFile(at('fits'), 'x'.repeat(65_536))
    await expect(localFiles.readText(at('large'), 65_536)).rejects.toThrow('larger than 64 KiB')
    expect((await localFiles.readText(at('fits'), 65_536)).length).toBe(65_536)
    await expect(localFiles.readText('/dev/zero', 65_536)).rejects.toThrow('not a regular file')
    await expect(localFiles.readText(root, 65_536)).rejects.toThrow()
    execFileSync('mkfifo', [at('pipe')])
    await expect(localFiles.readText(at('pipe'), 65_536)).rejects.toThrow('not a regular file')
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

  it('are found where links lead to, also what is not there yet', async () => {
    await mkdir(at('real'))
    await symlink('real', at('way'))
    const real = path.join(await localFiles.realPath(root), 'real')
    expect(await localFiles.realPath(at('way'))).toBe(real)
    expect(await localFiles.realPath(at('way/new/folder'))).toBe(path.join(real, 'new/folder'))
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
    await expect(localFiles.sha256(root)).rejects.toThrow('it is not a regular file')
  })

  it.skipIf(process.platform === 'win32')(
    'are read only where they end: no device is, nor a pipe that nobody writes to',
    async () => {
      const [link, pipe] = [at('endless'), at('silent')]
      await symlink('/dev/zero', link)
      execFileSync('mkfifo', [pipe])
      for (const file of [link, pipe]) {
        const read = async () => {
          for await (const _line of localFiles.lines(file)) break
        }
        await expect(localFiles.sha256(file)).rejects.toThrow('it is not a regular file')
        await expect(read()).rejects.toThrow('it is not a regular file')
      }
    },
  )

  it('have absolute paths', () => {
    expect(localFiles.join(root, 'a', '../b', '/c')).toBe(path.join(root, 'b', 'c'))
    expect(localFiles.join('a')).toBe(path.resolve('a'))
  })
})
