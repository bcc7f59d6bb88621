import type { Files, Host } from '../ports.ts'

/** The event of a run has some kilobytes; that of a push of thousands of commits more. */
const MOST_EVENT_BYTES = 16 * 2 ** 20

interface PullRequestEvent {
  readonly pull_request?: {
    readonly head?: { readonly repo?: { readonly full_name?: unknown } | null }
    readonly base?: { readonly repo?: { readonly full_name?: unknown } }
  }
}

/** Whether the run is of a pull request from another repository; undefined where the runner does not tell. */
async function isFromFork(
  env: Host['env'],
  files: Pick<Files, 'readText'>,
): Promise<boolean | undefined> {
  try {
    const text = await files.readText(env['GITHUB_EVENT_PATH'] ?? '', MOST_EVENT_BYTES)
    const { pull_request: found } = JSON.parse(text) as PullRequestEvent
    const base = found?.base?.repo?.full_name
    // A fork that was deleted has no repository any more.
    return typeof base === 'string' ? found?.head?.repo?.full_name !== base : undefined
  } catch {
    return undefined
  }
}

/** How the answer begins where the run is of a fork for certain: nothing in the workflow gives it a token then. */
export const OF_FORK = 'This run is for a pull request from a fork'

const FORK =
  'has no access to secrets (they are empty) or an OIDC token. Run it on another event, such as push or workflow_dispatch.'

/**
 * Why secrets are empty, or no id token comes, in a run of this event: it is a pull request from a fork, or Dependabot
 * began it. undefined where the event is not to blame.
 */
export async function withheld(
  env: Host['env'],
  files: Pick<Files, 'readText'>,
): Promise<string | undefined> {
  if (env['GITHUB_ACTOR'] === 'dependabot[bot]')
    return 'This run was started by Dependabot: it can only read Dependabot secrets (Settings, Secrets and variables, Dependabot); all others are empty.'
  // With pull_request_target a run has the rights of the base.
  if (env['GITHUB_EVENT_NAME'] !== 'pull_request') return undefined
  const fork = await isFromFork(env, files)
  if (fork === false) return undefined
  return `${fork ? `${OF_FORK}: it` : 'A pull request from a fork'} ${FORK}`
}
