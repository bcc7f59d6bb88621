import type { Report } from '../model/report.ts'
import { humanObjects } from '../model/units.ts'
import { comparedIn } from './headline.ts'
import { alert, code } from './markdown.ts'

/** Inputs that say how objects are written: they change none that is there already. */
const ON_WRITE = [
  'storage-class',
  'sse',
  'sse-kms-key-id',
  'acl',
  'metadata-directive',
  'cache-control',
  'content-type',
] as const

/** What a run leaves as it was, though its inputs ask for something else in what it writes. */
export interface Lasting {
  readonly inputs: readonly string[]
  readonly objects: number
}

/** undefined where there is nothing of the kind. */
export function lastingOf({ settings, totals, reasons, result }: Report): Lasting | undefined {
  if (!['success', 'nothing-to-do', 'planned'].includes(result)) return undefined
  const given = settings.filter(({ origin, value }) => origin !== 'default' && value !== '')
  const inputs = ON_WRITE.filter((name) => given.some((one) => one.name === name))
  const objects = comparedIn({ totals, reasons })
  return inputs.length > 0 && objects > 0 ? { inputs, objects } : undefined
}

/** Says so, and how they are applied. */
export function lasting(report: Report): string {
  const found = lastingOf(report)
  if (!found) return ''
  const names = found.inputs.map((name) => code(name)).join(', ')
  const keep = found.objects === 1 ? 'keeps its value' : 'keep their values'
  return alert('NOTE', [
    `${names}: applied to copied objects only. ${humanObjects(found.objects)} that did not change ${keep}. To apply it to all objects, run once with \`compare: always\`, which copies them again.`,
  ])
}
