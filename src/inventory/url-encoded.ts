import type { KeyBytes } from '../model/key.ts'

/** A key of a listing with `encoding-type=url`, as bytes: `+` is a space, `%XX` a byte. */
export const fromUrlEncoded = (key: string): KeyBytes =>
  (/[+%]/.test(key)
    ? key
        .replaceAll('+', ' ')
        .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        )
    : key) as KeyBytes
