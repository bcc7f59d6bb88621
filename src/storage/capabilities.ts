/** Whether a service counts an object's tags in its answers, as S3 does for those who may read them. */
export type TagCounts = 'unknown' | 'counted' | 'uncounted' | 'unreadable'

/** A way in which an object gets to the destination: copied by the service, whole or in parts, or through this process. */
export type Way = 'whole' | 'parts' | 'streamed'

/**
 * What a service turned out to do, and not to do, for one identity. All is supposed to be as on S3 until an answer
 * tells otherwise; who finds that out notes it here, and everybody else heeds it. That a service knows no DeleteObjects
 * is not kept: it has the same refusal for a request that was damaged on its way.
 */
export class Capabilities {
  #conditionalWrites = true
  #conditionalReads = true
  readonly #unknownWays = new Set<Way>()
  #conditionalDeletes: boolean | undefined
  #heads = true
  #tags: TagCounts = 'unknown'
  #md5Etags = true
  #encodesKeys = true
  #tagDirective = true
  #wholeChecksums = true
  #readChecksums = true

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

  /** Whether reads and copies may be bound to the ETag of the source; else what answers tell, and a look behind them, is all there is. */
  get conditionalReads(): boolean {
    return this.#conditionalReads
  }

  /** A read or a copy went well once it was bound to nothing. Gives whether that is news. */
  lacksConditionalReads(): boolean {
    const news = this.#conditionalReads
    this.#conditionalReads = false
    return news
  }

  /** Whether an object may take this way, as far as is known. */
  knowsWay(way: Way): boolean {
    return !this.#unknownWays.has(way)
  }

  /** Another way went well where this one was refused. Gives whether that is news. */
  lacksWay(way: Way): boolean {
    const news = this.knowsWay(way)
    this.#unknownWays.add(way)
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

  /** A HEAD was refused to this identity, or did not tell what an object is known by. */
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

  /** Whether it lists keys as they stand in a URL. */
  get encodesKeys(): boolean {
    return this.#encodesKeys
  }

  /** A page came once no encoding was asked for. */
  lacksKeyEncoding(): void {
    this.#encodesKeys = false
  }

  /** Whether an upload may be asked for a checksum of the whole. */
  get wholeChecksums(): boolean {
    return this.#wholeChecksums
  }

  /** An upload went on once none was asked for. */
  lacksWholeChecksums(): void {
    this.#wholeChecksums = false
  }

  /** Whether a read may ask for the checksums of an object. */
  get readChecksums(): boolean {
    return this.#readChecksums
  }

  /** A read went well once it asked for none. */
  lacksReadChecksums(): void {
    this.#readChecksums = false
  }

  /** Whether a copy may be told to leave the tags behind; what does not know that mostly knows no tags. */
  get tagDirective(): boolean {
    return this.#tagDirective
  }

  /** A copy went well once it said nothing about tags. */
  lacksTagDirective(): void {
    this.#tagDirective = false
  }
}
