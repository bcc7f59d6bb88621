import { type GlobMatch, globMatch, type KeyFilter } from '../model/globs.ts'
import { otherReadings, type Places } from './other-readings.ts'

/** An exclude that, read in another common way, would protect what the plan deletes. */
export interface Misread {
  /** As it was given. */
  readonly exclude: string
  /** In the spelling that was probably meant. */
  readonly meant: string
  readonly because: string
  /** What would be deleted, relative to the destination. */
  readonly key: string
  /** Whether the exclude matches nothing as it stands. */
  readonly idle: boolean
  /** Whether the exclude stands for more globs than `meant`. */
  readonly ofSeveral: boolean
}

interface Candidate {
  readonly glob: string
  readonly because: string
  readonly ofSeveral: boolean
  readonly takes: GlobMatch
}

type Hit = Omit<Misread, 'exclude' | 'idle'>

/** One exclude, what else it may mean, and the first delete that it might have been meant to prevent. */
interface Suspect {
  readonly exclude: string
  readonly always: readonly Candidate[]
  /** Compared with folded keys. */
  readonly whereIdle: readonly Candidate[]
  hit: Hit | undefined
  hitWhereIdle: Hit | undefined
}

/** One form for all spellings of a name that differ in case or in Unicode's normal form. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase()

const SPELLING = 'globs are case-sensitive, and Unicode forms of a letter are not the same'

/** A glob as it would have to be spelled to take a key that it takes but for the spelling. */
function respelled(glob: string, key: string): string {
  const [head = ''] = /^[^*?]*/.exec(glob) ?? []
  const forms = ['NFC', 'NFD'].map((form) => glob.normalize(form))
  const asInKey = [...forms, key.slice(0, head.length) + glob.slice(head.length)]
  // A key that begins with a slash needs one more, as the first only anchors.
  const itself = key.startsWith('/') ? `/${key}` : key
  return asInKey.find((form) => globMatch(form)(key)) ?? itself
}

function suspect(exclude: string, places: Places): Suspect {
  const readings = otherReadings(exclude, places)
  return {
    exclude,
    always: readings
      .filter(({ onlyIdle }) => !onlyIdle)
      .map((reading) => ({ ...reading, takes: globMatch(reading.glob) })),
    whereIdle: [{ glob: exclude, because: '', ofSeveral: false }, ...readings].map((reading) => ({
      ...reading,
      takes: globMatch(fold(reading.glob)),
    })),
    hit: undefined,
    hitWhereIdle: undefined,
  }
}

function hitOf({ glob, because, ofSeveral }: Candidate, key: string): Hit {
  if (globMatch(glob)(key)) return { key, meant: glob, because, ofSeveral }
  const reasons = because === '' ? SPELLING : `${because}; ${SPELLING}`
  return { key, meant: respelled(glob, key), because: reasons, ofSeveral }
}

/** Looks at every delete of a plan for an exclude that may have been meant to prevent it. */
export class MisreadExcludes {
  readonly #suspects: readonly Suspect[]
  readonly #filter: KeyFilter

  constructor(exclude: readonly string[], places: Places, filter: KeyFilter) {
    this.#suspects = exclude.map((glob) => suspect(glob, places))
    this.#filter = filter
  }

  /** Takes the key of a planned delete, relative to the destination. */
  see(key: string): void {
    let folded: string | undefined
    for (const [at, one] of this.#suspects.entries()) {
      if (one.hit) continue
      const sure = one.always.find(({ takes }) => takes(key))
      if (sure) one.hit = hitOf(sure, key)
      else if (!one.hitWhereIdle && this.#filter.isIdle(at)) {
        folded ??= fold(key)
        const name = folded
        const likely = one.whereIdle.find(({ takes }) => takes(name))
        if (likely) one.hitWhereIdle = hitOf(likely, key)
      }
    }
  }

  /** The first exclude that is probably misread, when all keys of both sides were seen. */
  first(): Misread | undefined {
    for (const [at, { exclude, hit, hitWhereIdle }] of this.#suspects.entries()) {
      const idle = this.#filter.isIdle(at)
      const found = hit ?? (idle ? hitWhereIdle : undefined)
      if (found) return { exclude, ...found, idle }
    }
    return undefined
  }
}
