import type { BrowserContextOptions } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startApi } from '../api/api-under-test.ts'
import { findBarriers } from './accessibility.ts'
import { narrow, shot, useViewer, wide } from './viewer-under-test.ts'

/** Whether everybody can use it: each page in each look. */

const { open } = useViewer()

describe('viewer', () => {
  it.each([
    ['the list', '/', 'promises'],
    ['an SLO', '/slos/checkout-availability?range=7d&layer=availability_zone', 'slo'],
    ['ratios', '/ratios', 'ratios'],
    ['a ratio', '/ratios/items-per-order', 'ratio'],
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
    // A page that is drawn again is whole again.
    const still = await startApi({ refreshSeconds: 3600 })
    const { page } = await open('/alerts', wide, still)
    await page.locator('.episode').first().waitFor()
    await page.evaluate(`document.querySelector('h1').remove()
      document.querySelector('.note').style.color = '#999'
      document.querySelector('.brand').removeAttribute('aria-label')
      document.querySelector('.brand').replaceChildren()`)
    expect((await findBarriers(page)).join('; ')).toMatch(/nameless A; not exactly one title; .*contrast of 2\./)
    await still.close()
  })
})
