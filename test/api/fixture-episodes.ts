import type { AlertEpisode } from '../../compute/alerts/episode.ts'
import type { NotificationRecord } from '../../compute/reports/reports.ts'

const hourMs = 3_600_000
const minuteOf = (milliseconds: number) =>
  new Date(Math.floor(milliseconds / 60_000) * 60_000).toISOString().slice(0, 16)

/** A page that is firing, a ticket it inhibits, and two that are over. */
export function fixtureEpisodes(nowMs: number): AlertEpisode[] {
  const firing = firingPage(nowMs)
  return [
    firing,
    { ...firing, severity: 'ticket', dedupKey: firing.dedupKey.replace('/page/', '/ticket/'), inhibited: true },
    {
      ...firing,
      slo: 'payments-latency',
      service: 'payments',
      state: 'resolved',
      dedupKey: `payments-latency/page/${minuteOf(nowMs - 4.8 * hourMs)}`,
      firedAtMs: nowMs - 4.8 * hourMs,
      resolvedAtMs: nowMs - 1.8 * hourMs,
      suspectVersion: null,
      burningLayers: [],
      budgetRemainingRatio: 0.112,
    },
    {
      ...firing,
      state: 'resolved',
      dedupKey: `checkout-availability/page/${minuteOf(nowMs - 133.9 * hourMs)}`,
      firedAtMs: nowMs - 133.9 * hourMs,
      resolvedAtMs: nowMs - 129.8 * hourMs,
      suspectVersion: '2.13.2',
    },
  ]
}

function firingPage(nowMs: number): AlertEpisode {
  const firedAtMs = nowMs - 0.6 * hourMs
  const condition = { longGood: 137_412n, longValid: 144_000n, longWindowSeconds: 3600, shortWindowSeconds: 300 }
  return {
    slo: 'checkout-availability',
    service: 'checkout',
    severity: 'page',
    state: 'firing',
    dedupKey: `checkout-availability/page/${minuteOf(firedAtMs)}`,
    pendingSinceMs: firedAtMs,
    firedAtMs,
    resolvedAtMs: null,
    quietSinceMs: null,
    frozen: false,
    evidence: [{ condition: 'burn-1h', threshold: 14.4, longBurnRate: 45.75, shortBurnRate: 60.2, ...condition }],
    budgetRemainingRatio: 0.4213,
    burningLayers: [
      { layer: 'availability_zone', value: 'eu-central-1b', bad: 6122n, valid: 43_200n, shareOfBad: 0.9293 },
      { layer: 'region', value: 'eu-central-1', bad: 6331n, valid: 86_400n, shareOfBad: 0.961 },
    ],
    suspectVersion: '2.14.0',
    inhibited: false,
  }
}

export function fixtureNotifications(nowMs: number): NotificationRecord[] {
  const [page, , over] = fixtureEpisodes(nowMs)
  if (page === undefined || over === undefined) return []
  const payload = {
    summary: 'Checkout works (checkout) burns its error budget 45.8 times too fast over 1 h, since version 2.14.0',
    source: 'checkout',
    severity: 'critical',
  }
  const base = { severity: 'page', target: 'on-call', state: 'sent', attempts: 1, lastError: '' } as const
  const record = (episode: AlertEpisode, action: 'trigger' | 'resolve', atMs: number): NotificationRecord => ({
    ...base,
    id: `${episode.dedupKey}/on-call/${action}`,
    slo: episode.slo,
    action,
    dedupKey: episode.dedupKey,
    createdAtMs: atMs,
    sentAtMs: atMs + 180,
    body: JSON.stringify({ routing_key: '***', event_action: action, dedup_key: episode.dedupKey, payload }),
  })
  return [
    record(page, 'trigger', page.firedAtMs ?? nowMs),
    record(over, 'resolve', over.resolvedAtMs ?? nowMs),
    record(over, 'trigger', over.firedAtMs ?? nowMs),
  ]
}
