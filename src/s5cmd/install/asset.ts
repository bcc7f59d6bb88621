import { SyncError } from '../../errors/sync-error.ts'
import type { System } from '../../ports.ts'
import type { Catalog, PinnedBuild } from './catalog.ts'

/** One version of s5cmd for one machine. */
export interface Asset {
  readonly version: string
  /** File name of the release archive. */
  readonly name: string
  /** File name of the binary inside. */
  readonly program: 's5cmd' | 's5cmd.exe'
  /** undefined for a version this action does not know. */
  readonly pinned: PinnedBuild | undefined
}

/** Whether one version of three numbers comes before another. */
export function isOlder(version: string, than: string): boolean {
  // A comparison by the rules of a language would load these first, which takes longer than to read the inputs.
  const [ours, theirs] = [version, than].map((text) => text.split('.').map(Number))
  const at = ours?.findIndex((number, i) => number !== theirs?.[i]) ?? -1
  return at >= 0 && (ours?.[at] ?? 0) < (theirs?.[at] ?? 0)
}

/** Why nothing older than the minimum is used. */
export const TOO_OLD =
  'before 2.2.2, s5cmd silently ignores --sse, --acl and other options, so copies would not be encrypted as requested'

/** Throws for a version that loses data. */
export function refuseOld(
  version: string,
  { minimumVersion }: Pick<Catalog, 'minimumVersion'>,
): void {
  if (isOlder(version, minimumVersion))
    throw new SyncError('install', `s5cmd ${version} is refused: ${TOO_OLD}.`, {
      hint: `Use s5cmd ${minimumVersion} or later: remove s5cmd-version, or upgrade s5cmd in Homebrew.`,
    })
}

/** File name of the binary on a platform. */
export const programFor = (platform: string): Asset['program'] =>
  platform === 'win32' ? 's5cmd.exe' : 's5cmd'

/** Asset of a version for a machine; undefined when upstream builds none for it. Throws for a version that loses data. */
export function chooseAsset(
  catalog: Catalog,
  version: string,
  { platform, arch }: Pick<System, 'platform' | 'arch'>,
): Asset | undefined {
  refuseOld(version, catalog)
  const build = catalog.builds[`${platform}/${arch}`]
  if (build === undefined) return undefined
  return {
    version,
    name: `s5cmd_${version}_${build}`,
    program: programFor(platform),
    pinned: catalog.pinned[version]?.[build],
  }
}

/** How a file is packed, by its name; undefined for a bare binary. */
export function archiveKind(name: string): 'tar.gz' | 'zip' | undefined {
  if (/\.(tar\.gz|tgz)$/i.test(name)) return 'tar.gz'
  return /\.zip$/i.test(name) ? 'zip' : undefined
}

/** A URL with {version} and {asset} filled in. */
export const expandUrl = (template: string, { version, name }: Asset): URL =>
  new URL(template.replaceAll('{version}', version).replaceAll('{asset}', name))

/** A URL as it may be shown: its user, password and query can be secrets. */
export const shownUrl = ({ host, pathname }: URL): string => host + pathname
