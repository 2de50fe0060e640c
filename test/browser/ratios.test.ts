import { expect, it } from 'vitest'
import { createStandingClock, startApi } from '../api/api-under-test.ts'
import { createFixtureRatios } from '../api/fixture-ratios.ts'
import { findBarriers } from './accessibility.ts'
import { shot, useViewer, wide } from './viewer-under-test.ts'

const { open } = useViewer()

const cells = (all: { children: Iterable<{ textContent: string | null }> }[]) =>
  all.map(each => [...each.children].map(cell => cell.textContent))

it('are a list with value, unit and trend, which leads to one of them and its layers', async () => {
  const under = await open('/')
  const { page } = under
  await page.getByRole('link', { name: 'Ratios' }).click()
  await page.getByRole('heading', { level: 1, name: 'Ratios' }).waitFor()
  const rows = page.getByRole('table', { name: 'Ratios by name' }).locator('tbody tr')
  await page.locator('.sparkline').nth(1).waitFor()
  const [first, second, third] = await rows.evaluateAll(cells)
  expect(first?.slice(0, 2)).toEqual(['Items per orderHow much a visitor buys at once.', '1.99 items'])
  expect(second?.[1]).toBe('0.2567')
  expect(third?.slice(1, 4)).toEqual(['no data', 'no data', 'no data'])
  expect(await page.getByRole('img', { name: /^Over 7 days: from [\d.]+ items to [\d.]+ items$/ }).count()).toBe(1)
  await shot(under, 'ratios-light')
  expect(await findBarriers(page)).toEqual([])

  await page.getByRole('link', { name: 'Orders per cart' }).click()
  await page.getByRole('heading', { level: 1, name: 'Orders per cart' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/ratios/orders-per-cart')
  expect(await page.locator('.facts').textContent()).toContain('Last hour0.2567308 ÷ 1,200')
  await page.getByRole('img', { name: /^Orders per cart over the last 6 hours: from 0\.\d+ to 0\.\d+\.$/ }).waitFor()
  await page.getByLabel('Layer').selectOption('availability_zone')
  await page.getByRole('heading', { name: 'By availability zone' }).waitFor()
  const table = page.getByRole('table', { name: 'Ratio by availability zone, last 6 hours' })
  await table.waitFor()
  expect((await table.locator('tbody tr').evaluateAll(cells)).map(([value]) => value)).toEqual([
    'availability_zone-1',
    'availability_zone-2',
  ])
  await shot(under, 'ratio-light', true)
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('link', { name: '← All ratios' }).click()
  await rows.first().waitFor()
  expect(under.troubles).toEqual([])
})

it('say which part of a window and of a range is on record', async () => {
  const { page } = await open('/ratios/items-per-order?range=30d')
  const part = page.locator('[data-key="part"]')
  await part.waitFor()
  expect(await part.textContent()).toMatch(
    /^The numbers are of a part of the last 30 days: data from \d+ \w+ \d{4}.* on\.$/,
  )
  expect(await page.locator('[data-key="range-data"]').textContent()).toMatch(
    /^Of the last 30 days: data from .* on\.$/,
  )
  expect(await findBarriers(page)).toEqual([])
  const { page: whole } = await open('/ratios/orders-per-cart')
  await whole.locator('.facts').waitFor()
  expect(await whole.locator('[data-key="part"]').count()).toBe(0)
})

it('say what to do when there are none, no value, or no such ratio', async () => {
  const silent = await open('/ratios/refunds-per-order')
  await silent.page.getByText('No value in the last 6 hours: the denominator is 0, or a side has none.').waitFor()
  const unknown = await open('/ratios/unknown')
  await unknown.page.getByText('There is no such promise or page.').waitFor()
  const ratios = createFixtureRatios(createStandingClock())
  const empty = await startApi({ ratios: { ...ratios, list: async () => [] } })
  const { page } = await open('/ratios', wide, empty)
  await page.getByText('No ratios are defined yet.').waitFor()
  expect(await page.locator('.empty').textContent()).toContain('ninefold validate')
  expect(await findBarriers(page)).toEqual([])
  await empty.close()
})
