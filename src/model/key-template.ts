/** What a template puts together: literal text, and parts of the key. */
export type Piece = string | { readonly part: string }

/** The pieces of a template such as `symbol={symbol}/{name}`, in their order. */
export const piecesOf = (template: string): Piece[] =>
  template.split(/\{([^{}]*)\}/).map((text, i) => (i % 2 === 0 ? text : { part: text }))
