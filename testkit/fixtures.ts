export { type HostileKey, hostileKeys } from './hostile-keys.ts'

/** A key with the size of its object; the seed makes its bytes (`ObjectSpec`). */
export interface FixtureObject {
  readonly key: string
  readonly sizeBytes: number
  readonly seed: number
}

/** What a market archive varies. */
export interface MarketArchiveOptions {
  /** Default `data/spot/daily/klines/`. */
  readonly prefix?: string
  readonly symbols?: readonly string[]
  readonly intervals?: readonly string[]
  /** The newest day, `YYYY-MM-DD`; older days follow backwards. Default `2025-07-15`. */
  readonly lastDay?: string
  readonly minBytes?: number
  readonly maxBytes?: number
}

const SYMBOLS = 'ADAUSDT BNBUSDT BTCUSDT DOGEUSDT ETHUSDT LINKUSDT LTCUSDT SOLUSDT TRXUSDT XRPUSDT'
const INTERVALS = '1m 5m 15m 1h 4h 1d'
const DAY_MS = 86_400_000

/**
 * `count` objects laid out as public market data is: symbol, interval, one file per day. The same
 * arguments give the same objects; the days of all series reach equally far back.
 */
export function* marketArchive(
  count: number,
  options: MarketArchiveOptions = {},
): Generator<FixtureObject> {
  const { prefix = 'data/spot/daily/klines/', minBytes = 200, maxBytes = 2000 } = options
  const symbols = options.symbols ?? SYMBOLS.split(' ')
  const intervals = options.intervals ?? INTERVALS.split(' ')
  const lastDayMs = Date.parse(`${options.lastDay ?? '2025-07-15'}T00:00:00Z`)
  const series = symbols.length * intervals.length
  for (let index = 0; index < count; index += 1) {
    const symbol = symbols[index % symbols.length] ?? ''
    const interval = intervals[Math.floor(index / symbols.length) % intervals.length] ?? ''
    const day = new Date(lastDayMs - Math.floor(index / series) * DAY_MS).toISOString().slice(0, 10)
    const spread = Math.imul(index + 1, 0x9e3779b1) >>> 0
    yield {
      key: `${prefix}${symbol}/${interval}/${symbol}-${interval}-${day}.zip`,
      sizeBytes: minBytes + (spread % (maxBytes - minBytes + 1)),
      seed: index,
    }
  }
}
