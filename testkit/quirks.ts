import { DELETES } from './quirks/deletes.ts'
import { ANSWERS, ETAGS } from './quirks/etags.ts'
import { LISTINGS } from './quirks/listings.ts'
import { CONDITIONS, OPTIONAL_QUESTIONS } from './quirks/questions.ts'
import type { Quirk } from './quirks/quirk.ts'
import { CLOCKS, COPY_LIMITS, HEADERS, NAMES, POLICIES, VERSIONS } from './quirks/writes.ts'

/** Every quirk by its name; each is a service that the whole road is to be walked on. */
export const QUIRKS: Readonly<Record<string, Quirk>> = {
  ...OPTIONAL_QUESTIONS,
  ...CONDITIONS,
  ...DELETES,
  ...ETAGS,
  ...ANSWERS,
  ...LISTINGS,
  ...COPY_LIMITS,
  ...HEADERS,
  ...NAMES,
  ...CLOCKS,
  ...POLICIES,
  ...VERSIONS,
}
