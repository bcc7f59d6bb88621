import { anyText } from './reader.ts'

/** The words that each setting may have; the first one is what it has where it is not given. */
type Words = Readonly<Record<string, readonly [string, ...string[]]>>

type Settings<W extends Words> = { readonly [Name in keyof W]: W[Name][number] }

/** What is wrong with one `name=value`; undefined: nothing. */
function problemOf(words: Words, name: string, value: string | undefined): string | undefined {
  const known = Object.hasOwn(words, name) ? words[name] : undefined
  if (!known)
    return `${JSON.stringify(name)} is not one of its settings: expected ${Object.keys(words).join(', ')}`
  return value !== undefined && known.includes(value)
    ? undefined
    : `${name}: expected one of ${known.join(', ')}`
}

/** `name=value`, separated by commas or lines, of settings that have a few words each. */
export const namedSettings = <const W extends Words>(words: W) =>
  anyText.transform((text, context): Settings<W> => {
    const found = Object.fromEntries(Object.entries(words).map(([name, [usual]]) => [name, usual]))
    const seen = new Set<string>()
    for (const item of text.split(/[,\r\n]/).map((part) => part.trim())) {
      if (item === '') continue
      const [name = '', value] = item.split('=', 2).map((part) => part.trim())
      const problem = seen.has(name) ? `${name} is set twice` : problemOf(words, name, value)
      if (problem !== undefined) context.addIssue(problem)
      else found[name] = value ?? ''
      seen.add(name)
    }
    return found as Settings<W>
  })
