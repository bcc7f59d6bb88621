/** Code that runs in a step before the action, and makes this machine another one for it: as NODE_OPTIONS takes it. */
export const machine = (code: string): string =>
  `--import data:text/javascript,${encodeURIComponent(code)}`

/** Code by which `process` has other facts. */
export const processWith = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .map(
      ([name, value]) =>
        `Object.defineProperty(process, ${JSON.stringify(name)}, { value: ${JSON.stringify(value)} });`,
    )
    .join('\n')
