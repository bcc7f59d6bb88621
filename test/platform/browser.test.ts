import type { Browser, Page } from 'playwright-core'
import { browserPath, openBrowser } from 's3-direct-sync-testkit/browser.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GENTLY, openWebsite, type WebsiteStage } from '../website-stage.ts'

const asked = process.env['TEST_PLATFORMS'] !== undefined
const program = browserPath()
if (asked && program === undefined)
  console.log('Skipped: no Chromium is installed (apt-get install chromium)')
/** `DEPLOYS=200` is the long run: a quarter of an hour. */
const DEPLOYS = Number(process.env['DEPLOYS'] ?? 5)
const LIMIT_MS = 60_000 + DEPLOYS * 60_000

/** A tab that keeps whatever goes wrong in it. */
async function openTab(browser: Browser, misses: string[]): Promise<Page> {
  const page = await browser.newPage()
  page.on('response', (answer) => {
    if (answer.status() >= 400) misses.push(`${answer.url()}: ${answer.status()}`)
  })
  page.on('requestfailed', (request) => {
    misses.push(`${request.url()}: ${request.failure()?.errorText}`)
  })
  page.on('pageerror', (error) => misses.push(`${page.url()}: ${error.message}`))
  return page
}

describe.skipIf(!asked || program === undefined)('a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  /** Loads both pages to their end, one look at a time; a page is whole when its script ran. */
  async function watching(website: WebsiteStage, misses: string[]) {
    const page = await openTab(browser, misses)
    let last: Promise<unknown> = Promise.resolve()
    const seen = new Set<string>()
    const load = async (): Promise<void> => {
      for (const name of ['/', '/about/']) {
        await page.goto(`${website.url}${name}`, { waitUntil: 'load' })
        const title = await page.title()
        if (/^version \d+$/.test(title)) seen.add(title)
        else misses.push(`${name}: its script did not run`)
      }
    }
    const look = (): Promise<unknown> => {
      last = last.then(load)
      return last
    }
    return { look, seen }
  }

  async function deployAll(
    website: WebsiteStage,
    inputs: Readonly<Record<string, string>>,
    deploys: number,
  ): Promise<{ readonly misses: readonly string[]; readonly seen: ReadonlySet<string> }> {
    const misses: string[] = []
    await website.deploy(0, inputs)
    const { look, seen } = await watching(website, misses)
    website.lookAround(look)
    for (let version = 1; version <= deploys; version++) {
      const tab = await openTab(browser, misses)
      await tab.goto(website.url, { waitUntil: 'load' })
      await website.deploy(version, inputs)
      // What a page loads when somebody uses it, as `import()` does.
      await tab.evaluate('globalThis.more()').catch((error) => misses.push(`${error}`))
      await tab.close()
    }
    return { misses, seen }
  }

  it('finds all that a website needs at any time while it is published again and again', {
    timeout: LIMIT_MS,
  }, async () => {
    await using website = await openWebsite()
    const { misses, seen } = await deployAll(website, GENTLY, DEPLOYS)
    expect(misses).toEqual([])
    expect(seen.size).toBeGreaterThan(DEPLOYS)
  })

  it('misses some of it where pages go before their assets', { timeout: LIMIT_MS }, async () => {
    await using website = await openWebsite()
    const { misses } = await deployAll(website, { waves: 'assets/' }, 1)
    expect(misses.join('\n')).toMatch(/\/assets\/app\.\w+\.js: 404/)
  })
})
