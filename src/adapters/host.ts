import { accessSync, constants, statSync } from 'node:fs'
import * as core from '@actions/core'
import { ServiceError, shortened } from '../errors/service-error.ts'
import { answeredFailure, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { cut, MESSAGE_CHARS } from '../model/cut.ts'
import type { Limit } from '../model/limit.ts'
import { LOG_LEVELS, type LogLevel } from '../model/log-level.ts'
import { safe } from '../model/safe.ts'
import type { Host, Log } from '../ports.ts'
import { agentsFor } from './agents.ts'
import { retryAfterMs } from './error-answer.ts'
import { standInForHome } from './home.ts'
import { listen } from './told.ts'
import { ask, getOf, type WireAnswer } from './wire.ts'

/** Shorter secrets are words as well: the runner would black them out in the whole job, and drop outputs that hold them. */
const SHORTEST_MASK = 8

/** What must not be shown, the longest first: one may be a part of another. */
let secrets: readonly string[] = []

const remember = (...found: readonly string[]): void => {
  secrets = [...new Set([...secrets, ...found])].toSorted((one, other) => other.length - one.length)
}

/** The runner masks line by line; setSecret escapes line breaks, so each line is hidden by itself. */
function mask(secret: string): void {
  const lines = secret.split(/\r?\n/).filter((line) => line.trim() !== '')
  // As queries hold them, too; all at once, as they are sorted each time.
  remember(...lines, ...lines.map((line) => encodeURIComponent(line.toWellFormed())))
  for (const line of lines) if (line.length >= SHORTEST_MASK) core.setSecret(line)
}

const without = (text: string, hidden: readonly string[]): string =>
  hidden.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)

const hide = (text: string): string => without(text, secrets)

/** What the runner masks in its log is not masked in files. */
const hideMasked = (text: string): string =>
  without(
    text,
    secrets.filter(({ length }) => length >= SHORTEST_MASK),
  )

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** Text of several lines, each safe for the runner. */
const safeLines = (text: string): string => hideMasked(text).split('\n').map(safe).join('\n')

const isHeard = (level: LogLevel, least: LogLevel): boolean =>
  LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least)

/** One JSON object a line, for those who read logs with programs. */
const jsonLog = (least: LogLevel): Log => ({
  line: (level, text) => {
    if (!isHeard(level, least)) return
    print(JSON.stringify({ time: new Date().toISOString(), level, message: safeLines(text) }))
  },
  group: () => (closing) => jsonLog(least).line('info', closing),
})

/** Who watches a run wants to see what goes on, folded or not. */
const HELD_MS = 2000

/** A log for people: what belongs to one stage is folded below what it came to. */
class TextLog implements Log {
  readonly #least: LogLevel
  /** Lines of a group that has just begun; undefined: lines are printed as they come. */
  #held: string[] | undefined

  constructor(least: LogLevel) {
    this.#least = least
  }

