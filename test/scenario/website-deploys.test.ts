import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SiteReader } from '../site.ts'
import { openWebsite, type WebsiteStage } from '../website-stage.ts'

const DEPLOYS = Number(process.env['DEPLOYS'] ?? 3)

let website: WebsiteStage
let reader: SiteReader
beforeEach(async () => {
  website = await openWebsite()
  reader = new SiteReader(website.url)
})
afterEach(() => website[Symbol.asyncDispose]())

/** Publishes one version after the other, and uses the page that is open since the one before. */
async function deployAll(inputs: Readonly<Record<string, string>>, deploys: number): Promise<void> {
  await website.deploy(0, inputs)
  website.lookAround(() => reader.load())
  for (let version = 1; version <= deploys; version++) {
    const useIt = await reader.open('/')
    await website.deploy(version, inputs)
    await useIt()
  }
}

describe('a website that is published again and again', () => {
  it('has every asset of its pages at any time, and those of a page that is open, with waves', async () => {
    await deployAll({ waves: 'website' }, DEPLOYS)
    expect(reader.misses).toEqual([])
    expect(reader.loads).toBeGreaterThan(DEPLOYS * 20)
  })

  it('misses some where its pages go before their assets', async () => {
    await deployAll({ waves: 'assets/' }, 1)
    expect(reader.misses).not.toEqual([])
  })

  it('misses those of a page that is open where the old ones are deleted at once', async () => {
    await deployAll({ waves: 'website', delete: 'true' }, 1)
    expect(reader.misses).toEqual([
      expect.stringMatching(/^\/assets\/more\.\w+\.js of \/, which was open: 404$/),
    ])
  })
})
