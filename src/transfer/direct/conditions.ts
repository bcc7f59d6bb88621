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

/**
 * Whether reads and writes are bound to what both sides were listed with. Conditions are sent until the service turns
 * out not to know them; required ones for ever.
 */
export class Conditions {
  readonly #rules: ConditionRules
  /** Codes of refusals that are not about conditions. */
  readonly #others = new Set<string>()

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
    if (!this.#rules.destination.conditionalWrites) return undefined
    return toEtag === undefined ? 'absent' : { etag: toEtag }
  }

  /** Every way to leave out conditions, the one on the destination first; those that are required stay. */
  lessThan(only: WriteCondition | undefined): readonly Less[] {
    const { bindReads } = this
    const free = only !== undefined && !this.required
    return [
      ...(free ? [{ only: undefined, bound: bindReads }] : []),
      ...(bindReads ? [{ only, bound: false }] : []),
      ...(free && bindReads ? [{ only: undefined, bound: false }] : []),
    ]
  }

  /** A write went well with less than the condition that it was refused with: the service does not know what was left out. */
  wentWith({ only, bound }: Less, refused: WriteCondition | undefined): void {
    const { source, destination, onDropped, onUnbound } = this.#rules
    if (only === undefined && refused !== undefined && destination.lacksConditionalWrites())
      onDropped()
    if (!bound && source.lacksConditionalReads()) onUnbound()
  }

  /** Whether a refusal by this code may be one of conditions; not once such a refusal turned out to be another. */
  mayBeMeant(code: string): boolean {
    return !this.#others.has(code)
  }

  /** Refusals by this code are not about conditions. */
  clear(code: string): void {
    this.#others.add(code)
  }
}
