import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SiteReader, siteOf } from '../site.ts'
import { GENTLY, openWebsite, type WebsiteStage } from '../website-stage.ts'

const DEPLOYS = Number(process.env['DEPLOYS'] ?? 4)

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
  const timeout = 120_000 + DEPLOYS * 10_000
  it('has every asset of its pages, and of one that is open, with waves and delete-after; old ones go later', {
    timeout,
  }, async () => {
    await deployAll(GENTLY, DEPLOYS)
    expect(reader.misses).toEqual([])
    expect(reader.loads).toBeGreaterThan(DEPLOYS * 10)
    const left = website.stage.keys().filter((key) => key.startsWith('assets/'))
    const lastThree = [0, 1, 2].flatMap((ago) => Object.keys(siteOf(DEPLOYS - ago)))
    expect(left).toEqual([...new Set(lastThree)].filter((key) => /^assets/.test(key)).sort())
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
