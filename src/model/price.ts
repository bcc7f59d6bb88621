/** List prices of S3 Standard in us-east-1, dollars for one request (2026): COPY, PUT and LIST, and HEAD. Deletes are free. */
const COPY_DOLLARS = 0.005 / 1000
const HEAD_DOLLARS = 0.0004 / 1000

/** What so many requests cost at least, dollars: other classes and regions cost more. */
export const requestDollars = ({
  copies,
  lists,
  heads,
}: {
  readonly copies: number
  readonly lists: number
  readonly heads: number
}): number => (copies + lists) * COPY_DOLLARS + heads * HEAD_DOLLARS

/** Dollars as people say them: `$0.02`, `less than $0.01`. */
export const humanDollars = (dollars: number): string =>
  dollars > 0 && dollars < 0.01 ? 'less than $0.01' : `$${dollars.toFixed(2)}`