  line(level: LogLevel, text: string): void {
    if (!isHeard(level, this.#least)) return
    const mark = level === 'info' ? '' : `[${level}] `
    for (const line of text.split('\n')) {
      if (this.#held) this.#held.push(`${mark}${line}`)
      else print(safe(hideMasked(`${mark}${line}`)))
    }
  }

  group(): (closing: string) => void {
    this.#held = []
    const timer = setTimeout(() => this.#release(), HELD_MS).unref()
    return (closing) => {
      clearTimeout(timer)
      const folded = this.#held !== undefined && this.#held.length > 0
      if (!folded || !isHeard('info', this.#least)) {
        this.#release()
        this.line('info', closing)
        return
      }
      core.startGroup(safe(hideMasked(closing)))
      this.#release()
      core.endGroup()
    }
  }

  #release(): void {
    const lines = this.#held ?? []
    this.#held = undefined
    for (const line of lines) print(safe(hideMasked(line)))
  }
}

const textLog = (least: LogLevel): Log => new TextLog(least)

/** A runner in a terminal that is closed sends SIGHUP, Windows what is Ctrl+Break elsewhere. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const

/** The words of others, such as s5cmd's: without secrets, and no longer than is of use. */
const shownLine = (text: string): string => cut(safe(hide(text)), MESSAGE_CHARS)

/** A signal that those of the system abort; all stay handled, so that the run can end in order. */
function heedSignals(): Pick<Host, 'cancelled' | 'cancelledForMs'> {
  const controller = new AbortController()
  let atMs: number | undefined
  const cancel = (signal: string) => () => {
    atMs ??= performance.now()
    controller.abort(
      new SyncError('cancelled', `The run was cancelled (${signal}).`, {
        hint: 'Run again: the rest is planned again, and finished operations are kept.',
      }),
    )
  }
  for (const signal of ENDING) process.on(signal, cancel(signal))
  return {
    cancelled: controller.signal,
    cancelledForMs: () => (atMs === undefined ? 0 : performance.now() - atMs),
  }
}

const TOKEN_HINT = 'Add `permissions: { id-token: write, contents: read }` to the job.'

const CONNECT_MS = 10_000

async function askForToken(url: URL, limit: Limit): Promise<WireAnswer> {
  const bearer = process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
  mask(bearer)
  const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' }
  const request = getOf(url, headers, CONNECT_MS)
  try {
    return await ask(request, agentsFor({ maxSockets: 1 }), limit)
  } catch (cause) {
    limit.signal?.throwIfAborted()
    const { code, message } = serviceFailure(cause)
    throw new ServiceError(
      code,
      `The OIDC token endpoint ${url.host} did not respond: ${message}`,
      {
        cause,
      },
    )
  }
}

/** What a JWT is made of, and no longer than any: it is sent on, and hidden wherever it stands. */
const TOKEN = /^[\w.~+/=-]{1,16384}$/

interface TokenAnswer {
  readonly value?: unknown
  readonly message?: unknown
}

function read({ body }: WireAnswer): TokenAnswer {
  try {
    return (JSON.parse(body.toString()) as TokenAnswer | null) ?? {}
  } catch {
    return {}
  }
}

/** What the endpoint says of a refusal, without the bearer that it was sent. */
const reasonIn = ({ message }: TokenAnswer): string =>
  typeof message === 'string' && message !== '' ? `: ${hide(shortened(message))}` : '.'

/** One answer of the runner's token endpoint; a refusal is final, other failures carry their status. */
async function idToken(audience: string, limit: Limit): Promise<string> {
  const url = new URL(process.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '')
  url.searchParams.set('audience', audience)
  const answer = await askForToken(url, limit)
  const { status } = answer
  const said = read(answer)
  // 407 comes from a proxy, not from the runner.
  if (status >= 500 || status === 429 || status === 407)
    throw answeredFailure({
      status,
      code: undefined,
      message: `The OIDC token endpoint returned HTTP status ${status}${reasonIn(said)}`,
      retryAfterMs: retryAfterMs(answer),
    })
  const { value } = said
  if (status === 200 && typeof value === 'string' && TOKEN.test(value)) return value
  throw new SyncError(
    'credentials',
    `The runner did not issue an OIDC token (HTTP ${status})${reasonIn(said)}`,
    {
      hint: TOKEN_HINT,
    },
  )
}

/** Who opens a pipe that nobody reads waits for ever. */
const isPipe = (file: string): boolean => statSync(file).isFIFO()

const canWrite = (file: string): boolean => {
  try {
    accessSync(file, constants.W_OK)
    return !isPipe(file)
  } catch {
    return false
  }
}

const FILES = ['GITHUB_STATE', 'GITHUB_OUTPUT'] as const

/**
 * Files of the runner that belong to another user than a container's, that an earlier step removed or put something
 * else in place of, cannot be written; where none is named, @actions/core prints the commands of older runners, which
 * all runners obey.
 */
function leaveOutLostFiles(): void {
  for (const name of FILES)
    if (process.env[name] && !canWrite(process.env[name])) delete process.env[name]
}

/** By the runner's file, or, where that takes nothing any more, by the command of older runners: a disk may be full. */
function handOn(file: (typeof FILES)[number], tell: () => void): void {
  try {
    tell()
  } catch {
    delete process.env[file]
    tell()
  }
}

/** The runner that started this process. */
export function actionsHost(): Host {
  leaveOutLostFiles()
  standInForHome()
  const signals = heedSignals()
  return {
    input: (name) => core.getInput(name),
    env: process.env,
    ...signals,
    log: (level, lines) => {
      const log = (lines === 'json' ? jsonLog : textLog)(level)
      listen(isHeard('debug', level) ? (at, text) => log.line(at, shownLine(text)) : undefined)
      return log
    },
    mask,
    hide,
    hideMasked,
    annotate: (level, title, text) =>
      (level === 'error' ? core.error : core.warning)(safeLines(text), {
        title: safe(hideMasked(title)),
      }),
    output: (name, value) => handOn('GITHUB_OUTPUT', () => core.setOutput(name, hideMasked(value))),
    summary: async (markdown) => {
      const file = process.env['GITHUB_STEP_SUMMARY']
      if (!file) return
      if (isPipe(file)) throw new Error('GITHUB_STEP_SUMMARY is a pipe, not a file.')
      await core.summary.addRaw(hideMasked(markdown)).write({ overwrite: true })
    },
    saveState: (name, value) => handOn('GITHUB_STATE', () => core.saveState(name, value)),
    state: (name) => core.getState(name),
    idToken: async (audience, timeoutMs) => {
      const token = await idToken(audience, { timeoutMs, signal: signals.cancelled })
      mask(token)
      return token
    },
  }
}
