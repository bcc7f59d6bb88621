// Takes the pictures of the docs: `npm run demo && npm run pictures` photographs job summaries of the demo in a headless
// browser (a Chromium on the PATH, or CHROMIUM_PATH) into docs/pictures.
import { statSync } from 'node:fs'
import path from 'node:path'
import { openBrowser } from 's3-direct-sync-testkit/browser.ts'

const root = path.dirname(import.meta.dirname)
const WIDTH = 820

/** The steps of the demo that are worth a picture, each with the height that is shown of it. */
const PICTURES = [
  { step: 1, file: 'summary-dry-run.png', height: 560 },
  { step: 4, file: 'summary-failed.png', height: 640 },
]

const browser = await openBrowser()
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 1200 } })
  await page.goto(`file://${path.join(root, '.demo', 'index.html')}`)
  for (const { step, file, height } of PICTURES) {
    const section = page.locator('section').nth(step - 1)
    await section.evaluate((element, most) => {
      element.style.maxHeight = `${most}px`
      element.style.overflow = 'hidden'
    }, height)
    const target = path.join(root, 'docs', 'pictures', file)
    await section.screenshot({ path: target })
    console.log(`${path.relative(root, target)}: ${Math.round(statSync(target).size / 1024)} KiB`)
  }
} finally {
  await browser.close()
}
