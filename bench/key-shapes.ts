/** A million ways to lay out keys, of which some: each gives key `i` of `count`, in byte order, all of one length. */
export interface KeyShape {
  readonly name: string
  keyAt(i: number): string
}

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2023, 0, 1)
const DAYS = 1096

/** A number from 0 to 1 that looks random and is always the same. */
function scatter(i: number): number {
  let x = Math.imul(i ^ (i >>> 16), 0x45d9f3b)
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}

const hex = (value: number, digits: number): string =>
  Math.floor(value).toString(16).padStart(digits, '0')

/** `3f/a/000123.parquet`: 4,096 folders with about as many objects each. */
function folders(count: number): KeyShape {
  const keyAt = (i: number): string => {
    const folder = Math.floor((i * 4096) / count)
    const text = hex(folder, 3)
    const first = Math.ceil((folder * count) / 4096)
    return `${text.slice(0, 2)}/${text.slice(2)}/${String(i - first).padStart(6, '0')}.parquet`
  }
  return { name: 'folders', keyAt }
}

/** `9c41d2e07ab3.bin`: no folders, random names. */
function flat(count: number): KeyShape {
  const step = 2 ** 48 / count
  return { name: 'flat', keyAt: (i) => `${hex((i + scatter(i)) * step, 12)}.bin` }
}

/** `year=2024/month=05/day=17/part-000123.parquet`: days that hold more and more, some ten times their neighbours. */
function dates(count: number): KeyShape {
  const weights = Array.from(
    { length: DAYS },
    (_, day) => (1 + day / 100) * (scatter(day) < 0.03 ? 10 : 1),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const firsts: number[] = []
  let before = 0
  for (const weight of weights) {
    firsts.push(Math.round((before * count) / total))
    before += weight
  }
  const folders = firsts.map((_, day) => {
    const [year, month, date] = new Date(FIRST_DAY + day * DAY_MS)
      .toISOString()
      .slice(0, 10)
      .split('-')
    return `year=${year}/month=${month}/day=${date}/`
  })
  const keyAt = (i: number): string => {
    let [low, high] = [0, DAYS]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((firsts[middle] ?? 0) <= i) low = middle + 1
      else high = middle
    }
    return `${folders[low - 1]}part-${String(i - (firsts[low - 1] ?? 0)).padStart(6, '0')}.parquet`
  }
  return { name: 'dates', keyAt }
}

const TENANTS = 16

/** `tenant-0b/000000123.json`: every tenant has twice as many objects as the one before it, the last one half of all. */
function tenants(count: number): KeyShape {
  const firsts = Array.from({ length: TENANTS }, (_, tenant) =>
    Math.ceil((count * (2 ** tenant - 1)) / (2 ** TENANTS - 1)),
  )
  const keyAt = (i: number): string => {
    const tenant = firsts.findLastIndex((first) => first <= i)
    const number = String(i - (firsts[tenant] ?? 0)).padStart(9, '0')
    return `tenant-${hex(tenant, 2)}/${number}.json`
  }
  return { name: 'tenants', keyAt }
}

/** The shapes of the benchmark by name. */
export const KEY_SHAPES: Readonly<Record<string, (count: number) => KeyShape>> = {
  folders,
  flat,
  dates,
  tenants,
}
