import { existsSync } from 'node:fs'

/** Where Debian and Ubuntu install Chromium, and what a machine names itself. */
const PROGRAMS = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** A Chromium of this machine; undefined where there is none. `apt-get install chromium` brings one. */
export const browserProgram = (): string | undefined =>
  PROGRAMS.find((program) => program !== undefined && existsSync(program))
