import { isMisread, SAVE_AS_UTF8 } from '../model/safe.ts'
import type { Files, Host } from '../ports.ts'
import { whyAstray } from '../storage/checkout.ts'
import { expanded } from './local-paths.ts'
import { localPath } from './parsers.ts'
import { unreadable } from './shown.ts'

/** Of a file of settings: a team's own have some kilobytes. */
const MOST_BYTES = 64 * 1024

function whyUnread(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!('code' in error) || error.code !== 'ENOENT') return error.message
  return 'the file does not exist: check the path, and run actions/checkout before this step'
}

/** The text of a file that the workflow names, or why it cannot be read. */
export async function readWorkspaceFile(
  file: string,
  env: Host['env'],
  files: Pick<Files, 'join' | 'readText' | 'realPath'>,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  const path = localPath.safeParse(file)
  if (!path.success) return { problem: unreadable(file, undefined, path.error.issues) }
  try {
    const whole = files.join(expanded(file, { env, files }) ?? file)
    const astray = await whyAstray(whole, env['GITHUB_WORKSPACE'] ?? '', files)
    if (astray !== undefined) throw new Error(`${astray}: use a regular file`)
    const text = await files.readText(whole, MOST_BYTES)
    if (isMisread(text)) throw new Error(SAVE_AS_UTF8)
    return { text }
  } catch (error) {
    return { problem: `${JSON.stringify(file)} cannot be read: ${whyUnread(error)}` }
  }
}

/** The same files, each of which is read once: what several transfers go by is one text for all of them. */
export function readOnce({
  join,
  realPath,
  readText,
}: Pick<Files, 'join' | 'readText' | 'realPath'>): Pick<Files, 'join' | 'readText' | 'realPath'> {
  const texts = new Map<string, Promise<string>>()
  return {
    join,
    realPath,
    readText: (path, mostBytes) => {
      const text = texts.get(path) ?? readText(path, mostBytes)
      texts.set(path, text)
      return text
    },
  }
}
