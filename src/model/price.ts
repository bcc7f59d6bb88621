/** List price of S3 Standard in us-east-1 for COPY, PUT and LIST, dollars for one request (2026). Deletes are free. */
const COPY_DOLLARS = 0.005 / 1000

/** What the requests of so many copies cost at least, dollars: other classes and regions cost more. */
export const copyDollars = (copies: number): number => copies * COPY_DOLLARS

/** Dollars as people say them: `$0.02`, `less than $0.01`. */
export const humanDollars = (dollars: number): string =>
  dollars > 0 && dollars < 0.01 ? 'less than $0.01' : `$${dollars.toFixed(2)}`
