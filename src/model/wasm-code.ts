/** Bytes of a program of WebAssembly. */
export type Code = readonly number[]

/** What every module begins with. */
export const MAGIC: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** A number as WebAssembly writes it: seven bits a byte, from the lowest on. */
export const unsigned = (value: number): Code =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]

/** Content behind its length. */
export const sized = (content: Code): Code => [...unsigned(content.length), ...content]

/** A name of something that a module takes or gives. */
export const named = (name: string): Code => sized([...Buffer.from(name)])

/** A section of a module. */
export const section = (id: number, content: Code): Code => [id, ...sized(content)]
