import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Listening } from '../../api/server.ts'
import { createStandingClock, noon, startApi } from '../api/api-under-test.ts'
import { createFixtureRatios } from '../api/fixture-ratios.ts'
import { type BrowserUnderTest, launchBrowser } from '../factories/browser.ts'
import { findBarriers } from './accessibility.ts'

const screenshots = process.env.NINEFOLD_SCREENSHOTS ?? join(tmpdir(), 'ninefold-screenshots')
const wide = { viewport: { width: 1280, height: 860 } }

let api: Listening
let browser: BrowserUnderTest
beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true })
  api = await startApi()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await api.close()
})

async function open(path: string, options: BrowserContextOptions = wide, from = api) {
  const under = await browser.open(options)
  await under.page.clock.install({ time: noon })
  await under.page.goto(new URL(path, from.url).href)
  return under
}

const cells = (all: { children: Iterable<{ textContent: string | null }> }[]) =>
  all.map(each => [...each.children].map(cell => cell.textContent))

it('are a list with value, unit and trend, which leads to one of them and its layers', async () => {
  const { page, troubles, close } = await open('/')
  await page.getByRole('link', { name: 'Ratios' }).click()
  await page.getByRole('heading', { level: 1, name: 'Ratios' }).waitFor()
  const rows = page.getByRole('table', { name: 'Ratios by name' }).locator('tbody tr')
  await page.locator('.sparkline').nth(1).waitFor()
  const [first, second, third] = await rows.evaluateAll(cells)
  expect(first?.slice(0, 2)).toEqual(['Items per orderHow much a visitor buys at once.', '1.99 items'])
  expect(second?.[1]).toBe('0.2567')
  expect(third?.slice(1, 4)).toEqual(['no data', 'no data', 'no data'])
  expect(await page.getByRole('img', { name: /^Over 7 days: from [\d.]+ items to [\d.]+ items$/ }).count()).toBe(1)
  await page.screenshot({ path: join(screenshots, 'ratios-light.png') })
  expect(await findBarriers(page)).toEqual([])

  await page.getByRole('link', { name: 'Orders per cart' }).click()
  await page.getByRole('heading', { level: 1, name: 'Orders per cart' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/ratios/orders-per-cart')
  expect(await page.locator('.facts').textContent()).toContain('Last hour0.2567308 ÷ 1,200')
  await page.getByRole('img', { name: /^Orders per cart over the last 6 hours: from 0\.\d+ to 0\.\d+\.$/ }).waitFor()
  await page.getByLabel('Layer').selectOption('availability_zone')
  await page.getByRole('heading', { name: 'By availability zone' }).waitFor()
  const table = page.getByRole('table', { name: 'Ratio by availability zone, last 6 hours' })
  expect((await table.locator('tbody tr').evaluateAll(cells)).map(([value]) => value)).toEqual([
    'availability_zone-1',
    'availability_zone-2',
  ])
  await page.evaluate('scrollTo(0, 0)')
  await page.screenshot({ path: join(screenshots, 'ratio-light.png'), fullPage: true })
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('link', { name: '← All ratios' }).click()
  await rows.first().waitFor()
  expect(troubles).toEqual([])
  await close()
})

it.each([
  ['dark', { ...wide, colorScheme: 'dark' as const }],
  ['narrow', { viewport: { width: 360, height: 780 } }],
])('have no barriers when it is %s', async (look, options) => {
  for (const [path, name] of [
    ['/ratios', 'ratios'],
    ['/ratios/items-per-order', 'ratio'],
  ] as const) {
    const { page, troubles, close } = await open(path, options)
    await page.locator('#main').locator('table, .panel').first().waitFor()
    expect(await findBarriers(page), name).toEqual([])
    await page.screenshot({ path: join(screenshots, `${name}-${look}.png`), fullPage: true })
    expect(troubles).toEqual([])
    await close()
  }
})

it('say what to do when there are none, no value, or no such ratio', async () => {
  const silent = await open('/ratios/refunds-per-order')
  await silent.page.getByText('No value in the last 6 hours: nothing is in the denominator.').waitFor()
  await silent.close()
  const unknown = await open('/ratios/unknown')
  await unknown.page.getByText('There is no such promise or page.').waitFor()
  await unknown.close()
  const ratios = createFixtureRatios(createStandingClock())
  const empty = await startApi({ ratios: { ...ratios, list: async () => [] } })
  const { page, close } = await open('/ratios', wide, empty)
  await page.getByText('No ratios are defined yet.').waitFor()
  expect(await page.locator('.empty').textContent()).toContain('ninefold validate')
  await page.screenshot({ path: join(screenshots, 'ratios-empty.png') })
  expect(await findBarriers(page)).toEqual([])
  await close()
  await empty.close()
})
