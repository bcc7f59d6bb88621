import v8 from 'node:v8'

// A listing makes garbage by the gigabyte, most of it outside of the heap, of which next to nothing lives on. V8
// would let the heap grow with it: held to twice of what lives, the memory stays the same for any number of keys, and
// the heap is not looked through again and again (at a tenth more, that took a quarter of the time).
// Compiling beside the running code holds memory of its own and gains nothing on two cores.
// Must come before anything that fills the heap.
for (const flag of [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=100',
  '--no-concurrent-recompilation',
])
  v8.setFlagsFromString(flag)

const YOUNG_BYTES = 9 * 2 ** 20
const LOOK_MS = 10

const youngBytes = (): number =>
  v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0

/**
 * Lets the memory for what lives shortly grow to some megabytes. Hundreds of requests under way do not fit into
 * what a listing needs; all they hold would be taken for long-lived, and looked through again and again.
 */
export function growYoungMemory(): void {
  v8.setFlagsFromString('--semi-space-growth-factor=2')
  const timer = setInterval(() => {
    if (youngBytes() < YOUNG_BYTES) return
    v8.setFlagsFromString('--semi-space-growth-factor=1')
    clearInterval(timer)
  }, LOOK_MS)
  timer.unref()
}
