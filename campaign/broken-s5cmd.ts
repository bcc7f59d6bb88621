import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before } from 's3-direct-sync-testkit/faults.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import type { FaultSpec } from './catalogue.ts'
import type { Stand } from './stand.ts'

/** Ways in which an s5cmd process can break. */
type Way =
  | 'killed'
  | 'leaves out lines'
  | 'prints garbage'
  | 'prints without end'
  | 'does nothing'
  | 'prints success'
  | 'panics'
  | 'may open few files'
  | 'hangs'

const GARBAGE = [
  '::set-output name=result::success',
  'x##[set-output name=copied]9',
  '{"operation":"cp","success":true}',
  '\\377\\376{',
].map((line) => `printf '%b\\n' '${line}'`)

const LIAR = join(import.meta.dirname, 'lying-s5cmd.ts')

/** What the shell does instead of s5cmd; `$REAL` is the real one. */
const SCRIPTS: Readonly<Record<Way, (lines: number) => string>> = {
  killed: (lines) => `sed -u ${lines}q | "$REAL" "$@"; kill -9 $$`,
  'leaves out lines': (lines) => `"$REAL" "$@" | sed -u '0~${1 + (lines % 5)}d'`,
  'prints garbage': () => `${GARBAGE.join('; ')}; exec "$REAL" "$@"`,
  'prints without end': (lines) =>
    `head -c ${lines}000000 /dev/zero | tr '\\0' x; exec "$REAL" "$@"`,
  'does nothing': () => 'read -r line; exit 0',
  'prints success': () => `exec '${process.execPath}' '${LIAR}'`,
  panics: (lines) =>
    `sed -u ${lines}q | "$REAL" "$@"; printf 'panic: runtime error\\ngoroutine 1 [running]:\\n' >&2; exit 2`,
  'may open few files': (lines) => `ulimit -n ${9 + (lines % 8)}; exec "$REAL" "$@"`,
  hangs: (lines) => `sed -u ${lines}q | "$REAL" "$@"; exec sleep 60`,
}

/** What is heard of some objects is lost, perhaps of all that may be on their way at a time. */
const SILENT: ReadonlySet<Way> = new Set(['hangs', 'leaves out lines', 'prints without end'])

/** Now and then somebody cancels the run while what s5cmd claims is looked at. */
const cancelAtLook = ({ amount }: FaultSpec, { kit, signal }: Stand): void => {
  if (amount % 3 > 0) return
  kit.faults.add({
    match: ({ operation, bucket }) => operation === 'HeadObject' && bucket === 'dst',
    times: 1,
    fault: before(() => signal('SIGINT')),
  })
}

/** Puts an s5cmd in the place of the real one that breaks in its first process, or in every one. */
export const breakS5cmd =
  (way: Way) =>
  (spec: FaultSpec, stand: Stand): (() => number) => {
    const { times, amount } = spec
    const { scratch, inputs, cancelLater } = stand
    const [path, flag] = [join(scratch, 's5cmd'), join(scratch, 'struck')]
    const healed = times === 1 ? `[ -e '${flag}' ] && exec "$REAL" "$@"\n` : ''
    writeFileSync(
      path,
      `#!/bin/sh\nREAL='${parts().s5cmd}'\n[ "$1" = --json ] || exec "$REAL" "$@"\n${healed}touch '${flag}'\n${SCRIPTS[way](1 + amount)}\n`,
      { mode: 0o755 },
    )
    inputs['s5cmd-path'] = path
    // A process that is silent, perhaps since its window is full, is given a minute: somebody is less patient.
    if (SILENT.has(way)) cancelLater()
    if (way === 'prints success') cancelAtLook(spec, stand)
    return () => (existsSync(flag) ? 1 : 0)
  }
