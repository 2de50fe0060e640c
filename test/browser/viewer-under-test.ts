import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Listening } from '../../api/server.ts'
import { noon, startApi } from '../api/api-under-test.ts'
import { type BrowserUnderTest, launchBrowser, type PageUnderTest } from '../factories/browser.ts'

/** `NINEFOLD_SCREENSHOTS=docs/screenshots npm run browser` renews the ones of the docs, which are looked at before they are committed. */
const screenshots = process.env.NINEFOLD_SCREENSHOTS ?? join(tmpdir(), 'ninefold-screenshots')
export const wide = { viewport: { width: 1280, height: 860 } }
export const narrow = { viewport: { width: 360, height: 780 } }

/** A browser and the API of the fixture's shop for the tests of a file; pages are closed after each. */
export function useViewer() {
  let browser: BrowserUnderTest
  let api: Listening
  let opened: PageUnderTest[] = []

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true })
    api = await startApi({ refreshSeconds: 1 })
    browser = await launchBrowser()
  })
  afterEach(async () => {
    for (const page of opened) await page.close()
    opened = []
  })
  afterAll(async () => {
    await browser.close()
    await api.close()
  })

  /** A page whose clock stands where the fixture's stands. */
  const open = async (path: string, options: BrowserContextOptions = wide, from = api) => {
    const under = await browser.open(options)
    opened.push(under)
    await under.page.clock.install({ time: noon })
    await under.page.goto(new URL(path, from.url).href)
    return under
  }
  return { open, address: (path: string) => new URL(path, api.url).href }
}

export async function shot(under: PageUnderTest, name: string, fullPage = false): Promise<void> {
  // The banner sticks to where the page was scrolled; a picture of the whole page begins at its top.
  if (fullPage) await under.page.evaluate('scrollTo(0, 0)')
  await under.page.screenshot({ path: join(screenshots, `${name}.png`), fullPage })
}
