import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = [
  'chromium',
  'chromium-headless-shell',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
]

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The Chromium or Chrome on the PATH of this machine, or that CHROMIUM_PATH names; undefined where there is none. */
export function browserPath(): string | undefined {
  const named = process.env['CHROMIUM_PATH']
  if (named) return named
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(canRun)
}

/** Starts that browser without a window. Throws where there is none. */
export function openBrowser(): Promise<Browser> {
  const executablePath = browserPath()
  if (executablePath === undefined)
    throw new Error('No Chromium: install the package chromium, or set CHROMIUM_PATH')
  // Containers give it neither the namespaces of its sandbox nor a large /dev/shm.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}
