/** A workflow command as the runner understood it. Names of commands and properties are in lower case. */
export interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** Pairs of an escape and what it stands for, in the order the runner undoes them. */
type Escapes = readonly (readonly [code: string, char: string])[]

const LINE_BREAKS: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
]
const DATA: Escapes = [...LINE_BREAKS, ['%25', '%']]
const PROPERTY: Escapes = [...LINE_BREAKS, ['%3A', ':'], ['%2C', ','], ['%25', '%']]
const BRACKETED: Escapes = [['%3B', ';'], ...LINE_BREAKS, ['%5D', ']'], ['%25', '%']]

const KNOWN: ReadonlySet<string> = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
])

const unescaped = (text: string, escapes: Escapes): string =>
  escapes.reduce((rest, [code, char]) => rest.replaceAll(code, char), text)

interface Syntax {
  readonly separator: ',' | ';'
  readonly property: Escapes
  readonly data: Escapes
}

const COLONS: Syntax = { separator: ',', property: PROPERTY, data: DATA }
const BRACKETS: Syntax = { separator: ';', property: BRACKETED, data: BRACKETED }

function properties(text: string, syntax: Syntax): Record<string, string> {
  const found: Record<string, string> = {}
  for (const pair of text.split(syntax.separator)) {
    // The runner drops empty pieces, so surplus equals signs around the name count for nothing.
    const [, name, value] = /^=*([^=]+)=+(.+)$/s.exec(pair) ?? []
    if (name && value) found[name.toLowerCase()] = unescaped(value, syntax.property)
  }
  return found
}

function command(head: string, data: string, syntax: Syntax): Command {
  const space = head.indexOf(' ')
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase()
  const rest = space > 0 ? head.slice(space + 1) : ''
  return { name, properties: properties(rest, syntax), data: unescaped(data, syntax.data) }
}

/** `::name key=value,…::data` at the start of a line. */
function colonCommand(line: string): Command | undefined {
  const text = line.trimStart()
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1
  return end < 0 ? undefined : command(text.slice(2, end).trimEnd(), text.slice(end + 2), COLONS)
}

/** `##[name key=value;…]data` anywhere in a line. */
function bracketCommand(line: string): Command | undefined {
  const start = line.indexOf('##[')
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return undefined
  return command(line.slice(start + 3, end), line.slice(end + 1), BRACKETS)
}

function parse(line: string, isKnown: (name: string) => boolean): Command | undefined {
  return [colonCommand, bracketCommand]
    .map((read) => read(line))
    .find((found) => found !== undefined && isKnown(found.name))
}

/** The command that the runner finds in one line of stdout or stderr. */
export const parseCommand = (line: string): Command | undefined =>
  parse(line, (name) => KNOWN.has(name))

/** What the runner made of the lines so far. */
export interface LogReading {
  /** Commands that were obeyed or refused, in order. */
  readonly commands: readonly Command[]
  /** Text that is hidden from the log, summary and annotations. */
  readonly masks: readonly string[]
  /** Lines in which no command was found. */
  readonly plainLines: readonly string[]
  /** Commands that fail the step. */
  readonly problems: readonly string[]
}

/** Reads a step's lines one by one. */
export interface LogReader extends LogReading {
  /** Takes one line and gives what the log shows for it, masked; undefined when it shows nothing. */
  read(line: string): string | undefined
  masked(text: string): string
}

function problemOf({ name, properties, data }: Command): string | undefined {
  if (name === 'set-env' || name === 'add-path') return `The command ${name} is disabled`
  if ((name === 'set-output' || name === 'save-state') && !properties['name']) {
    return `The command ${name} has no name`
  }
  if (name !== 'stop-commands') return undefined
  const token = data.toLowerCase()
  const guessable = token === '' || token === 'pause-logging' || KNOWN.has(token)
  return guessable ? `The command stop-commands has the guessable token '${data}'` : undefined
}

function shownText({ name, data }: Command, line: string): string | undefined {
  if (name === 'stop-commands') return line
  if (name === 'endgroup') return '##[endgroup]'
  const visible = ['error', 'warning', 'notice', 'group'].includes(name)
  return visible ? `##[${name}]${data}` : undefined
}

function masksOf({ name, data }: Command): readonly string[] {
  if (name === 'stop-commands') return data.length > 6 ? [data] : []
  if (name !== 'add-mask' || data.trim() === '') return []
  // Logs are masked line by line, so each line of a secret is one as well.
  const lines = data.split(/[\r\n]/).map((line) => line.trim())
  return [data, ...lines.filter((line) => line !== '' && line !== data)]
}

/** A reader with the runner's memory: masks, and whether commands are stopped. */
export function logReader(): LogReader {
  const commands: Command[] = []
  const masks: string[] = []
  const plainLines: string[] = []
  const problems: string[] = []
  let stopToken: string | undefined

  const masked = (text: string): string =>
    masks
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, mask) => rest.replaceAll(mask, '***'), text)

  const obey = (found: Command, line: string): string | undefined => {
    commands.push(found)
    const problem = problemOf(found)
    if (problem) {
      problems.push(problem)
      return `##[error]${problem}`
    }
    masks.push(...masksOf(found))
    if (found.name === 'stop-commands') stopToken = found.data.toLowerCase()
    return shownText(found, line)
  }

  const read = (line: string): string | undefined => {
    const found = parse(line, (name) => KNOWN.has(name) || name === stopToken)
    if (found && found.name === stopToken) {
      stopToken = undefined
      return masked(line)
    }
    if (!found || stopToken !== undefined) {
      plainLines.push(line)
      return masked(line)
    }
    const shown = obey(found, line)
    return shown === undefined ? undefined : masked(shown)
  }
  return { commands, masks, plainLines, problems, masked, read }
}

/** What the runner makes of the lines of a step, stdout and stderr in the order they came. */
export function readLog(lines: Iterable<string>): LogReading {
  const reader = logReader()
  for (const line of lines) reader.read(line)
  return reader
}
