/** Access keys as requests are signed with them. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Milliseconds since the epoch; undefined for keys that do not expire. */
  readonly expiresAtMs?: number | undefined
  /** `inputs`, `environment` or another place, for people; undefined where STS gave them. */
  readonly foundIn?: string | undefined
}

export type CredentialSource = () => Promise<Credentials>

/** Gives credentials that are valid now: at once where they are held, as for nearly every request; else once they are had. */
export type CurrentCredentials = () => Credentials | Promise<Credentials>
