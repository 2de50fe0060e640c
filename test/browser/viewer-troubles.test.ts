import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createStandingClock, startApi, storeDown } from '../api/api-under-test.ts'
import { createFixtureReports } from '../api/fixture-reports.ts'
import { freePorts } from '../factories/ninefold.ts'
import { findBarriers } from './accessibility.ts'
import { shot, useViewer, wide } from './viewer-under-test.ts'

/** What it says and does when something is wrong: with the API, the store, a reader's token, or what somebody wrote. */

const { open } = useViewer()

describe('viewer', () => {
  it('says that the numbers are old when the API goes away, and recovers by itself', async () => {
    const [port = 0] = await freePorts(1)
    const first = await startApi({ refreshSeconds: 1 }, port)
    const under = await open('/', wide, first)
    const { page } = under
    await page.locator('.summary-answer').waitFor()
    await first.close()
    await page.clock.runFor(1500)
    await page.getByRole('status').filter({ hasText: 'Ninefold cannot be reached.' }).waitFor()
    expect(await page.locator('.summary-answer').textContent()).toMatch(/^4 of 5 kept/)
    expect(await findBarriers(page)).toEqual([])
    await shot(under, 'not-reachable')
    const again = await startApi({ refreshSeconds: 1 }, port)
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

  it('asks for a trend that cannot be read once, not again and again', async () => {
    const reports = createFixtureReports(createStandingClock())
    let asked = 0
    const history = () => {
      asked++
      return Promise.reject(storeDown())
    }
    const failing = await startApi({ reports: { ...reports, history } })
    const { page } = await open('/', wide, failing)
    await expect.poll(() => asked, { timeout: 60_000 }).toBe(6)
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
    // A link sends no token.
    await page.goto(new URL('/report?period=2026-11&timeZone=UTC', locked.url).href)
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'PDF' }).click()
    const file = await saved
    expect(file.suggestedFilename()).toBe('ninefold-2026-11.pdf')
    expect(readFileSync(await file.path(), 'latin1')).toMatch(/^%PDF-1\.7/)
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
