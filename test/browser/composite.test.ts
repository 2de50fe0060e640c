import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Listening } from '../../api/server.ts'
import { startApi } from '../api/api-under-test.ts'
import { type CompositePast, openCompositePast } from '../compute/reports/composite-past.ts'
import { type BrowserUnderTest, launchBrowser } from '../factories/browser.ts'
import { findBarriers } from './accessibility.ts'

/** A composite in the viewer, over the real engine: what is shown is what was counted of its members. */

const screenshots = process.env.NINEFOLD_SCREENSHOTS ?? join(tmpdir(), 'ninefold-screenshots')
const nowMs = Math.floor(Date.now() / 60_000) * 60_000

let past: CompositePast
let api: Listening
let browser: BrowserUnderTest
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true })
  past = await openCompositePast(nowMs)
  api = await startApi({ reports: past.reports, clock: past.clock })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await api.close()
  await past.close()
})

it('is a row of the list beside its members, and leads to them with their weights and shares of the burn', async () => {
  const { page, troubles, close } = await browser.open({ viewport: { width: 1280, height: 860 } })
  await page.goto(api.url)
  const row = page.locator('#main tbody tr', { has: page.getByRole('link', { name: 'buying', exact: true }) })
  expect(await row.textContent()).toContain('shop, mean of 2')
  await row.getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'buying' }).waitFor()
  await page.getByText('The mean of its 2 members by weight has to be at least 91.25 % over any 3 hours.').waitFor()
  // (3 · 0.9 + 1 · 29/30) ÷ 4, rounded down.
  const facts = await page.locator('.facts').textContent()
  expect(facts).toContain('SLI91.66 %')
  expect(facts).toContain('buying: cart90 % of what is consumed')
  expect(facts).not.toMatch(/may fail|Bad events/)
  const table = page.getByRole('table', { name: /^Members/ })
  await table.waitFor()
  const rows = await table
    .locator('tbody tr')
    .evaluateAll(all => all.map(each => [...each.children].map(cell => cell.textContent)))
  expect(rows).toEqual([
    ['buying: cart', '375 %', '90.000 %', '90 %', '100 %', '1,620', '1,800'],
    ['buying: pay', '125 %', '96.666 %', '10 %', '0 %', '17,400', '18,000'],
  ])
  const chart = page.getByRole('img', { name: /^SLI by member over the last 6 hours, 2 lines/ })
  await chart.waitFor()
  await page.evaluate('scrollTo(0, 0)')
  await page.screenshot({ path: join(screenshots, 'composite.png'), fullPage: true })
  expect(await findBarriers(page)).toEqual([])
  await table.getByRole('link', { name: 'buying: pay' }).click()
  await page.getByRole('heading', { level: 1, name: 'buying: pay' }).waitFor()
  expect(troubles).toEqual([])
  await close()
})
