import { mkdir, open, readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { NETWORK_ENV, passOn, SYSTEM_ENV } from '../model/child-env.ts'
import type { Limit } from '../model/limit.ts'
import type { Processes, Tools } from '../ports.ts'
import { deadline } from './deadline.ts'
import { download, MOST_TOOL_BYTES } from './download.ts'
import { localFiles } from './files.ts'
import { thisPlatform } from './platform.ts'
import { childProcesses } from './processes.ts'
import { openRegular, piecesOf } from './regular-file.ts'
import { type Command, pips, pythonCheck, type ToolMachine, unpackers } from './tool-commands.ts'

const PIP_DOWNLOAD =
  'download --quiet --no-input --disable-pip-version-check --retries 2 --timeout 10 --no-deps --only-binary=:all:'

/** What pip looks at beside its own settings; LD_LIBRARY_PATH is where setup-python's Python finds its library. */
const PYTHON_ENV = [
  ...['ALL_PROXY', 'all_proxy', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NETRC', 'PROGRAMDATA'],
  ...['LD_LIBRARY_PATH'],
] as const

/** A machine, and how a program is run on it. */
export interface ToolDeps extends ToolMachine {
  readonly run: Processes['run']
}

/** What unpacking and pip may see of the job: the system, the network, and pip's own settings. */
function toolEnv({ env }: ToolMachine): Record<string, string> {
  const settings = Object.keys(env).filter((name) => name.startsWith('PIP_'))
  return passOn(env, [...SYSTEM_ENV, ...NETWORK_ENV, ...PYTHON_ENV, ...settings])
}

/** Runs these commands until one works, which it gives. Throws with what each of them said. */
async function firstOf(
  commands: readonly Command[],
  deps: ToolDeps,
  limit: Limit,
): Promise<Command> {
  const failures: string[] = []
  for (const whole of commands) {
    const [command = '', ...args] = whole
    try {
      const ended = await deps.run({ command, args, env: toolEnv(deps) }, limit)
      if (ended.code === 0) return whole
      failures.push(`${command}: ${ended.stderr.trim().split('\n').at(-1)}`)
    } catch (error) {
      if (limit.signal?.aborted) throw limit.signal.reason
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(failures.join(', '))
}

/** The commands, without those of a Python that must not be run here. */
async function runnable(
  commands: readonly Command[],
  deps: ToolDeps,
  limit: Limit,
): Promise<readonly Command[]> {
  const check = pythonCheck(deps)
  if (check === undefined) return commands
  const mayRun = await firstOf([check], deps, limit).then(
    () => true,
    () => false,
  )
  return mayRun ? commands : commands.filter(([program = '']) => !/^(python|pip)/.test(program))
}

/** Fills a new folder; one that stays empty is removed. */
async function filled(work: (folder: string) => Promise<void>): Promise<string> {
  const folder = await localFiles.temporaryFolder()
  try {
    await work(folder)
    return folder
  } catch (error) {
    await localFiles.remove(folder).catch(() => {})
    throw error
  }
}

const extract =
  (deps: ToolDeps): Tools['extract'] =>
  (archive, kind, limit) =>
    filled(async (folder) => {
      const whole = { ...limit, signal: deadline(limit) }
      const commands = unpackers(archive, { kind, folder }, deps)
      await firstOf(await runnable(commands, deps, whole), deps, whole)
    })

const wheel =
  (deps: ToolDeps): Tools['wheel'] =>
  async (requirement, platformTag, limit) => {
    const whole = { ...limit, signal: deadline(limit) }
    const folder = await filled(async (into) => {
      const args = [...PIP_DOWNLOAD.split(' '), '--platform', platformTag, '-d', into, requirement]
      const commands = await runnable(pips(deps), deps, whole)
      if (commands.length === 0)
        throw new Error('the Command Line Tools, which Python needs here, are not installed')
      const answering = await firstOf(
        commands.map((pip) => [...pip, '--version']),
        deps,
        whole,
      )
      await firstOf([[...answering.slice(0, -1), ...args]], deps, whole)
    })
    const name = (await readdir(folder)).find((file) => file.endsWith('.whl'))
    if (!name) throw new Error(`pip did not download a wheel of ${requirement}`)
    return path.join(folder, name)
  }

/** Copies a regular file of this size at most: no device, and no pipe that nobody writes to. */
async function copyRegular(from: string, to: string): Promise<void> {
  await using handle = await openRegular(from)
  const { size, mode } = await handle.stat()
  if (size > MOST_TOOL_BYTES) throw new Error(`it has ${size} bytes`)
  await using copy = await open(to, 'wx', mode & 0o755)
  for await (const piece of piecesOf(handle, { mostBytes: MOST_TOOL_BYTES }))
    await copy.writeFile(piece)
}

/** As @actions/tool-cache keeps an exact version: to ask it would load the rules by which it compares all others first. */
async function cachedFolder(tool: string, version: string): Promise<string | undefined> {
  const cache = process.env['RUNNER_TOOL_CACHE']
  if (!cache) throw new Error('RUNNER_TOOL_CACHE is not set')
  const folder = path.join(cache, tool, version, os.arch())
  const whole = (await localFiles.exists(folder)) && (await localFiles.exists(`${folder}.complete`))
  return whole ? folder : undefined
}

async function restore(
  tool: string,
  version: string,
  names: readonly string[],
): Promise<string | undefined> {
  const cached = await cachedFolder(tool, version)
  if (cached === undefined) return undefined
  const folder = path.join(await localFiles.temporaryFolder(), tool)
  await mkdir(folder)
  for (const name of names) {
    const from = path.join(cached, name)
    await copyRegular(from, path.join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw new Error(`${from} cannot be used: ${error.message}`)
    })
  }
  return folder
}

const THIS_MACHINE: ToolDeps = {
  platform: thisPlatform,
  env: process.env,
  run: childProcesses.run,
}

/** The tools of a runner. The tool cache is where RUNNER_TOOL_CACHE says. */
export const runnerTools = (deps: ToolDeps = THIS_MACHINE): Tools => ({
  // Copies, because another job may replace the cached folder at any time, and put anything beside them.
  restore,
  save: async (folder, tool, version) => {
    const { cacheDir } = await import('@actions/tool-cache')
    await cacheDir(folder, tool, version)
  },
  download: async (url, limit) => {
    const folder = await filled((into) => download(url, path.join(into, 'download'), limit))
    return path.join(folder, 'download')
  },
  extract: extract(deps),
  wheel: wheel(deps),
})
