/** Regions as services name them; nothing else becomes a part of host names and signatures. */
const REGION = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/

/** The region that an answer tells; undefined where it tells none. */
export const regionIn = (told: unknown): string | undefined =>
  typeof told === 'string' && REGION.test(told) ? told : undefined
