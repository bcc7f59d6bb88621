import type { LogLevel } from '../model/log-level.ts'

/** Takes what is told of the outside for those who debug. */
export type Listener = (level: LogLevel, text: string) => void

/** Of this process, as there is one log; undefined: nobody debugs, and nothing is put into words. */
let listener: Listener | undefined

/** Lets somebody hear of requests and processes, or nobody. */
export const listen = (to: Listener | undefined): void => {
  listener = to
}

/** A request that was sent. */
interface Sent {
  readonly method: string
  readonly host: string
  /** Path and query. */
  readonly target: string
  readonly startedMs: number
}

/** Their values tell what is asked; those of others may be anything, also a signature. */
const SHOWN = new Set(['list-type', 'max-keys', 'partNumber', 'prefix', 'start-after'])

function shownTarget(target: string): string {
  const [path = '', query] = target.split('?', 2)
  if (query === undefined) return path
  const shown = query.split('&').map((pair) => {
    const [name = ''] = pair.split('=', 1)
    return SHOWN.has(name) ? pair : name
  })
  return `${path}?${shown.join('&')}`
}

/** Whether a request is about one object, of which there may be a million: its path has more than a bucket. */
const isOfOneObject = ({ method, target }: Sent): boolean =>
  method !== 'POST' && /^\/[^/?]+\/[^?]/.test(target)

/** Tells of a request that ended: by its status (HTTP), or by what the network did. */
export function tellRequest(sent: Sent, ended: number | string): void {
  if (listener === undefined) return
  const ms = Math.round(performance.now() - sent.startedMs)
  const failed = typeof ended === 'string' || ended >= 400
  listener(
    !failed && isOfOneObject(sent) ? 'trace' : 'debug',
    `${sent.method} ${sent.host}${shownTarget(sent.target)}: ${ended}, ${ms} ms`,
  )
}

const DONE = /"success":true/

/** Tells what a child process printed: what succeeded to those alone who want to see each object. */
export function tellLine(program: string, line: string): void {
  listener?.(DONE.test(line) ? 'trace' : 'debug', `${program}: ${line}`)
}
