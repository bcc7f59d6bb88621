/** How the files of a folder of this runner become objects, and objects files. */
export interface LocalRules {
  /** `follow`: as what they lead to, which must lie in the same folder; `skip`: as if they were not there. */
  readonly symlinks: 'fail' | 'follow' | 'skip'
  /** Names that begin with a dot. */
  readonly hidden: 'include' | 'exclude'
  /** Bytes of the parts that large files are uploaded in: what their ETags are depends on it. */
  readonly partBytes: number | 'auto'
  /** Whether they are written, as the folder is the destination; else it is the source. */
  readonly isTarget?: true | undefined
}

/** What no tool shows to a browser, and nobody means to publish. */
const GIT = '.git'

/** Whether a key belongs to what these rules leave out; `namesGit`: an include asks for `.git` by its name. */
export function isLeftOutBy({ hidden }: LocalRules, namesGit: boolean, key: string): boolean {
  if (!key.includes('.')) return false
  const names = key.split('/')
  if (!namesGit && names.includes(GIT)) return true
  return hidden === 'exclude' && names.some((name) => name.startsWith('.'))
}

/** Whether an include asks for `.git` by its name. */
export const namesGit = (include: readonly string[]): boolean =>
  include.some((glob) => glob.split('/').includes(GIT))
