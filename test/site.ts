import { hash } from 'node:crypto'
import { createServer } from 'node:http'
import { type Listening, listenOnLoopback } from 's3-direct-sync-testkit/web-server.ts'

/** Files of a website by their names. */
export type Site = Readonly<Record<string, string>>

const shortHash = (content: string): string => hash('sha256', content).slice(0, 12)

/** What a build of a version makes: two pages, and assets whose names hold a digest of what they hold. */
export function siteOf(version: number): Site {
  const files: Record<string, string> = {}
  const asset = (name: string, ending: string, content: string): string => {
    const key = `assets/${name}.${shortHash(content)}.${ending}`
    files[key] = content
    return `/${key}`
  }
  const more = asset('more', 'js', `export const version = ${version}\n`)
  const app = asset(
    'app',
    'js',
    `document.title = 'version ${version}'\nglobalThis.more = () => import("${more}")\n`,
  )
  const style = asset('style', 'css', `h1 { margin: ${version}px }\n`)
  // The same in every version.
  const base = asset('base', 'css', 'body { color: black }\n')
  const logo = asset(
    'logo',
    'svg',
    `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>${version}</title></svg>\n`,
  )
  const page = (title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}"><link rel="stylesheet" href="${style}">
<script type="module" src="${app}"></script></head>
<body><h1>${title} ${version}</h1><img src="${logo}" alt=""></body></html>
`
  return { ...files, 'index.html': page('Start'), 'about/index.html': page('About') }
}

/** What is served under a name. */
export interface Served {
  readonly type: string
  readonly body: Buffer
}

/** Serves what a bucket holds as a website: a folder is its `index.html`. */
export function serveSite(find: (key: string) => Promise<Served | undefined>): Promise<Listening> {
  return listenOnLoopback(
    createServer(async (request, response) => {
      const name = decodeURIComponent(request.url ?? '/').slice(1)
      const found = await find(name === '' || name.endsWith('/') ? `${name}index.html` : name)
      const headers = { 'content-type': found?.type ?? 'text/plain', 'cache-control': 'no-store' }
      response.writeHead(found ? 200 : 404, headers).end(found?.body ?? 'not found')
    }),
  )
}

const DIGEST_IN_NAME = /\.([0-9a-f]{12})\.\w+$/
const NAMED_BY_PAGE = /(?:src|href)="(\/assets\/[^"]+)"/g
const NAMED_BY_SCRIPT = /import\("(\/assets\/[^"]+)"\)/g

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name)

/** A page that is open; gives what it asks for when somebody uses it. */
export type OpenPage = () => Promise<void>

/** Reads a website as a browser does, and keeps what it missed: not found, or another content than its name says. */
export class SiteReader {
  readonly misses: string[] = []
  /** Pages that were loaded with all that they name. */
  loads = 0
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Loads both pages, and all assets that they name. */
  async load(): Promise<void> {
    for (const name of ['/', '/about/']) await this.open(name)
  }

  /** Loads a page; what its script loads later is left to the page. */
  async open(page: string): Promise<OpenPage> {
    const text = (await this.#get(page, page)) ?? ''
    const assets = namesIn(text, NAMED_BY_PAGE)
    const found = await Promise.all(assets.map((name) => this.#get(name, page)))
    this.loads += 1
    const later = found.flatMap((script) => namesIn(script ?? '', NAMED_BY_SCRIPT))
    return async () => {
      for (const name of later) await this.#get(name, `${page}, which was open`)
    }
  }

  async #get(name: string, page: string): Promise<string | undefined> {
    const answer = await fetch(`${this.#url}${name}`)
    const text = await answer.text()
    const [, digest] = DIGEST_IN_NAME.exec(name) ?? []
    if (answer.status !== 200) this.misses.push(`${name} of ${page}: ${answer.status}`)
    else if (digest !== undefined && digest !== shortHash(text))
      this.misses.push(`${name} of ${page}: another content`)
    return answer.status === 200 ? text : undefined
  }
}
