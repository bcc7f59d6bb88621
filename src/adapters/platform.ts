import path from 'node:path'

/** The system that this process runs on. Asked here alone: what depends on it takes it as a parameter. */
export const thisPlatform: NodeJS.Platform = process.platform

/** Paths, and lists of them, as a system writes them. */
export const pathsOf = (platform: NodeJS.Platform): path.PlatformPath =>
  platform === 'win32' ? path.win32 : path.posix

/** The folders of a PATH that are the same wherever a program is started; others would lie in the checkout. */
export function absoluteFolders(list: string, platform: NodeJS.Platform): readonly string[] {
  const { delimiter, isAbsolute } = pathsOf(platform)
  // Windows has quotes around a folder whose name holds a semicolon, and some installers around any.
  const folders =
    platform === 'win32'
      ? [...list.matchAll(/(?:"[^"]*"?|[^;"])+/g)].map(([folder]) => folder.replaceAll('"', ''))
      : list.split(delimiter)
  return folders.filter((folder) => isAbsolute(folder))
}
