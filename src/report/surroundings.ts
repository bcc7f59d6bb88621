import { code } from './markdown.ts'

/** What a summary tells beside the report: nothing of it is from outside, so that links may stand in it. */
export interface Surroundings {
  /** A page of this action's documentation, as Markdown. */
  readonly pageOf: (path: string, anchor?: string) => string
  /** The text of policy.json; undefined where there is none. */
  readonly policy: string | undefined
}

const SERVER = /^https:\/\/[a-z0-9.-]+(:\d+)?$/
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/
const REF = /^[\w.-]+(\/[\w.-]+)*$/

/** URL of a page at the version that runs; undefined where the runner does not say which that is, as for an action of the checkout. */
export function pageUrl(
  env: Readonly<Record<string, string | undefined>>,
  path: string,
  anchor = '',
): string | undefined {
  const {
    GITHUB_SERVER_URL: server = 'https://github.com',
    GITHUB_ACTION_REPOSITORY: repository = '',
    GITHUB_ACTION_REF: ref = '',
  } = env
  if (!SERVER.test(server) || !REPOSITORY.test(repository) || !REF.test(ref)) return undefined
  return `${server}/${repository}/blob/${ref}/${path}${anchor === '' ? '' : `#${anchor}`}`
}

/** What a summary is surrounded by on this runner. */
export const surroundings = (
  env: Readonly<Record<string, string | undefined>>,
  policy?: string,
): Surroundings => ({
  policy,
  pageOf: (path, anchor) => {
    const url = pageUrl(env, path, anchor)
    return url === undefined ? code(path) : `[${path}](${url})`
  },
})

/** Where nothing is known of the runner. */
export const NOWHERE: Surroundings = surroundings({})
