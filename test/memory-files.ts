import { hash } from 'node:crypto'
import type { Files } from '../src/ports.ts'
import { noFiles } from './ports.ts'

/** So few that hardly anything fits into one block. */
const LINES_AT_ONCE = 3

/** Files in memory, for what writes and reads lines; `texts` holds them by path. */
export function memoryFiles(): Files & { readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map<string, string>()
  let folders = 0
  const read = (path: string): string => {
    const text = texts.get(path)
    if (text === undefined) throw new Error(`There is no file ${path}.`)
    return text
  }
  return {
    ...noFiles,
    texts,
    makeFolder: async () => {},
    temporaryFolder: async () => `/tmp-${++folders}`,
    remove: async (path) => {
      for (const file of texts.keys())
        if (file === path || file.startsWith(`${path}/`)) texts.delete(file)
    },
    removeFile: async (path) => void texts.delete(path),
    kindOf: async (path) =>
      texts.has(path)
        ? 'file'
        : [...texts.keys()].some((file) => file.startsWith(`${path}/`))
          ? 'folder'
          : undefined,
    startOf: async (path, mostBytes) => read(path).slice(0, mostBytes),
    writeText: async (path, text) => void texts.set(path, text),
    rename: async (from, to) => {
      texts.set(to, read(from))
      texts.delete(from)
    },
    writer: async (path, mode) => {
      texts.set(path, mode === 'append' ? (texts.get(path) ?? '') : '')
      const add = async (text: string) => {
        texts.set(path, read(path) + text)
      }
      return {
        write: (line) => add(`${line}\n`),
        append: (bytes) => add(Buffer.from(bytes).toString()),
        appendFile: async (file, see) => {
          see?.(Buffer.from(read(file)))
          await add(read(file))
        },
        close: async () => {},
      }
    },
    async *lines(path) {
      yield* read(path).split('\n').slice(0, -1)
    },
    async *lineBytes(path) {
      const lines = read(path).match(/[^\n]*\n|[^\n]+$/g) ?? []
      for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
        const block = Buffer.from(lines.slice(at, at + LINES_AT_ONCE).join(''))
        yield block
        // As memory that is used again.
        block.fill('{')
      }
    },
    async *lineBlocks(path) {
      yield read(path).split('\n').slice(0, -1)
    },
    sha256: async (path) => hash('sha256', read(path)),
    async *chunks(path) {
      yield Buffer.from(read(path))
    },
  }
}
