import type { HostVariant } from './service.ts'

/** What the post step needs to find the uploads that a step left unfinished, and to abort them. */
export interface UploadTrace {
  /** Of the file that tells which uploads were begun and which are over. */
  readonly path: string
  readonly endpoint?: string | undefined
  readonly region: string
  readonly variant?: HostVariant | undefined
  /** Whose identity began them. */
  readonly by: 'source' | 'destination'
}
