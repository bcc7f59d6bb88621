import path from 'node:path'

/** A program and its arguments. */
export type Command = readonly string[]

/** The machine that programs are run on. */
export interface ToolMachine {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Runs a module of Python's own: without -I one of that name in the current folder or in PYTHONPATH would run. */
const MODULE = ['-I', '-m'] as const

/** How Python may be called; the installer for Windows puts the launcher alone on the PATH. */
const pythons = ({ platform }: ToolMachine): readonly Command[] => [
  ...(platform === 'win32' ? [['py', '-3']] : []),
  ['python3'],
  ['python'],
]

const module = (machine: ToolMachine, ...args: readonly string[]): readonly Command[] =>
  pythons(machine).map((python) => [...python, ...MODULE, ...args])

/** How pip may be called. */
export const pips = (machine: ToolMachine): readonly Command[] => [
  ...module(machine, 'pip'),
  ['pip3'],
]

/**
 * What must succeed before Python is run: where a Mac has no Command Line Tools its `python3` opens a window that asks
 * for them, and waits. A Python that a step set up needs none.
 */
export const pythonCheck = ({ platform, env }: ToolMachine): Command | undefined =>
  platform === 'darwin' && !env['pythonLocation'] ? ['/usr/bin/xcode-select', '-p'] : undefined

/** As PowerShell reads a text. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Windows itself has it, and unpacks zip by it, whatever the name of the file ends in. */
function powershell(root: string, archive: string, folder: string): Command {
  const script = `$ErrorActionPreference = 'Stop'; Add-Type -AssemblyName System.IO.Compression.FileSystem; [IO.Compression.ZipFile]::ExtractToDirectory(${literal(archive)}, ${literal(folder)})`
  const program = path.win32.join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
  // No shell between here and there reads this anew.
  const encoded = Buffer.from(script, 'utf16le').toString('base64')
  return [program, '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded]
}

/** What may unpack an archive into a folder, the likeliest first. */
export function unpackers(
  archive: string,
  { kind, folder }: { readonly kind: 'tar.gz' | 'zip'; readonly folder: string },
  machine: ToolMachine,
): readonly Command[] {
  const { platform, env } = machine
  const byPython = module(machine, kind === 'zip' ? 'zipfile' : 'tarfile', '-e', archive, folder)
  if (platform === 'win32') {
    const root = env['SystemRoot'] || 'C:\\Windows'
    // The tar of Windows itself reads zip as well; another tar that comes first in PATH may not.
    const tar = [path.win32.join(root, 'System32', 'tar.exe'), '-xf', archive, '-C', folder]
    const rest = kind === 'zip' ? [powershell(root, archive, folder)] : []
    return [tar, ...rest, ...byPython]
  }
  if (kind === 'tar.gz') return [['tar', '-xzf', archive, '-C', folder], ...byPython]
  const unzip = ['unzip', '-q', '-o', archive, '-d', folder]
  // The tar of a Mac reads zip as well.
  const tar = platform === 'darwin' ? [['/usr/bin/tar', '-xf', archive, '-C', folder]] : []
  return [unzip, ...tar, ...byPython]
}
