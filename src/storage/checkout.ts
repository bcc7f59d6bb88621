import type { Files } from '../ports.ts'

const GIT = '.git'

const hasGit = (path: string): boolean => path.split(/[\\/]/).includes(GIT)

/**
 * Why a path of the checkout is not what it says: who opens a pull request may make it a link to any file of the runner,
 * or to where git keeps its token. undefined: it is, or the path lies elsewhere. `workspace`: '' where there is none.
 */
export async function whyAstray(
  path: string,
  workspace: string,
  files: Pick<Files, 'join' | 'realPath'>,
): Promise<string | undefined> {
  const within = (file: string, folder: string): boolean =>
    files.join(file, 'x').startsWith(files.join(folder, 'x').slice(0, -1))
  if (workspace === '' || !within(path, workspace)) return undefined
  const [real, top] = await Promise.all([files.realPath(path), files.realPath(workspace)])
  if (!within(real, workspace) && !within(real, top))
    return 'its path contains a symbolic link that points outside the checkout'
  return hasGit(real) && !hasGit(files.join(path)) && !hasGit(top)
    ? `its path contains a symbolic link that points into ${GIT}`
    : undefined
}
