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

/** Shares keys out to folders by their weights: gives the folder of key `i`, and which of its keys that is. */
function shared(
  weights: readonly number[],
  count: number,
): (i: number) => readonly [folder: number, key: number] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const firsts: number[] = []
  let before = 0
  for (const weight of weights) {
    firsts.push(Math.round((before * count) / total))
    before += weight
  }
  return (i) => {
    let [low, high] = [0, firsts.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((firsts[middle] ?? 0) <= i) low = middle + 1
      else high = middle
    }
    return [low - 1, i - (firsts[low - 1] ?? 0)]
  }
}

/** `year=2024/month=05/day=17/part-000123.parquet`: days that hold more and more, some ten times their neighbours. */
function dates(count: number): KeyShape {
  const weights = Array.from(
    { length: DAYS },
    (_, day) => (1 + day / 100) * (scatter(day) < 0.03 ? 10 : 1),
  )
  const placeOf = shared(weights, count)
  const folders = weights.map((_, day) => {
    const [year, month, date] = new Date(FIRST_DAY + day * DAY_MS)
      .toISOString()
      .slice(0, 10)
      .split('-')
    return `year=${year}/month=${month}/day=${date}/`
  })
  const keyAt = (i: number): string => {
    const [day, part] = placeOf(i)
    return `${folders[day]}part-${String(part).padStart(6, '0')}.parquet`
  }
  return { name: 'dates', keyAt }
}

const TENANTS = 16

/** Which tenant has key `i` of `count`, and which of its own that is: each has twice as many as the one before. */
const tenantOf = (count: number): ((i: number) => readonly [number, number]) =>
  shared(
    Array.from({ length: TENANTS }, (_, tenant) => 2 ** tenant),
    count,
  )

const tenantName = (tenant: number): string => `tenant-${String(tenant).padStart(2, '0')}`

/** `tenant-07/00000123.json`: tenants that hold twice as much as the one before. */
function tenants(count: number): KeyShape {
  const placeOf = tenantOf(count)
  const keyAt = (i: number): string => {
    const [tenant, object] = placeOf(i)
    return `${tenantName(tenant)}/${String(object).padStart(8, '0')}.json`
  }
  return { name: 'tenants', keyAt }
}

/** `tenant-07/0003f/00000123.json`: the same, in folders of 256 objects. */
function tenantFolders(count: number): KeyShape {
  const placeOf = tenantOf(count)
  const keyAt = (i: number): string => {
    const [tenant, object] = placeOf(i)
    return `${tenantName(tenant)}/${hex(object / 256, 5)}/${String(object).padStart(8, '0')}.json`
  }
  return { name: 'tenant-folders', keyAt }
}

/** The shapes of the benchmark by name. */
export const KEY_SHAPES: Readonly<Record<string, (count: number) => KeyShape>> = {
  folders,
  flat,
  dates,
  tenants,
  'tenant-folders': tenantFolders,
}
