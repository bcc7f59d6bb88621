import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WAVE_RECIPES, waves } from '../../../src/inputs/waves.ts'
import { WaveOrder } from '../../../src/model/waves.ts'

const globsOf = (text: string) => waves.safeParse(text).data?.globs
const problemOf = (text: string) => waves.safeParse(text).error?.issues[0]?.message

describe('waves are read', () => {
  test.each([
    ['one glob a line', 'a\nb', [['a', 'b']]],
    ['a line of --- begins the next', 'a\n---\nb\n---\nc', [['a'], ['b'], ['c']]],
    ['blank lines are ignored', '\n a \n\n\t\n---\n\nb\n\n', [['a'], ['b']]],
    ['a --- at the top makes none', '---\na\n---\nb', [['a'], ['b']]],
    ['nor one at the end', 'a\n---\nb\n---\n', [['a'], ['b']]],
    ['nor a doubled one', 'a\n---\n \n---\n---\nb', [['a'], ['b']]],
    ['lines of Windows', 'a\r\n---\r\nb\r\n', [['a'], ['b']]],
    ['a key that is nearly called like a recipe', '/aptt', [['/aptt']]],
    ['a key behind others that is', 'a.json\naptt', [['a.json', 'aptt']]],
    ['a key that is called so', '/---\n---\n/apt', [['/---'], ['/apt']]],
    ['nine of them', 'abcdefghi'.split('').join('\n---\n'), 'abcdefghi'.split('').map((c) => [c])],
  ])('%s', (_how, text, globs) => {
    expect(globsOf(text)).toEqual(globs)
  })

  test.each(['', '  ', '\n\n'])('%j is none', (text) => {
    expect(waves.safeParse(text).data).toBeUndefined()
  })

  test.each(Object.keys(WAVE_RECIPES))('%s stands for its globs', (recipe) => {
    expect(waves.safeParse(` ${recipe}\n`).data).toEqual({ recipe, globs: WAVE_RECIPES[recipe] })
  })

  test.each([
    ['ten of them', 'abcdefghij'.split('').join('\n---\n'), 'at most 9 waves, but there are 10'],
    ['separators alone', '---\n---', 'expected a glob beside the lines of ---'],
    ['a recipe among globs', 'apt\n---\nRelease', 'apt is a recipe name and must be the only line'],
    ['a recipe in other letters', 'Website', '"Website" is not a recipe: write website'],
    ['a recipe with a dash', 'web-site', '"web-site" is not a recipe: write website'],
    [
      'a misspelt recipe',
      'atp',
      '"atp" is not a recipe: write apt; for a key of that name write /atp',
    ],
    ['a recipe in quotes', "'apt'", 'is not a recipe: write apt'],
    ['a recipe before a comment', 'yum # metadata last', 'is not a recipe: write yum'],
    ['recipes on one line', 'website, apt', '"website, apt" is not a recipe: write website'],
    ['two recipes', 'apt\nyum', 'apt is a recipe name and must be the only line'],
    ['two dashes', 'a\n--\nb', '"--" is not a separator: use three dashes'],
    ['four dashes', 'a\n----\nb', '"----" is not a separator: use three dashes'],
    ['a dash of an editor', 'a\n—\nb', '"—" is not a separator: use three dashes'],
  ])('%s are refused', (_what, text, why) => {
    expect(problemOf(text)).toContain(why)
  })

  test.each(['constructor', 'toString', '__proto__'])('%s is a glob and no recipe', (text) => {
    expect(waves.safeParse(text).data).toEqual({ globs: [[text]] })
  })
})

/** The keys of a tree by their waves. */
function ordered(recipe: string, keys: readonly string[]): Record<number, string[]> {
  const order = new WaveOrder({ recipe, globs: WAVE_RECIPES[recipe] ?? [] })
  const byWave: Record<number, string[]> = {}
  for (const key of keys) {
    const wave = order.of(key)
    byWave[wave] = [...(byWave[wave] ?? []), key]
  }
  expect(order.idle()).toEqual([])
  return byWave
}

/** A tree at the destination's root, one folder down, and two. */
const places = ['', 'debian/', 'mirror/debian/']
const under = (folder: string, keys: readonly string[]) => keys.map((key) => folder + key)

