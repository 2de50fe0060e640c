import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Listening } from '../../api/server.ts'
import { createStandingClock, noon, startApi, storeDown } from '../api/api-under-test.ts'
import { createFixtureReports } from '../api/fixture-reports.ts'
import { type BrowserUnderTest, launchBrowser, type PageUnderTest } from '../factories/browser.ts'
import { findBarriers } from './accessibility.ts'

/** `NINEFOLD_SCREENSHOTS=docs/screenshots npm run browser` renews the ones of the docs, which are looked at before they are committed. */
const screenshots = process.env.NINEFOLD_SCREENSHOTS ?? join(tmpdir(), 'ninefold-screenshots')
const wide = { viewport: { width: 1280, height: 860 } }
const narrow = { viewport: { width: 360, height: 780 } }

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
async function open(path: string, options: BrowserContextOptions = wide, from = api) {
  const under = await browser.open(options)
  opened.push(under)
  await under.page.clock.install({ time: noon })
  await under.page.goto(new URL(path, from.url).href)
  return under
}

async function shot(under: PageUnderTest, name: string, fullPage = false): Promise<void> {
  // The banner sticks to where the page was scrolled; a picture of the whole page begins at its top.
  if (fullPage) await under.page.evaluate('scrollTo(0, 0)')
  await under.page.screenshot({ path: join(screenshots, `${name}.png`), fullPage })
}

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
    expect(await page.evaluate('document.activeElement.id')).toBe('layer')
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
    await expect.poll(() => burnRate.textContent()).not.toBe(before)
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
    await page.getByRole('link', { name: '← October 2026' }).click()
    await page.getByRole('heading', { level: 1, name: /October 2026/ }).waitFor()
    expect(new URL(page.url()).search).toBe('?period=2026-10')
    await page.getByRole('link', { name: 'November 2026 →' }).waitFor()
    await page.goto(new URL('/report?period=2026-13', api.url).href)
    await page.getByText('2026-13 is no period').waitFor()
    expect(under.troubles.filter(trouble => !trouble.includes('400'))).toEqual([])
  })

  it('keeps filters in the address, so that a view can be sent to somebody', async () => {
    const { page } = await open('/?status=healthy&service=storefront')
    await page.locator('#main tbody tr').first().waitFor()
    expect(await page.locator('#main tbody th a').allTextContents()).toEqual(['Shop opens', 'Pages are fast'])
    await page.getByLabel('Search promises').fill('fast')
    await page.waitForURL(/q=fast/)
    expect(await page.locator('#main tbody th a').allTextContents()).toEqual(['Pages are fast'])
    await page.getByLabel('Search promises').fill('nothing like this')
    await page.getByText('No promise matches the filters.').waitFor()
  })

  it.each([
    ['the list', '/', 'promises'],
    ['an SLO', '/slos/checkout-availability?range=7d&layer=availability_zone', 'slo'],
    ['a report', '/report?period=2026-11&timeZone=Europe/Berlin', 'report'],
    ['alerts', '/alerts', 'alerts'],
    ['the pipeline', '/pipeline', 'pipeline'],
    ['dashboards', '/dashboards', 'dashboards'],
  ])('has no barriers on %s, dark or light, wide or narrow', async (_, path, name) => {
    const looks: [string, BrowserContextOptions][] = [
      ['light', wide],
      ['dark', { ...wide, colorScheme: 'dark' }],
      ['narrow', narrow],
    ]
    for (const [look, options] of looks) {
      const under = await open(path, options)
      await under.page.locator('#main h1').waitFor()
      await under.page.locator('#main').locator('table, .panel').first().waitFor()
      expect(await findBarriers(under.page), look).toEqual([])
      if (look === 'dark' || look === 'narrow') await shot(under, `${name}-${look}`)
      expect(under.troubles, look).toEqual([])
    }
  })

  it('is found wanting by the check for barriers when it is spoilt', async () => {
    const { page } = await open('/alerts')
    await page.locator('.episode').first().waitFor()
    await page.evaluate(`document.querySelector('h1').remove()
      document.querySelector('.note').style.color = '#999'
      document.querySelector('.brand').removeAttribute('aria-label')
      document.querySelector('.brand').replaceChildren()`)
    expect((await findBarriers(page)).join('; ')).toMatch(/nameless A; not exactly one title; .*contrast of 2\./)
  })

  it('says that the numbers are old when the API goes away, and recovers by itself', async () => {
    const first = await startApi({ refreshSeconds: 1 })
    const under = await open('/', wide, first)
    const { page } = under
    await page.locator('.summary-answer').waitFor()
    await first.close()
    await page.clock.runFor(1500)
    await page.getByRole('status').filter({ hasText: 'Ninefold cannot be reached.' }).waitFor()
    expect(await page.locator('.summary-answer').textContent()).toMatch(/^4 of 5 kept/)
    expect(await findBarriers(page)).toEqual([])
    await shot(under, 'not-reachable')
    const again = await startApi({ refreshSeconds: 1 }, first.port)
    await page.clock.runFor(1500)
    await page.locator('.freshness', { hasText: 'Live' }).waitFor()
    expect(await page.locator('#notice').textContent()).toBe('')
    await again.close()
  })

  it('says what to do when there are no SLOs, no data, no such SLO, or no store', async () => {
    const reports = createFixtureReports(createStandingClock())
    const empty = await startApi({ reports: { ...reports, listStatuses: async () => [] } })
    const { page } = await open('/', wide, empty)
    await page.getByText('No SLOs are defined yet.').waitFor()
    expect(await page.locator('.empty').textContent()).toContain('ninefold validate')
    await empty.close()

    const silent = await open('/slos/refunds-availability')
    await silent.page.getByText('No events in the last 6 hours.').waitFor()
    const unknown = await open('/slos/unknown')
    await unknown.page.getByText('There is no such promise or page.').waitFor()
    const nowhere = await open('/nowhere')
    await nowhere.page.getByText('There is no such promise or page.').waitFor()

    const down = await startApi({ reports: { ...reports, listStatuses: () => Promise.reject(storeDown()) } })
    const broken = await open('/', wide, down)
    await broken.page.getByText('Ninefold answers, but not with numbers.').waitFor()
    expect(await broken.page.locator('.empty').textContent()).toContain('STORE_UNAVAILABLE')
    await down.close()
  })

  it('names a promise that burns as the worst, not a healthy one with less of its budget left', async () => {
    const reports = createFixtureReports(createStandingClock())
    const [first, second, ...rest] = (await reports.listStatuses()).filter(
      ({ errorBudget: { remainingRatio } }) => remainingRatio > 0,
    )
    if (first === undefined || second === undefined) throw new Error('the fixture has kept promises')
    const statuses = [
      { ...first, status: 'healthy' as const },
      { ...second, status: 'burning' as const },
      ...rest.map(status => ({ ...status, status: 'healthy' as const })),
    ]
    const mixed = await startApi({ reports: { ...reports, listStatuses: async () => statuses } })
    const { page } = await open('/', wide, mixed)
    await page.getByText(/^Yes, all \d are kept/).waitFor()
    const named = reports.specs().slos.find(({ name }) => name === second.name)?.displayName
    expect(await page.locator('.summary-worst a').textContent()).toBe(named)
    await mixed.close()
  })

  it('says why nobody is told of a burn that may be chance', async () => {
    const reports = createFixtureReports(createStandingClock())
    const status = await reports.status('checkout-availability')
    if (status === undefined) throw new Error('the fixture has this SLO')
    // One of sixty requests failed: 16.7 times too fast, and no evidence of anything.
    const few = { good: 59n, valid: 60n, rate: 1 / 60 / (1 - status.objective) }
    const quiet = { ...status, burnRates: status.burnRates.map(burn => ({ ...burn, ...few })) }
    const luck = await startApi({ reports: { ...reports, status: async () => quiet } })
    const { page } = await open('/slos/checkout-availability', wide, luck)
    const rows = page.getByRole('table', { name: 'Alert conditions now' }).locator('tbody tr')
    await rows.first().waitFor()
    for (const text of await rows.allTextContents()) expect(text).toMatch(/fast enough, but may be chance$/)
    await luck.close()
  })

  it('says how many measurements a histogram leaves open', async () => {
    const { page } = await open('/slos/payments-latency')
    const note = page.getByText(/at least 9,800 and at most 9,950 were good/)
    await note.waitFor()
    expect(await note.textContent()).toContain('Of the last day’s 10,000 measurements')
  })

  it('asks for a trend that cannot be read once, not again and again', async () => {
    const reports = createFixtureReports(createStandingClock())
    let asked = 0
    const history = () => {
      asked++
      return Promise.reject(storeDown())
    }
    const failing = await startApi({ reports: { ...reports, history } })
    const { page } = await open('/', wide, failing)
    await expect.poll(() => asked).toBe(6)
    await page.clock.runFor(30_000)
    await page.getByRole('link', { name: 'Refunds work' }).waitFor()
    expect(asked).toBe(6)
    await failing.close()
  })

  it('asks for a token where one is needed, and goes on with it', async () => {
    const locked = await startApi({ tokens: ['right-token'] })
    const { page } = await open('/', wide, locked)
    await page.getByLabel('Token').fill('right-token')
    await page.getByRole('button', { name: 'Use it' }).click()
    await page.locator('.summary-answer').waitFor()
    await locked.close()
  })

  it('runs nothing that a name or a text of somebody carries', async () => {
    const reports = createFixtureReports(createStandingClock())
    const evil = '<img src=x onerror="window.hacked=1">'
    const statuses = (await reports.listStatuses()).map(status => ({ ...status, name: evil, service: evil }))
    const odd = await startApi({ reports: { ...reports, listStatuses: async () => statuses } })
    const { page } = await open('/', wide, odd)
    await page.getByRole('link', { name: evil }).first().waitFor()
    await page.clock.runFor(1000)
    expect(await page.evaluate('"hacked" in window')).toBe(false)
    await odd.close()
  })
})
