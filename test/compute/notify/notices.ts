import type { AlertEpisode } from '../../../compute/alerts/episode.ts'
import type { Notice } from '../../../compute/alerts/notice.ts'

const firedAtMs = Date.parse('2026-11-20T10:04:30Z')

const burning: AlertEpisode = {
  slo: 'checkout-availability',
  service: 'checkout',
  severity: 'page',
  state: 'firing',
  dedupKey: 'checkout-availability/page/2026-11-20T10:04Z',
  pendingSinceMs: firedAtMs,
  firedAtMs,
  resolvedAtMs: null,
  quietSinceMs: null,
  frozen: false,
  evidence: [
    {
      condition: 'page-1h',
      threshold: 14.4,
      longWindowSeconds: 3600,
      longBurnRate: 21.04,
      longGood: 97_896n,
      longValid: 100_000n,
      shortWindowSeconds: 300,
      shortBurnRate: 88.5,
    },
  ],
  budgetRemainingRatio: 0.31,
  burningLayers: [
    { layer: 'availability_zone', value: 'eu-1a', bad: 1990n, valid: 30_000n, shareOfBad: 1990 / 2104 },
    { layer: 'region', value: 'eu-1', bad: 2104n, valid: 60_000n, shareOfBad: 1 },
  ],
  suspectVersion: '2.4.0',
  inhibited: false,
}

export function noticeOf(change: Partial<Notice> = {}, episode: Partial<AlertEpisode> = {}): Notice {
  return {
    action: 'trigger',
    episode: { ...burning, ...episode },
    sloDisplayName: 'Checkout availability',
    objectiveText: '0.999',
    windowText: '30d',
    sli: 0.9987,
    budgetRemainingRatio: -0.3005,
    runbook: 'https://runbooks.example.com/checkout',
    createdAtMs: firedAtMs,
    ...change,
  }
}
