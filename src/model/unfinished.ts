import { randomUUID } from 'node:crypto'

/** A name that nobody can foresee, beside the file that it will be once all of it is written. */
export const unfinishedPath = (path: string): string => `${path}.${randomUUID()}.part`

/** Whether a file of this name was to become the file `name`. */
export const isUnfinished = (file: string, name: string): boolean =>
  file.startsWith(`${name}.`) && /^\.[0-9a-f-]{36}\.part$/.test(file.slice(name.length))
