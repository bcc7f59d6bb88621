/** Whether a service counts an object's tags in its answers, as S3 does for those who may read them. */
export type TagCounts = 'unknown' | 'counted' | 'uncounted' | 'unreadable'

/**
 * What a service turned out to do, and not to do, for one identity. All is supposed to be as on S3 until an answer
 * tells otherwise; who finds that out notes it here, and everybody else heeds it. That a service knows no DeleteObjects
 * is not kept: it has the same refusal for a request that was damaged on its way.
 */
export class Capabilities {
  #conditionalWrites = true
  #conditionalDeletes: boolean | undefined
  #heads = true
  #tags: TagCounts = 'unknown'
  #md5Etags = true

  /** Whether a write may be bound to what stands at the destination. */
  get conditionalWrites(): boolean {
    return this.#conditionalWrites
  }

  /** A write went well once it was bound to nothing. Gives whether that is news. */
  lacksConditionalWrites(): boolean {
    const news = this.#conditionalWrites
    this.#conditionalWrites = false
    return news
  }

  /** Whether a delete that is bound to an ETag spares another object; undefined: nobody has seen. */
  get conditionalDeletes(): boolean | undefined {
    return this.#conditionalDeletes
  }

  set conditionalDeletes(heeded: boolean) {
    this.#conditionalDeletes = heeded
  }

  /** Whether objects may be looked at by HEAD; else listings tell of them. */
  get heads(): boolean {
    return this.#heads
  }

  /** A HEAD was refused to this identity. */
  refusesHeads(): void {
    this.#heads = false
  }

  /** Whether an answer that counts no tags means that there are none. */
  get tags(): TagCounts {
    return this.#tags
  }

  /** The tags of an object were read; `counted`: its answer counted them, or there are none. The first object tells. */
  sawTags(counted: boolean): void {
    if (this.#tags === 'unknown') this.#tags = counted ? 'counted' : 'uncounted'
  }

  /** Nobody may read tags. */
  refusesTags(): void {
    this.#tags = 'unreadable'
  }

  /** Whether ETags of whole objects are the MD5 of their bytes. */
  get md5Etags(): boolean {
    return this.#md5Etags
  }

  /** The service makes its ETags in another way. */
  hasOtherEtags(): void {
    this.#md5Etags = false
  }
}
