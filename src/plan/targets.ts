import { SyncError } from '../errors/sync-error.ts'
import { piecesOf } from '../model/key-template.ts'
import type { KeyRules } from '../model/request.ts'

const baseName = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

/** Where keys go at the destination, relative on both sides. */
export interface Targets {
  /** undefined: the object is left out. Throws SyncError where the rules refuse it or give no key. */
  of(key: string): string | undefined
  /** Of a key that the filters leave out: nothing is refused, and what it would become is protected. */
  ofFiltered(key: string): string
}

const refusal = (title: string, hint: string): SyncError =>
  new SyncError('guard', `${title}.`, { title, hint: `${hint} Nothing was copied.` })

/** Where keys go by a pattern and a template. A group of the pattern that took no part is empty. */
export function targetsOf({ pattern, template, mismatch }: KeyRules): Targets {
  const expression = new RegExp(pattern ?? '', 'u')
  const pieces = piecesOf(template)

  function made(key: string): string | undefined {
    const match = expression.exec(key)
    if (!match) return undefined
    const parts: Readonly<Record<string, string | undefined>> = {
      key,
      name: baseName(key),
      ...match.groups,
    }
    return pieces
      .map((piece) => (typeof piece === 'string' ? piece : (parts[piece.part] ?? '')))
      .join('')
  }

  return {
    of: (key) => {
      const target = made(key)
      const named = JSON.stringify(key)
      if (target) return target
      if (target === '')
        throw refusal(
          `key-template results in an empty key for ${named}`,
          'Add a part that is never empty, such as {name}.',
        )
      if (mismatch !== 'fail') return mismatch === 'keep' ? key : undefined
      throw refusal(
        `${named} does not match key-pattern`,
        'Correct key-pattern, or set key-mismatch to keep or skip.',
      )
    },
    ofFiltered: (key) => made(key) || key,
  }
}
