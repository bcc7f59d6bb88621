import { createWriteStream } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as toolCache from '@actions/tool-cache'
import { NETWORK_ENV, passOn, SYSTEM_ENV } from '../model/child-env.ts'
import type { Limit } from '../model/limit.ts'
import type { Tools } from '../ports.ts'
import { deadline } from './deadline.ts'
import { download, MOST_TOOL_BYTES } from './download.ts'
import { localFiles } from './files.ts'
import { childProcesses } from './processes.ts'
import { openRegular } from './regular-file.ts'

const windows = process.platform === 'win32'
const PYTHONS = ['python3', 'python'] as const
/** Runs a module of Python's own: without -I one of that name in the current folder or in PYTHONPATH would run. */
const MODULE = ['-I', '-m'] as const
const PIPS = [...PYTHONS.map((python) => [python, ...MODULE, 'pip']), ['pip3']]
const PIP_DOWNLOAD =
  'download --quiet --no-input --disable-pip-version-check --retries 2 --timeout 10 --no-deps --only-binary=:all:'

type Command = readonly string[]

/** What pip looks at beside its own settings; LD_LIBRARY_PATH is where setup-python's Python finds its library. */
const PYTHON_ENV = [
  ...['ALL_PROXY', 'all_proxy', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NETRC', 'PROGRAMDATA'],
  ...['LD_LIBRARY_PATH'],
] as const

/** What unpacking and pip may see of the job: the system, the network, and pip's own settings. */
function toolEnv(): Record<string, string> {
  const settings = Object.keys(process.env).filter((name) => name.startsWith('PIP_'))
  return passOn(process.env, [...SYSTEM_ENV, ...NETWORK_ENV, ...PYTHON_ENV, ...settings])
}

/** Runs these commands until one works, which it gives. Throws with what each of them said. */
async function firstOf(commands: readonly Command[], limit: Limit): Promise<Command> {
  const failures: string[] = []
  for (const whole of commands) {
    const [command = '', ...args] = whole
    try {
      const ended = await childProcesses.run({ command, args, env: toolEnv() }, limit)
      if (ended.code === 0) return whole
      failures.push(`${command}: ${ended.stderr.trim().split('\n').at(-1)}`)
    } catch (error) {
      if (limit.signal?.aborted) throw limit.signal.reason
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(failures.join(', '))
}

function unpackers(archive: string, kind: 'tar.gz' | 'zip', folder: string): readonly Command[] {
  // The tar of Windows itself reads zip as well; another tar that comes first in PATH may not.
  if (windows) {
    const tar = path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tar.exe')
    return [[tar, '-xf', archive, '-C', folder]]
  }
  if (kind === 'tar.gz') return [['tar', '-xzf', archive, '-C', folder]]
  const byPython = PYTHONS.map((python) => [python, ...MODULE, 'zipfile', '-e', archive, folder])
  return [['unzip', '-q', '-o', archive, '-d', folder], ...byPython]
}

async function extract(archive: string, kind: 'tar.gz' | 'zip', limit: Limit): Promise<string> {
  const folder = await localFiles.temporaryFolder()
  await firstOf(unpackers(archive, kind, folder), { ...limit, signal: deadline(limit) })
  return folder
}

async function wheel(requirement: string, platformTag: string, limit: Limit): Promise<string> {
  const folder = await localFiles.temporaryFolder()
  const whole = { ...limit, signal: deadline(limit) }
  const args = [...PIP_DOWNLOAD.split(' '), '--platform', platformTag, '-d', folder, requirement]
  const answering = await firstOf(
    PIPS.map((pip) => [...pip, '--version']),
    whole,
  )
  await firstOf([[...answering.slice(0, -1), ...args]], whole)
  const name = (await readdir(folder)).find((file) => file.endsWith('.whl'))
  if (!name) throw new Error(`pip brought no wheel of ${requirement}`)
  return path.join(folder, name)
}

/** Copies a regular file of this size at most: no device, and no pipe that nobody writes to. */
async function copyRegular(from: string, to: string): Promise<void> {
  const handle = await openRegular(from)
  const { size, mode } = await handle.stat()
  if (size > MOST_TOOL_BYTES) {
    await handle.close()
    throw new Error(`it has ${size} bytes`)
  }
  const bytes = handle.createReadStream({ end: MOST_TOOL_BYTES })
  await pipeline(bytes, createWriteStream(to, { flags: 'wx', mode: mode & 0o755 }))
}

async function restore(
  tool: string,
  version: string,
  names: readonly string[],
): Promise<string | undefined> {
  const cached = toolCache.find(tool, version)
  if (cached === '') return undefined
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

/** The tools of this runner. The tool cache is where RUNNER_TOOL_CACHE says. */
export const runnerTools = (): Tools => ({
  // Copies, because another job may replace the cached folder at any time, and put anything beside them.
  restore,
  save: async (folder, tool, version) => {
    await toolCache.cacheDir(folder, tool, version)
  },
  download: async (url, limit) => {
    const file = path.join(await localFiles.temporaryFolder(), 'download')
    await download(url, file, limit)
    return file
  },
  extract,
  wheel,
})
