/** What is wrong with a text, as it goes on behind the name of an input. */
interface Issue {
  readonly message: string
}

/** The value of a text, or all that is wrong with it. */
export type Read<T> =
  | { readonly success: true; readonly data: T; readonly error?: undefined }
  | {
      readonly success: false
      readonly data?: undefined
      readonly error: { readonly issues: readonly Issue[] }
    }

/** Takes what is wrong with a text. */
interface Context {
  addIssue(message: string): void
}

/** What a value has to be beside its form. */
interface Rule<T> {
  holds(value: T): boolean
  /** What is said of a value for which it does not hold. */
  error(value: T): string
}

/** Where an issue was added nobody reads the value. */
export const NEVER = undefined as never

/**
 * Reads the text of an input into a value. In the words of zod, which reads the files; here it would take longer to load
 * and to set up than all inputs take to be read.
 */
export class Reader<T> {
  readonly #read: (text: string, context: Context) => T
  readonly #rules: readonly Rule<T>[]

  constructor(read: (text: string, context: Context) => T, rules: readonly Rule<T>[] = []) {
    this.#read = read
    this.#rules = rules
  }

  /** Further rules, of which all that do not hold are told. */
  refine(
    holds: (value: T) => boolean,
    { error }: { readonly error: string | ((value: T) => string) },
  ): Reader<T> {
    const said = typeof error === 'string' ? () => error : error
    return new Reader(this.#read, [...this.#rules, { holds, error: said }])
  }

  /** Makes another value of one that holds. */
  transform<Other>(work: (value: T, context: Context) => Other): Reader<Other> {
    return new Reader((text, context) => {
      const { success, data, error } = this.safeParse(text)
      if (success) return work(data, context)
      for (const { message } of error.issues) context.addIssue(message)
      return NEVER
    })
  }

  safeParse(text: string): Read<T> {
    const issues: Issue[] = []
    const addIssue = (message: string): void => void issues.push({ message })
    const data = this.#read(text, { addIssue })
    const broken = issues.length > 0 ? [] : this.#rules.filter((rule) => !rule.holds(data))
    for (const rule of broken) addIssue(rule.error(data))
    return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } }
  }
}

/** Any text. */
export const anyText = new Reader((text) => text)

/** What the first of several readers that can makes of a text. */
export const either = <const R extends readonly Reader<unknown>[]>(
  readers: R,
  { error }: { readonly error: string },
) =>
  new Reader((text, { addIssue }): R[number] extends Reader<infer T> ? T : never => {
    for (const reader of readers) {
      const { success, data } = reader.safeParse(text)
      if (success) return data as never
    }
    addIssue(error)
    return NEVER
  })

/** One of the words. */
export const oneOf = <const T extends readonly [string, ...string[]]>(...words: T) =>
  new Reader((text, { addIssue }): T[number] => {
    if (!words.includes(text)) addIssue(`expected one of ${words.join(', ')}`)
    return text
  })
