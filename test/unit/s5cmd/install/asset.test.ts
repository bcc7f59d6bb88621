import { describe, expect, it } from 'vitest'
import {
  archiveKind,
  chooseAsset,
  expandUrl,
  shownUrl,
} from '../../../../src/s5cmd/install/asset.ts'
import { CATALOG } from '../../../../src/s5cmd/install/catalog.ts'

const choose = (version: string, platform: string, arch: string) =>
  chooseAsset(CATALOG, version, { platform, arch })

describe('the asset for a machine', () => {
  it.each([
    ['linux', 'x64', 'Linux-64bit.tar.gz'],
    ['linux', 'arm64', 'Linux-arm64.tar.gz'],
    ['linux', 'ppc64', 'Linux-ppc64le.tar.gz'],
    ['darwin', 'x64', 'macOS-64bit.tar.gz'],
    ['darwin', 'arm64', 'macOS-arm64.tar.gz'],
    ['win32', 'x64', 'Windows-64bit.zip'],
    ['win32', 'arm64', 'Windows-arm64.zip'],
  ])('%s %s is %s', (platform, arch, build) => {
    for (const version of ['2.3.0', '2.2.2']) {
      const asset = choose(version, platform, arch)
      expect(asset?.name).toBe(`s5cmd_${version}_${build}`)
      expect(asset?.program).toBe(platform === 'win32' ? 's5cmd.exe' : 's5cmd')
      expect(asset?.pinned).toBe(CATALOG.pinned[version]?.[build])
    }
  })

  it.each([
    ['linux', 'arm'],
    ['win32', 'ia32'],
    ['linux', 's390x'],
    ['linux', 'riscv64'],
    ['freebsd', 'x64'],
  ])('%s %s has none', (platform, arch) => {
    expect(choose('2.3.0', platform, arch)).toBeUndefined()
  })

  it.each(['2.2.1', '2.2.0', '2.1.10', '1.9.9'])('refuses %s, which loses options', (version) => {
    expect(() => choose(version, 'linux', 'x64')).toThrow(/silently ignores --sse/)
  })

  it.each(['2.2.2', '2.2.10', '2.10.0', '3.0.0'])('takes %s', (version) => {
    expect(choose(version, 'linux', 'x64')?.name).toContain(version)
  })

  it('knows no hash of a version it does not know', () => {
    expect(choose('2.4.0', 'linux', 'x64')).toMatchObject({ version: '2.4.0', pinned: undefined })
  })
})

describe('the catalog', () => {
  const builds = Object.values(CATALOG.pinned).flatMap((version) => Object.values(version))

  it('pins every build of every version', () => {
    for (const version of Object.values(CATALOG.pinned))
      expect(Object.keys(version).sort()).toEqual(Object.values(CATALOG.builds).sort())
  })

  it('holds well-formed hashes, each once', () => {
    const hashes = builds.flatMap(({ sha256, binarySha256, wheel }) =>
      [sha256, binarySha256, wheel?.sha256].filter((hash) => hash !== undefined),
    )
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('knows the binary of every wheel', () => {
    for (const { wheel, binarySha256 } of builds) expect(!wheel).toBe(!binarySha256)
  })
})

describe('URLs', () => {
  const asset = choose('2.3.0', 'win32', 'x64')

  it('are filled in', () => {
    if (!asset) throw new Error('no asset')
    expect(expandUrl(CATALOG.releaseUrl, asset).href).toBe(
      'https://github.com/peak/s5cmd/releases/download/v2.3.0/s5cmd_2.3.0_Windows-64bit.zip',
    )
  })

  it('are shown without what can be secret', () => {
    expect(shownUrl(new URL('https://me:word@mirror.test:8443/a/b.zip?sig=secret'))).toBe(
      'mirror.test:8443/a/b.zip',
    )
  })

  it.each([
    ['/a/s5cmd.tar.gz', 'tar.gz'],
    ['/a/s5cmd.TGZ', 'tar.gz'],
    ['/a/s5cmd.zip', 'zip'],
    ['/a/s5cmd', undefined],
  ])('%s is %s', (name, kind) => {
    expect(archiveKind(name)).toBe(kind)
  })
})
