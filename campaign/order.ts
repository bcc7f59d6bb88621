import { waveBreaches } from 's3-direct-sync-testkit/wave-order.ts'
import { isKilled, isLook } from './accounts.ts'
import { type Case, faultsOf } from './case.ts'
import { waveOf } from './expected.ts'
import { isMisled } from './strange-services.ts'
import { TO } from './world.ts'

/** The wave of a planned key by the request; what no request can name is of none. */
const wantedOf = ({ played }: Case, to: string): number =>
  waveOf(played.schedule.request, to.slice(TO.length))

/** Copies that a plan has in another wave than the request says. */
export function misplaced(one: Case): string[] {
  return (one.seen.plan ?? []).flatMap((op) => {
    if (op.op === 'delete' || op.unnameable) return []
    const { to, wave = 0 } = op
    const wanted = wantedOf(one, to)
    return wave === wanted ? [] : [`${JSON.stringify(to)} is of wave ${wave}, not ${wanted}`]
  })
}

/** Waves that began before every copy of those before them was done and proven, as the server saw it. */
export function earlyWaves(one: Case): string[] {
  const { seen, played } = one
  const { request } = played.schedule
  // Where the service lists or names objects its own way, it is not seen what a look was at.
  if (request['waves'] === undefined || isLook(seen) || isMisled(faultsOf(one))) return []
  const believed = request['verify'] === 'outcomes'
  const rows = new Map((seen.results ?? []).map((row) => [row.to, row]))
  const copies = (seen.plan ?? []).flatMap((op) => {
    if (op.op === 'delete') return []
    const row = rows.get(op.to)
    // What became of it a run that was killed may not have written any more.
    const byAnswer = row === undefined || row.proof === 'etag'
    return [{ to: op.to, wave: wantedOf(one, op.to), answerProves: believed || byAnswer }]
  })
  return [...waveBreaches(copies, seen.requests)]
}

/** Copies that are done though one of an earlier wave is not. */
export function overtaken(one: Case): string[] {
  const { seen } = one
  if (isKilled(seen)) return []
  const rows = (seen.results ?? []).filter(({ op }) => op === 'copy')
  const waves = rows
    // That is only seen behind all copies.
    .filter(({ status, code }) => status !== 'done' && code !== 'StoredUnderAnotherName')
    .map(({ to = '' }) => wantedOf(one, to))
  const first = Math.min(...waves)
  return rows
    .filter(({ status, to = '' }) => status === 'done' && wantedOf(one, to) > first)
    .map(({ to }) => `${JSON.stringify(to)} is done, though wave ${first} is not`)
}
