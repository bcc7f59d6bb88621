/** What is made when it is first asked for, and kept; undefined where this machine cannot, as one without WebAssembly. */
export function onceAble<T>(make: () => T): () => T | undefined {
  let made: { readonly it: T | undefined } | undefined
  const attempt = (): { readonly it: T | undefined } => {
    try {
      return { it: make() }
    } catch {
      return { it: undefined }
    }
  }
  return () => {
    made ??= attempt()
    return made.it
  }
}
