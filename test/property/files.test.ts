import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { describe, expect, it } from 'vitest'
import { openFolder } from '../../src/adapters/folder.ts'
import { openWritable } from '../../src/adapters/small-files.ts'
import { whyNoFile } from '../../src/model/file-names.ts'
import { LocalStore } from '../../src/storage/local/local-store.ts'
import { filesBelow } from '../download-stage.ts'

/** How many keys are tried; 10,000 in a long run. */
const KEYS = Number(process.env['N'] ?? 400)
/** So many that a thread of its own writes the last ones. */
const MANY = 320

const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '...',
    '/',
    '\\',
    'C:',
    'CON',
    '~',
    '.git',
    '\0',
    '%2e%2e',
    '..\\',
  ),
  fc.constantFrom('a', 'b', 'A', 'n'.repeat(255), 'n'.repeat(256), 'ü'.repeat(128), ' ', '\n'),
  fc.constantFrom('..%2f', '\u2215', '\uff0e\uff0e', '..\u200b', '.\u0323.', '-rf', '$HOME'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(...hostileKeys().map(({ key }) => key)),
)
const key = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join('/'))
  .filter((text) => text.isWellFormed() && Buffer.byteLength(text) <= 1024)

async function hold(keys: readonly string[]): Promise<void> {
  const around = mkdtempSync(path.join(tmpdir(), 'files-'))
  const root = path.join(around, 'root')
  const names = {
    platform: 'linux',
    ignoresCase: false,
    rootBytes: Buffer.byteLength(root),
  }
  mkdirSync(root)
  const store = new LocalStore(openFolder(root), {
    local: { symlinks: 'fail', hidden: 'include', partBytes: 'auto', isTarget: true },
    filters: { include: ['.git/**', '**'], exclude: [] },
    without: [],
    isTarget: true,
    partBytes: () => 2 ** 23,
    clock: { now: () => Date.now(), sleep: async () => {} },
    target: { folder: openWritable(root), run: '0123abcd', names, own: [] },
  })
  try {
    const written = new Set<string>()
    for (const to of keys) {
      // What the plan refuses is tried all the same: then it is the file system that keeps it inside.
      const isAllowed = whyNoFile(to, names) === undefined
      const isKept = await store.landing?.whole({ to }, Buffer.from(to)).then(
        () => true,
        () => false,
      )
      if (isAllowed && isKept) {
        expect(readFileSync(path.join(root, ...to.split('/')), 'utf8')).toBe(to)
        written.add(to)
      }
    }
    await store.landing?.close()
    const all = await filesBelow(around)
    expect(all.filter((name) => !name.startsWith(`root${path.sep}`))).toEqual([])
    for (const name of written) expect(all).toContain(`root/${name}`)
    // Nothing of what was begun is left.
    expect(all.filter((name) => name.endsWith('.tmp'))).toEqual([])
    await store.deleteObjects('', [])
  } finally {
    rmSync(around, { recursive: true, force: true })
  }
}

const keys = (count: number) => fc.array(key, { minLength: count, maxLength: count })

describe('keys that anybody may have written', () => {
  it.each([20, MANY])(
    'never become a file outside of the folder, and those that are allowed become the file of that name (%i at a time)',
    (count) => fc.assert(fc.asyncProperty(keys(count), hold), { numRuns: Math.ceil(KEYS / count) }),
    3_600_000,
  )
})
