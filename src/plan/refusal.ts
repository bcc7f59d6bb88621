import { SyncError } from '../errors/sync-error.ts'

/** A refusal of a guard: its cause in a few words, the same in full, and what to do. */
export const refusal = (title: string, message: string, hint: string): SyncError =>
  new SyncError('guard', message, { title, hint: `${hint} Nothing was touched.` })
