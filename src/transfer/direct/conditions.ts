import type { CopyOp } from '../../model/op.ts'
import type { Capabilities } from '../../storage/capabilities.ts'
import type { WriteCondition } from '../../storage/store.ts'

/** What conditions go by. */
export interface ConditionRules {
  /** Nothing is written without a condition: that nothing stands there. */
  readonly required: boolean
  /** What is known of the services. */
  readonly source: Capabilities
  readonly destination: Capabilities
  /** Told when writes are not bound to the destination any more. */
  readonly onDropped: () => void
  /** Told when reads and copies are not bound to the source any more. */
  readonly onUnbound: () => void
}

/** What an op is tried with where the usual conditions were refused. */
export interface Less {
  readonly only: WriteCondition | undefined
  /** Whether reads and copies are bound to the source. */
  readonly bound: boolean
}

/** Objects that a code may be tried without conditions for in vain, before it is known to mean something else. */
const MOST_VAIN = 100

/** Codes that say what they mean where conditions are known. */
const MEANT: ReadonlySet<string> = new Set(['PreconditionFailed', 'AccessDenied'])

/** A condition of a kind that a service may know, whether or not it knows the others. */
type Kind = 'absent' | 'etag' | 'source'

const kindOf = (only: WriteCondition): Kind => (only === 'absent' ? only : 'etag')

/**
 * Whether reads and writes are bound to what both sides were listed with. Conditions are sent until the service turns
 * out not to know them; required ones for ever.
 */
export class Conditions {
  readonly #rules: ConditionRules
  /** Objects by the code of a refusal that no condition was to blame for. */
  readonly #vain = new Map<string, number>()
  /** What writes went well with: of these a refusal means what it says. */
  readonly #known = new Set<Kind>()

  constructor(rules: ConditionRules) {
    this.#rules = rules
  }

  /** Nothing is written without them. */
  get required(): boolean {
    return this.#rules.required
  }

  /** Whether reads and copies are bound to the source. */
  get bindReads(): boolean {
    return this.#rules.source.conditionalReads
  }

  /** The condition of an op's write; undefined: none is sent, and the destination is looked at right before. */
  of({ toEtag }: CopyOp): WriteCondition | undefined {
    if (this.required) return 'absent'
    if (!this.#rules.destination.conditionalWrites || toEtag === '') return undefined
    return toEtag === undefined ? 'absent' : { etag: toEtag }
  }

  /**
   * Every way to leave out conditions where a write was refused by this code, the one on the destination first; those
   * that are required stay. A service that took one of the kind is believed where it says that it does not hold, or that
   * something is denied.
   */
  lessThan({ only, bound }: Less, code: string): readonly Less[] {
    const { bindReads } = this
    const isKnown = (kind: Kind): boolean => MEANT.has(code) && this.#known.has(kind)
    const { conditionalWrites } = this.#rules.destination
    const free =
      only !== undefined && !this.required && !(conditionalWrites && isKnown(kindOf(only)))
    // Another object may have shown meanwhile that the service does not know it.
    const loose = bound && !(bindReads && isKnown('source'))
    const still = bound && bindReads
    return [
      ...(free ? [{ only: undefined, bound: still }] : []),
      ...(loose ? [{ only, bound: false }] : []),
      ...(free && loose && still ? [{ only: undefined, bound: false }] : []),
    ]
  }

  /** A write went well with these conditions. */
  went({ only, bound }: Less): void {
    if (only !== undefined) this.#known.add(kindOf(only))
    if (bound) this.#known.add('source')
  }

  /** A write went well with less than the condition that it was refused with: the service does not know what was left out. */
  wentWith({ only, bound }: Less, refused: WriteCondition | undefined): void {
    const { source, destination, onDropped, onUnbound } = this.#rules
    if (only === undefined && refused !== undefined && destination.lacksConditionalWrites())
      onDropped()
    if (!bound && source.lacksConditionalReads()) onUnbound()
  }

  /** Whether a refusal by this code may be one of conditions; not once such refusals turned out to be others. */
  mayBeMeant(code: string): boolean {
    return (this.#vain.get(code) ?? 0) < MOST_VAIN
  }

  /** An object was refused by this code whatever was left out. */
  inVain(code: string): void {
    this.#vain.set(code, (this.#vain.get(code) ?? 0) + 1)
  }
}
