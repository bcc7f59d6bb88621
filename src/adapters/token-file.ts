import { readText } from './regular-file.ts'

/** Of a token: it has one or two kilobytes. */
const MOST_TOKEN_BYTES = 64 * 1024

/**
 * Throws where a file that the SDK will read a token from is none that ends. It would read a pipe to an end that may not
 * come: then nothing else is done, no cancel heard.
 */
export async function checkTokenFile(file: string): Promise<void> {
  await readText(file, MOST_TOKEN_BYTES).catch((error: NodeJS.ErrnoException) => {
    // The SDK says so itself, where it needs the file.
    if (error.code !== 'ENOENT') throw error
  })
}