describe.each(places)('a repository below %j', (folder) => {
  const at = (...keys: readonly string[]) => under(folder, keys)

  test('of apt with dists and pool goes packages, lists, signatures', () => {
    const packages = at(
      'pool/main/a/app/app_1.2-1_amd64.deb',
      'pool/main/a/app/app_1.2-1.dsc',
      'pool/main/liba/libapp/libapp1_1.2-1_arm64.udeb',
      'pool/contrib/r/release-notes/Release-notes.tar.xz',
      'key.gpg',
      'index.html',
    )
    const kept = at(
      'dists/stable/main/binary-amd64/by-hash/SHA256/00ff',
      'dists/stable/main/binary-amd64/Packages.diff/T-2026-11-29-0200.41-F-00ff.gz',
      'dists/stable/main/installer-amd64/current/images/SHA256SUMS',
    )
    const lists = at(
      'dists/stable/main/binary-amd64/Packages',
      'dists/stable/main/binary-amd64/Packages.gz',
      'dists/stable/main/binary-amd64/Packages.diff/Index',
      'dists/stable/main/source/Sources.xz',
      'dists/stable/main/i18n/Translation-en.bz2',
      'dists/stable/main/Contents-amd64.gz',
      'dists/stable/main/cnf/Commands-amd64.xz',
      'dists/stable/main/dep11/Components-amd64.yml.gz',
      'dists/stable/main/dep11/icons-64x64.tar.gz',
      'dists/bookworm-backports/non-free/binary-all/Packages.zst',
    )
    const signed = at(
      'dists/stable/Release',
      'dists/stable/Release.gpg',
      'dists/stable/InRelease',
      'dists/bookworm-backports/InRelease',
    )
    expect(ordered('apt', [...signed, ...lists, ...kept, ...packages])).toEqual({
      0: packages,
      1: kept,
      2: lists,
      3: signed,
    })
  })

  test('of apt that keeps its packages below dists goes packages, lists, signatures', () => {
    // So lies that of Docker.
    const packages = at(
      'dists/bookworm/pool/stable/amd64/docker-ce_28.0.1-1_amd64.deb',
      'dists/stable/main/binary-amd64/app_1.2_amd64.deb',
    )
    const lists = at('dists/bookworm/stable/binary-amd64/Packages.gz')
    const signed = at('dists/bookworm/InRelease')
    expect(ordered('apt', [...signed, ...lists, ...packages])).toEqual({
      1: packages,
      2: lists,
      3: signed,
    })
  })

  test('of apt that is flat goes packages, lists, signatures', () => {
    const packages = at(
      'app_1.2_amd64.deb',
      'x/libapp_1_all.deb',
      'by-hash/SHA256/00ff',
      'icons-a_1.deb',
    )
    const lists = at('Packages', 'Packages.gz', 'Packages.xz', 'Sources', 'Sources.bz2')
    const signed = at('Release', 'Release.gpg', 'InRelease')
    expect(ordered('apt', [...lists, ...signed, ...packages])).toEqual({
      0: packages,
      2: lists,
      3: signed,
    })
  })

  test('of yum goes packages, metadata, repomd.xml with its signature', () => {
    const packages = at('app-1.2-1.el9.x86_64.rpm', 'Packages/l/lib-1.rpm', 'images/boot.iso')
    const metadata = at(
      'repodata/00ff-primary.xml.gz',
      'repodata/00ff-filelists.xml.zst',
      'repodata/00ff-updateinfo.xml.gz',
      'repodata/00ff-modules.yaml.gz',
      'repodata/primary.xml.gz',
    )
    const last = at('repodata/repomd.xml', 'repodata/repomd.xml.asc', 'repodata/repomd.xml.key')
    expect(ordered('yum', [...last, ...metadata, ...packages, ...at('.treeinfo')])).toEqual({
      0: packages,
      1: metadata,
      2: last,
      3: at('.treeinfo'),
    })
  })

  test('of yum with architectures goes in the same order', () => {
    const keys = at(
      'el9/x86_64/repodata/repomd.xml',
      'el9/x86_64/repodata/00-primary.xml.gz',
      'el9/x86_64/a.rpm',
    )
    expect(ordered('yum', keys)).toEqual({ 0: [keys[2]], 1: [keys[1]], 2: [keys[0]] })
  })
})

describe('a website', () => {
  const assets = ['assets/app.00ff.js', 'assets/app.00ff.css', 'img/logo.svg', 'data/page.json']
  const pages = [
    'about/index.html',
    'blog/2026/post.html',
    '404.html',
    'old.htm',
    'docs/index.html',
  ]
  const names = ['index.html', 'site.webmanifest', 'sitemap.xml', 'robots.txt']
  // Each links pages, in whatever folder it lies.
  const feeds = ['index.xml', 'blog/index.xml', 'de/sitemap.xml', 'blog/feed.json', 'news.atom']
  const workers = [
    ...['sw.js', 'ngsw.json', 'app/service-worker.js'],
    ...['flutter_service_worker.js', 'service-worker-assets.js'],
  ]

  test('at the root of the destination goes assets, pages, start page, service worker', () => {
    expect(ordered('website', [...workers, ...feeds, ...names, ...pages, ...assets])).toEqual({
      0: assets,
      1: pages,
      2: [...feeds, ...names],
      3: workers,
    })
  })

  test('one folder down has its start page among its pages, behind its assets', () => {
    const keys = ['app/main.js', 'app/index.html', 'app/site.webmanifest', 'app/sw.js']
    expect(ordered('website', keys)).toEqual({
      0: [keys[0]],
      1: [keys[1]],
      2: [keys[2]],
      3: [keys[3]],
    })
  })
})

describe('the order', () => {
  test('takes the later wave for a key that two match, whichever glob stands first', () => {
    const order = new WaveOrder({ globs: [['*'], ['b*', '*.x'], ['/b']] })
    expect(['a', 'b', 'c/b', 'd.x'].map((key) => order.of(key))).toEqual([1, 3, 2, 2])
  })

  test('tells globs that matched nothing, those behind an earlier match too', () => {
    const order = new WaveOrder({ globs: [['*.a', '*.b'], ['c.*']] })
    expect([order.hasIdle, order.idle()]).toEqual([true, ['*.a', '*.b', 'c.*']])
    order.of('c.a')
    expect(order.idle()).toEqual(['*.b'])
    order.of('x.b')
    expect([order.hasIdle, order.idle()]).toEqual([false, []])
  })

  test('tells a recipe only where none of its globs matched anything', () => {
    const order = new WaveOrder({ recipe: 'yum', globs: WAVE_RECIPES['yum'] ?? [] })
    order.of('a.rpm')
    expect(order.idle()).toEqual(['yum'])
    order.of('repodata/x')
    expect([order.hasIdle, order.idle()]).toEqual([false, []])
  })
})

test('the page of waves shows what each recipe stands for', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/waves.md'), 'utf8')
  const shown = [...page.matchAll(/^### (\w+)\n\n```\n([\s\S]*?)```/gm)].map(
    ([, name = '', text = '']) => [name, waves.safeParse(text).data?.globs],
  )
  expect(Object.fromEntries(shown)).toEqual(WAVE_RECIPES)
})
