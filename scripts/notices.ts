import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Package {
  /** Name and version. */
  readonly title: string
  /** SPDX expression of its package.json. */
  readonly license: string
  /** Its licence files, '' when it ships none. */
  readonly text: string
}

const LEGAL_FILE = /^(licen[cs]e|notice|copying|copyright)/i

/** Folder of the package that a bundled file belongs to, undefined for this project's own files. */
export function packageFolder(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0]
}

function read(folder: string): Package {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  )
  if (typeof license !== 'string') throw new Error(`${name} names no licence`)
  const legal = readdirSync(folder).filter((file) => LEGAL_FILE.test(file))
  const texts = legal.sort().map((file) => readFileSync(path.join(folder, file), 'utf8').trim())
  const text = texts.join('\n\n').replaceAll('\r\n', '\n')
  return { title: `${name} ${version}`, license, text }
}

/** The text of a package that ships none: the one that most packages under the same licence ship. */
function borrowedText(packages: readonly Package[], { title, license }: Package): string {
  const texts = packages.filter((other) => other.license === license && other.text)
  const uses = Map.groupBy(texts, (other) => other.text)
  const [common] = [...uses].sort(([, a], [, b]) => b.length - a.length)
  if (!common)
    throw new Error(`${title} ships no licence text, and no other package has ${license}`)
  return common[0]
}

/**
 * Third-party notices of the packages in these folders: each with its licence text, equal texts once.
 * Throws when a package names no licence or its text cannot be had.
 */
export function thirdPartyNotices(folders: Iterable<string>): string {
  const packages = [...folders].map(read).sort((a, b) => (a.title < b.title ? -1 : 1))
  const byText = Map.groupBy(packages, (one) => one.text || borrowedText(packages, one))
  const sections = [...byText].map(([text, users]) => {
    const titles = users.map(({ title, license }) => `${title} (${license})`)
    return `${titles.join('\n')}\n\n${text}\n`
  })
  const intro = 'The files of this folder contain the following packages.\n'
  return [intro, ...sections].join(`\n${'-'.repeat(80)}\n\n`)
}
