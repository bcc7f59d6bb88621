import { cut, KEY_CHARS } from '../model/cut.ts'
import { writesOf } from '../model/request.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import type { Run } from './pipeline.ts'
import type { Ready } from './ready.ts'

/** Says what lies in a folder of this runner that is the destination and stays as it is, and removes what runs left there that were killed. */
export function tidyTarget({ log }: Run, { request, facts }: Ready): void {
  const { landing } = facts.destination.store
  if (!landing) return
  const { count, first } = landing.others
  if (count > 0 && request.selection.delete) {
    const named = first.map((name) => cut(JSON.stringify(name), KEY_CHARS)).join(', ')
    const more = count > first.length ? ', and more' : ''
    log.line(
      'warn',
      `The destination contains symbolic links or devices (${humanCount(count)}). They are not followed, replaced or deleted: ${named}${more}.`,
    )
  }
  // What a shard finds there may be another one's, which is at work beside it: the last job removes it.
  if (!writesOf(request) || request.shard) return
  const removed = landing.tidy()
  if (removed > 0)
    log.line('info', `Removed ${humanObjects(removed, 'unfinished file')} of an earlier run.`)
}
