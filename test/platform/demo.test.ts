import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { browserPath, openBrowser } from 's3-direct-sync-testkit/browser.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..', '..')
const canLook = browserPath() !== undefined
const asked = process.env['TEST_PLATFORMS'] !== undefined
if (asked && !canLook) console.log('skipped: the page of the demo needs a Chromium on the PATH')

const STEPS = [
  ['A dry run, with delete', '📝 200 objects would be copied'],
  ['The real run', '✅ 200 objects copied'],
  ['The same again', '✅ Nothing to do: 1,000 objects compared'],
  ['A key that the role must not write', '⚠️ 17 of 20 objects copied, 3 failed'],
  ['Too many deletes', '❌ 500 deletes, max-delete is 100'],
  ['Drift', '⚠️ Drift: 4 objects'],
  ['A published folder', '✅ 42 objects copied'],
  ['The same folder, built again', '✅ Nothing to do: 42 objects compared'],
]

describe.skipIf(!asked || !canLook)('the page of the demo', () => {
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/demo.ts'], { cwd: root })
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('requestfailed', (request) => problems.push(request.url()))
    await page.goto(`file://${path.join(root, '.demo', 'index.html')}`)
  }, 300_000)
  afterAll(() => browser?.close())

  it('shows each step under its number with the headline of its summary', async () => {
    expect(await page.locator('body > h2').allInnerTexts()).toEqual(
      STEPS.map(([title], at) => `${at + 1}. ${title}`),
    )
    const headlines = await page.locator('section > h2:first-child').allInnerTexts()
    expect(headlines.map((text, at) => text.startsWith(STEPS[at]?.[1] ?? '?'))).toEqual(
      STEPS.map(() => true),
    )
    expect(problems).toEqual([])
  })

  it('has tables, alerts and folded sections, and no Markdown that is left as it is', async () => {
    expect(await page.locator('section table').count()).toBeGreaterThan(STEPS.length)
    expect(await page.locator('blockquote.caution .kind').allInnerTexts()).toEqual(['Caution'])
    expect(await page.locator('section').allInnerTexts()).not.toContainEqual(
      expect.stringMatching(/\[!|\|---|^#|\*\*|<details|pie showData/m),
    )
    const settings = page.locator('details', { hasText: 'Settings that differ' }).first()
    await expect.poll(() => settings.locator('table').isVisible()).toBe(false)
    await settings.locator('summary').click()
    await expect.poll(() => settings.locator('table').isVisible()).toBe(true)
  })

  it.each([1280, 390])('fits a window of %i pixels', async (width) => {
    await page.setViewportSize({ width, height: 900 })
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    expect(wide).toBeLessThanOrEqual(width)
  })
})
