import { describe, expect, it } from 'vitest'
import { advanceSlo, type SloEpisodes } from '../../../compute/alerts/slo-alerts.ts'
import { statusFrom } from '../../../compute/budget/slo-status.ts'
import { neededWindows, periodsAt } from '../../../compute/budget/windows.ts'
import type { Slo } from '../../../slo-specs/schema/model.ts'
import { sampleSlo } from '../budget/sample-slo.ts'

const minute = 60_000
const start = Date.parse('2026-11-23T10:00:00Z')

/** Bad events per 100,000 in windows up to an hour, and in longer ones. */
interface Weather {
  readonly fast: number
  readonly slow: number
  readonly lastDataAgoMs?: number
}
const calm: Weather = { fast: 0, slow: 0 }

function step(before: SloEpisodes, slo: Slo, weather: Weather, atMinute: number) {
  const nowMs = start + atMinute * minute
  const sums = neededWindows(slo, periodsAt(nowMs)).map(windowSeconds => ({
    windowSeconds,
    valid: 100_000n,
    good: 100_000n - BigInt(windowSeconds <= 3600 ? weather.fast : weather.slow),
    coverage: 1,
  }))
  return advanceSlo(before, slo, statusFrom(slo, sums, nowMs), nowMs - (weather.lastDataAgoMs ?? 0), nowMs)
}

/** What was told, minute by minute. */
function story(weathers: readonly Weather[], slo = sampleSlo()) {
  let episodes: SloEpisodes = {}
  const told: string[] = []
  weathers.forEach((weather, index) => {
    const next = step(episodes, slo, weather, index)
    episodes = next.episodes
    for (const { action, episode } of next.notices) told.push(`${index} ${action} ${episode.severity}`)
  })
  return { told, episodes }
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('the alerts of an SLO', () => {
  it('page for a fast burn and resolve by themselves', () => {
    const { told } = story([calm, ...times(3, { fast: 2000, slow: 0 }), ...times(7, calm)])
    expect(told).toEqual(['1 trigger page', '9 resolve page'])
  })

  it('open a ticket for a slow burn', () => {
    expect(story([{ fast: 400, slow: 400 }]).told).toEqual(['0 trigger ticket'])
  })

  it('tell of the page only when both burn, and of the ticket when the page is over and it still burns', () => {
    const both = { fast: 2000, slow: 800 }
    const { told, episodes } = story([...times(2, both), ...times(8, { fast: 100, slow: 400 })])
    expect(told).toEqual(['0 trigger page', '7 resolve page', '7 trigger ticket'])
    expect(episodes.ticket).toMatchObject({ state: 'firing', inhibited: false })
  })

  it('never tell of a ticket that begins and ends under a page', () => {
    const seven = sampleSlo()
    const { told, episodes } = story([{ fast: 2000, slow: 800 }, ...times(8, { fast: 2000, slow: 0 })], seven)
    expect(told).toEqual(['0 trigger page'])
    expect(episodes.ticket).toMatchObject({ state: 'resolved', inhibited: true })
  })

  it('resolve a ticket that was told before the page fired', () => {
    const { told } = story([{ fast: 400, slow: 400 }, { fast: 2000, slow: 400 }, ...times(8, calm)])
    expect(told).toEqual(['0 trigger ticket', '1 trigger page', '7 resolve page', '7 resolve ticket'])
  })

  it('end with the rules that made them', () => {
    const { episodes } = story([{ fast: 2000, slow: 0 }])
    const { notices, episodes: after } = step(episodes, sampleSlo({ alerts: [] }), { fast: 2000, slow: 0 }, 1)
    expect(notices).toMatchObject([{ action: 'resolve', episode: { severity: 'page' } }])
    expect(after.page?.state).toBe('resolved')
  })

  it('list what changed, a cancelled pending one as inactive', () => {
    const waits = sampleSlo()
    const slo = { ...waits, alerts: waits.alerts.map(rule => ({ ...rule, alertAfterSeconds: 600 })) }
    const first = step({}, slo, { fast: 2000, slow: 0 }, 0)
    expect(first.changes).toMatchObject([{ transitions: ['pending'], episode: { state: 'pending' } }])
    const second = step(first.episodes, slo, calm, 1)
    expect(second.changes).toMatchObject([{ transitions: ['cancelled'], episode: { state: 'inactive' } }])
    expect(second.episodes.page).toBeUndefined()
  })
})

describe('the no-data alert', () => {
  const silent = (minutes: number): Weather => ({ ...calm, lastDataAgoMs: minutes * minute })

  it('opens after ten minutes of silence and ends when data is back', () => {
    const { told } = story([silent(9), silent(10), silent(11), silent(0), silent(1)])
    expect(told).toEqual(['1 trigger no-data', '3 resolve no-data'])
  })

  it('says nothing of a signal that never had data, nor when nobody wants to hear of it', () => {
    const slo = sampleSlo()
    const none = statusFrom(slo, [], start)
    expect(advanceSlo({}, slo, none, null, start)).toEqual({ episodes: {}, changes: [], notices: [] })
    expect(story([silent(600)], sampleSlo({ noDataAfterSeconds: 0 })).told).toEqual([])
  })

  it('leaves a burn alert that was firing as it was', () => {
    const slo = sampleSlo()
    const { episodes } = story([{ fast: 2000, slow: 0 }], slo)
    const nowMs = start + 30 * minute
    const after = advanceSlo(episodes, slo, statusFrom(slo, [], nowMs), nowMs - 30 * minute, nowMs)
    expect(after.notices).toMatchObject([{ action: 'trigger', episode: { severity: 'no-data' } }])
    expect(after.episodes.page).toMatchObject({ state: 'firing', frozen: true })
  })
})
