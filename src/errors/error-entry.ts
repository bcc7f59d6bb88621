/** What may heal a failure: nothing, the same request sent again, or only a later pass over the object. */
export type Retry = 'no' | 'pass' | 'request'

/** One error code: what is known of it. */
export interface ErrorEntry {
  /** As it stands in the documentation. */
  readonly code: string
  /** Other names of the same, each without a trailing `Exception`. */
  readonly aliases?: readonly string[]
  readonly retry: Retry
  /** Messages of this code that the same request heals all the same. */
  readonly healsWhere?: RegExp
  /** It asks for fewer requests. */
  readonly throttle?: true
  /** Whether it says that credentials have expired: always, or where their time is over. */
  readonly expired?: 'always' | 'when-due'
  /** What went wrong; a clause. */
  readonly meaning: string
  /** What a person does about it; a clause. */
  readonly remedy: string
  /** What to do where it is the answer to a role that was asked for; `{trust}` stands for what its trust policy must allow. */
  readonly role?: string
}
