import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileFacts, Folder } from '../../src/model/folder.ts'
import { type KeyBytes, toKeyBytes } from '../../src/model/key.ts'
import { LocalStore } from '../../src/storage/local/local-store.ts'
import { keyAt } from '../../src/storage/object-page.ts'
import { jumpingClock } from '../ports.ts'
import { runs } from '../runs.ts'

const facts = (kind: FileFacts['kind'], size = 0): FileFacts => ({
  kind,
  size,
  modifiedMs: 0,
  changedMs: 0,
  stamp: '',
  id: '',
  isExecutable: false,
})

/** A folder in memory, that gives names in no order. */
function folderOf(files: readonly string[]): Folder {
  const keys = files.map(toKeyBytes)
  const look = async (key: KeyBytes) =>
    keys.includes(key)
      ? facts('file', key.length)
      : keys.some((file) => key === '' || file.startsWith(`${key}/`))
        ? facts('folder')
        : undefined
  return {
    look,
    entries: async (key) => {
      const above = key === '' ? '' : `${key}/`
      const below = keys.filter((file) => file.startsWith(above))
      const names = new Set(below.map((file) => file.slice(above.length).split('/')[0] ?? ''))
      return [...names].reverse().map((name) => ({
        name: name as KeyBytes,
        kind: keys.includes(`${above}${name}` as KeyBytes) ? 'file' : 'folder',
      }))
    },
    follow: async (key) => {
      const found = await look(key)
      return found && { ...found, within: key }
    },
    open: () => Promise.reject(new Error('Nothing is read here.')),
    readNow: () => {
      throw new Error('Nothing is read here.')
    },
  }
}

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'a-', 'a.', 'a0', 'é', '\u{10000}', '\uffee', 'a b', '~', '.hidden'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
)
const usable = (text: string): boolean =>
  text.isWellFormed() && text.normalize('NFC') === text && !/[/\0]|^\.\.?$|^\.git$/.test(text)

/** Files of which none is a folder of another. */
const trees = fc
  .array(fc.array(name.filter(usable), { minLength: 1, maxLength: 4 }), { maxLength: 40 })
  .map((paths) => [...new Set(paths.map((names) => names.join('/')))])
  .map((files) => files.filter((file) => !files.some((other) => other.startsWith(`${file}/`))))

const storeOf = (
  files: readonly string[],
  hidden: 'include' | 'exclude' = 'include',
  { folder = folderOf(files), exclude = [] as readonly string[] } = {},
) =>
  new LocalStore(folder, {
    local: { symlinks: 'fail', hidden, partBytes: 'auto' },
    filters: { include: [], exclude },
    without: [],
    partBytes: () => 2 ** 23,
    clock: jumpingClock(),
  })

/** All keys of a listing, page by page. */
async function listed(
  store: LocalStore,
  query: { readonly prefix: string; readonly startAfter?: string; readonly mostKeys: number },
): Promise<string[]> {
  const keys: string[] = []
  for (let token: string | undefined; ; ) {
    const page = await store.page({ bucket: '', ...query, token })
    for (let row = 0; row < page.objects.count; row++) keys.push(keyAt(page.objects, row))
    expect(page.objects.count).toBeLessThanOrEqual(query.mostKeys)
    if (!page.truncated) return keys
    token = page.nextToken
  }
}

const inOrder = (files: readonly string[]): string[] => files.map(toKeyBytes).sort()

describe('the listing of a folder', () => {
  it('is that of S3 for the same keys: in the order of their bytes, from any key on, below any prefix, in any pages', () =>
    fc.assert(
      fc.asyncProperty(
        trees,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        async (files, at, length, mostKeys) => {
          const some = files[at % Math.max(1, files.length)] ?? ''
          const prefix = [...some].slice(0, length % 4).join('')
          const [bytes, after] = [toKeyBytes(prefix), toKeyBytes(some)]
          const all = inOrder(files).filter((key) => key.startsWith(bytes))
          const store = storeOf(files)
          const rest = (keys: readonly string[]) => keys.map((key) => key.slice(bytes.length))
          expect(await listed(store, { prefix, mostKeys })).toEqual(rest(all))
          expect(await listed(store, { prefix, startAfter: some, mostKeys })).toEqual(
            rest(all.filter((key) => key > after)),
          )
        },
      ),
      runs(300),
    ))

  it.each([
    ['locked/', true],
    ['locked/**', true],
    ['/locked/*', true],
    ['**/locked/*', true],
    ['locked', false],
    ['locked/?', false],
    ['locked/?*.log', false],
  ])(
    'goes on without a folder that nobody may read where an exclude of %s leaves out all of it: %s',
    async (glob, isLeftOut) => {
      const files = ['a', 'locked/b', 'z']
      const open = folderOf(files)
      const folder: Folder = {
        ...open,
        entries: (key) =>
          key === 'locked'
            ? Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
            : open.entries(key),
      }
      const listing = listed(storeOf(files, 'include', { folder, exclude: [glob] }), {
        prefix: '',
        mostKeys: 5,
      })
      if (isLeftOut) expect(await listing).toEqual(['a', toKeyBytes('locked/\uFFFD'), 'z'])
      else await expect(listing).rejects.toThrow('"locked" cannot be read by this user')
    },
  )

  it('leaves out hidden names at any depth where that is asked for', () =>
    fc.assert(
      fc.asyncProperty(trees, async (files) => {
        const shown = files.filter((file) => !file.split('/').some((part) => part.startsWith('.')))
        expect(await listed(storeOf(files, 'exclude'), { prefix: '', mostKeys: 5 })).toEqual(
          inOrder(shown),
        )
      }),
      runs(100),
    ))
})
