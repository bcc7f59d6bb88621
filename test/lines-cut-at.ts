/** Lines as files give them: in memory that is used again, cut behind some of them. */
export async function* linesCutAt(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const atLine = (cut: number) => bytes.subarray(0, cut % (bytes.length + 1)).lastIndexOf(10) + 1
  const ends = [...cuts.map(atLine), bytes.length]
  const memory = Buffer.alloc(bytes.length)
  let from = 0
  for (const to of ends.toSorted((a, b) => a - b)) {
    if (to > from) yield memory.subarray(0, bytes.copy(memory, 0, from, to))
    from = to
  }
}
