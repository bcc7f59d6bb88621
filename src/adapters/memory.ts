import v8 from 'node:v8'

// A listing makes garbage by the gigabyte of which next to nothing lives on. V8 would let the heap grow with
// the garbage: held this small it collects a little more often, and the memory stays the same for any
// number of keys. Compiling beside the running code holds memory of its own and gains nothing on two cores.
// Must come before anything that fills the heap.
for (const flag of [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=10',
  '--no-concurrent-recompilation',
])
  v8.setFlagsFromString(flag)
