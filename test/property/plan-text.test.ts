import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpLines } from '../../src/plan/op-lines.ts'
import { PlanText } from '../../src/plan/plan-text.ts'
import { linesCutAt } from '../lines-cut-at.ts'
import { runs } from '../runs.ts'

const refuse = (why: string): never => {
  throw new Error(why)
}

async function readAs(blocks: AsyncIterable<Buffer>) {
  const text = new PlanText(refuse)
  const lines: string[] = []
  for await (const block of text.blocks(blocks))
    for (const read = new OpLines(block); read.next(); ) lines.push(read.text)
  return { lines, digests: text.digests() }
}

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '\r', '\u2028', '{"op":"copy"}', '\ufeff'),
)
const cuts = fc.array(fc.nat(), { maxLength: 6 })

describe('the text of a plan', () => {
  it('comes in whole lines with the digests of their bytes, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 6 }),
        fc.boolean(),
        cuts,
        async (written, isEnded, at) => {
          const text = written.join('\n') + (isEnded ? '\n' : '')
          const bytes = Buffer.from(text)
          const lines = text.split('\n')
          if (lines.at(-1) === '') lines.pop()
          const others = lines.slice(0, -1).map((one) => `${one}\n`)
          const digests = { lines: hash('sha256', others.join('')), file: hash('sha256', bytes) }
          expect(await readAs(linesCutAt(bytes, at))).toEqual({ lines, digests })
        },
      ),
      runs(1000),
    )
  })

  it('is refused where its bytes are no text, and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.constantFrom(0xff, 0xc3, 0x80, 0xed, 0x41),
        cuts,
        async (written, where, byte, at) => {
          const bytes = Buffer.from(`${written.join('\n')}\n`)
          bytes[where % bytes.length] = byte
          const read = readAs(linesCutAt(bytes, at))
          if (isUtf8(bytes)) expect((await read).digests.file).toBe(hash('sha256', bytes))
          else await expect(read).rejects.toThrow('it is not UTF-8')
        },
      ),
      runs(1000),
    )
  })

  it('is refused before a line without an end fills the memory', async () => {
    let pieces = 0
    const endless = async function* () {
      for (;;) {
        pieces++
        yield Buffer.alloc(64 * 1024, 'a')
      }
    }
    await expect(readAs(endless())).rejects.toThrow('one of its lines is too long')
    expect(pieces).toBe(2)
  })
})
