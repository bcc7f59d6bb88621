import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'

/** What the runner reads of an action's metadata file. */
export interface ActionManifest {
  /** Defaults by the name of the input; undefined for an input without one. */
  readonly inputs: Readonly<Record<string, string | undefined>>
  /** Absolute path of the script of the step. */
  readonly main: string
  /** Absolute path of the script that runs at the end of the job. */
  readonly post: string | undefined
}

interface Metadata {
  readonly inputs?: Readonly<Record<string, { readonly default?: unknown } | null>>
  readonly runs: { readonly main: string; readonly post?: string }
}

const read = new Map<string, Metadata>()

/** Read once by each process: the YAML of an action with many inputs takes 20 ms, and there are a thousand steps. */
function metadataOf(text: string): Metadata {
  const known = read.get(text)
  if (known) return known
  const metadata: Metadata = parse(text)
  read.set(text, metadata)
  return metadata
}

/** Reads an action.yml; its scripts lie relative to it. */
export async function readManifest(file: string): Promise<ActionManifest> {
  const { inputs = {}, runs } = metadataOf(await readFile(file, 'utf8'))
  const script = (name: string): string => path.resolve(path.dirname(file), name)
  const defaults = Object.entries(inputs).map(([name, input]) => {
    const value = input?.default
    return [name, value === undefined || value === null ? undefined : String(value)] as const
  })
  return {
    inputs: Object.fromEntries(defaults),
    main: script(runs.main),
    post: runs.post === undefined ? undefined : script(runs.post),
  }
}

/** Inputs as a step and the defaults make them, and what the runner warns about. */
export interface MergedInputs {
  /** By the name of the variable: INPUT_ and the name in upper case, spaces as underscores, dashes as they are. */
  readonly env: Readonly<Record<string, string>>
  /** Names that the action does not have. */
  readonly unexpected: readonly string[]
}

/** Merges a step's inputs over the defaults; like the runner, it asks for no required input. */
export function mergeInputs(
  given: Readonly<Record<string, string>>,
  { inputs: defaults }: ActionManifest,
): MergedInputs {
  const variable = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
  const env: Record<string, string> = {}
  for (const [name, value = ''] of Object.entries(defaults)) env[variable(name)] = value
  const known = new Set(Object.keys(env))
  for (const [name, value] of Object.entries(given)) env[variable(name)] = value
  return { env, unexpected: Object.keys(given).filter((name) => !known.has(variable(name))) }
}
