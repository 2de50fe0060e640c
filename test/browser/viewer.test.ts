import { describe, expect, it } from 'vitest'
import { createStandingClock, startApi } from '../api/api-under-test.ts'
import { createFixtureReports } from '../api/fixture-reports.ts'
import { shot, useViewer, wide } from './viewer-under-test.ts'

/** The viewer as it is walked through. */

const { open, address } = useViewer()

describe('viewer', () => {
  it('answers at a glance whether the promises are kept, and names the worst', async () => {
    const under = await open('/')
    const { page } = under
    await page.getByRole('heading', { level: 1, name: 'Are we keeping our promises?' }).waitFor()
    expect(await page.locator('.summary-answer').textContent()).toMatch(/^4 of 5 kept/)
    expect(await page.locator('.summary-worst').textContent()).toContain('Payments are fast')
    const names = await page.locator('#main tbody th a').allTextContents()
    expect(names.slice(0, 2)).toEqual(['Payments are fast', 'Checkout works'])
    await page.locator('.sparkline').nth(4).waitFor()
    await shot(under, 'promises-light')
    expect(under.troubles).toEqual([])
  })

  it('is walked from the list to an SLO, a layer and its alert with the mouse', async () => {
    const under = await open('/')
    const { page } = under
    await page.getByRole('link', { name: 'Checkout works' }).click()
    await page.getByRole('heading', { level: 1, name: 'Checkout works' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/slos/checkout-availability')
    await page.getByRole('link', { name: 'last day' }).click()
    await page.getByLabel('Layer').selectOption('availability_zone')
    await page.getByRole('heading', { name: 'SLI by availability zone' }).waitFor()
    expect(new URL(page.url()).search).toBe('?range=1d&layer=availability_zone')
    const rows = page.getByRole('table', { name: 'Events by availability zone, last day' }).getByRole('row')
    expect(await rows.nth(1).textContent()).toContain('eu-central-1b')
    const worst = page.getByRole('table', { name: 'Worst value of each layer, last day' }).getByRole('row')
    expect(await worst.nth(1).textContent()).toMatch(/^availability zone ?eu-central-1b/)
    await page.getByRole('img', { name: /^SLI by availability zone/ }).hover()
    await page.locator('[data-chart=layers] .chart-tip:not([hidden])').waitFor()
    await shot(under, 'slo-light', true)
    await page.getByRole('link', { name: /^Alerts/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor()
    await page.getByText('The page to on-call: sent').first().click()
    expect(await page.locator('pre').first().textContent()).toContain('"event_action": "trigger"')
    await shot(under, 'alerts-light')
    expect(under.troubles).toEqual([])
  })

  it('is walked the same way with the keyboard, focus landing on what is new', async () => {
    const { page } = await open('/')
    await page.locator('.summary-answer').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content')
    await page.keyboard.press('Enter')
    for (let pressed = 0; pressed < 20; pressed++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate('document.activeElement.textContent')) === 'Checkout works') break
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Checkout works' }).waitFor()
    await page.waitForFunction('document.activeElement.tagName === "H1"')
    await page.locator('.ranges a[aria-current]', { hasText: '6h' }).waitFor()
    await page.getByRole('link', { name: 'last 7 days' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('.ranges a[aria-current]', { hasText: '7d' }).waitFor()
    await page.getByLabel('Layer').focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('heading', { name: 'SLI by availability zone' }).waitFor()
    await page.waitForFunction('document.activeElement.id === "layer"')
  })

  it('updates by itself and leaves focus, scrolling and what is typed alone', async () => {
    const clock = createStandingClock()
    const moving = await startApi({ clock, reports: createFixtureReports(clock), refreshSeconds: 1 })
    const { page } = await open('/', wide, moving)
    const link = page.getByRole('link', { name: 'Cart answers quickly' })
    await link.focus()
    const burnRate = page.locator('tbody tr', { hasText: 'Checkout works' }).locator('td').nth(3)
    const before = await burnRate.textContent()
    await page.evaluate('document.activeElement.marked = true')
    clock.advance(300_000)
    await page.clock.runFor(1500)
    await expect.poll(() => burnRate.textContent(), { timeout: 30_000 }).not.toBe(before)
    expect(await page.evaluate('document.activeElement.marked')).toBe(true)
    await moving.close()
  })

  it('answers for a month, from the list, with its incidents, and for the month before', async () => {
    const under = await open('/')
    const { page } = under
    await page.getByRole('link', { name: 'How was this month?' }).click()
    await page.getByRole('heading', { level: 1, name: /^Did we keep our promises\? November 2026/ }).waitFor()
    expect(await page.locator('.summary-answer').textContent()).toBe('No, 1 of 5 promises was missed.')
    expect(await page.locator('.summary-worst').textContent()).toMatch(
      /^Of 1 promise nothing was counted\. Compared with October 2026: 0 better, 5 worse, 0 as before; 3 pages instead of 5\.$/,
    )
    const rows = page.getByRole('table', { name: 'Promises, worst budget first' }).locator('tbody tr')
    expect(await rows.first().textContent()).toMatch(/^Payments are fastpaymentsmissed/)
    expect(await rows.last().textContent()).toMatch(/^Refunds workrefundsno data/)
    expect(await page.locator('.period-picture').count()).toBe(5)
    const pages = page.getByRole('table', { name: 'Pages, the dearest first' }).locator('tbody tr')
    expect(await pages.first().textContent()).toMatch(
      /^Checkout works.*36 min, still open31 %since version 2\.14\.0, 92 % in availability zone eu-central-1bon-call$/,
    )
    await shot(under, 'report-light', true)
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'PDF' }).click()
    expect((await saved).suggestedFilename()).toBe('ninefold-2026-11.pdf')
    await page.getByRole('link', { name: '← October 2026' }).click()
    await page.getByRole('heading', { level: 1, name: /October 2026/ }).waitFor()
    expect(new URL(page.url()).search).toBe('?period=2026-10')
    await page.getByRole('link', { name: 'November 2026 →' }).waitFor()
    await page.goto(address('/report?period=2026-13'))
    await page.getByText('2026-13 is no period').waitFor()
    expect(under.troubles.filter(trouble => !trouble.includes('400'))).toEqual([])
  })

  it('keeps filters in the address, so that a view can be sent to somebody', async () => {
    const { page } = await open('/?status=healthy&service=storefront')
    await page.locator('#main tbody tr').first().waitFor()
    expect(await page.locator('#main tbody th a').allTextContents()).toEqual(['Shop opens', 'Pages are fast'])
    await page.getByLabel('Search promises').fill('fast')
    await page.waitForURL(/q=fast/)
    const named = () => page.locator('#main tbody th a').allTextContents()
    await expect.poll(named, { timeout: 30_000 }).toEqual(['Pages are fast'])
    await page.getByLabel('Search promises').fill('nothing like this')
    await page.getByText('No promise matches the filters.').waitFor()
  })
})
