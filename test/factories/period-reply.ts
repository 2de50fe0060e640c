import type { PeriodReply } from '../../api/schemas/period-replies.ts'

/** A month as the API answers: one promise missed by a hair, one kept, one without data; hostile texts where people write texts. */
const evil = '</td><script>alert(1)</script>|`*\u001b[31m'
export const keptPromise = (name: string, more: Partial<PeriodReply['slos'][number]>): PeriodReply['slos'][number] => ({
  ...{
    name,
    displayName: '',
    service: 'shop',
    objective: 0.999,
    objectiveText: '0.999',
    budgetingMethod: 'Occurrences',
  },
  ...{
    good: 9990,
    valid: 10_000,
    sli: 0.999,
    coverage: 1,
    data: { from: '2026-10-31T23:00:00.000Z', to: '2026-11-27T12:00:00.000Z' },
    inconsistent: false,
    revision: 'r1',
    retained: true,
    kept: true,
  },
  errorBudget: { allowed: 10, consumed: 10, remaining: 0, remainingRatio: 0 },
  corrections: [],
  ...{ spent: [0.5, 1], trend: 'same', before: { good: 999, valid: 1000, sli: 0.999, remainingRatio: 0 } },
  ...more,
})
export const nothingCounted = { good: 0, valid: 0, sli: null }
export const periodReply: PeriodReply = {
  ...{ period: '2026-11', from: '2026-10-31T23:00:00.000Z', to: '2026-11-30T23:00:00.000Z', timeZone: 'Europe/Berlin' },
  ...{ until: '2026-11-27T12:00:00.000Z', isRunning: true, kept: 1, missed: 1, withoutData: 2, incidentsOmitted: 0 },
  before: { period: '2026-10', from: '2026-09-30T22:00:00.000Z', to: '2026-10-31T23:00:00.000Z', incidents: 3 },
  ...{ revision: '5f0e7c2a91d34b68', partEnds: ['2026-11-14T23:00:00.000Z', '2026-11-27T12:00:00.000Z'] },
  slos: [
    keptPromise('orders', {
      ...{ displayName: `Orders ${evil}`, good: 99_899_999, valid: 100_000_000, sli: 0.99899999, kept: false },
      errorBudget: { allowed: 100_000, consumed: 100_001, remaining: -1, remainingRatio: -0.00001 },
      ...{ spent: [0.2, 1.00001], trend: 'worse' },
      corrections: [
        {
          ...{ name: 'maintenance', description: '', reason: 'Agreed with <all>', approver: 'Grace', occurrences: 1 },
          leavesOut: 'all events, once',
          spans: [{ from: '2026-11-03T01:00:00.000Z', to: '2026-11-03T02:00:00.000Z' }],
        },
      ],
    }),
    keptPromise('checkout', {
      coverage: 0.98,
      data: { from: '2026-11-03T09:00:00.000Z', to: '2026-11-27T12:00:00.000Z' },
    }),
    keptPromise('refunds', {
      ...nothingCounted,
      coverage: 0,
      data: null,
      kept: null,
      spent: [],
      trend: null,
      before: { ...nothingCounted, remainingRatio: null },
    }),
    keptPromise('old', {
      ...nothingCounted,
      coverage: 0,
      data: null,
      kept: null,
      spent: [],
      trend: null,
      retained: false,
    }),
  ],
  incidents: [
    {
      ...{ slo: 'orders', service: 'shop', dedupKey: 'orders/page/2026-11-09T04:04', suspectVersion: '1.5.0' },
      ...{ firedAt: '2026-11-09T04:04:00.000Z', resolvedAt: '2026-11-09T04:39:00.000Z', durationSeconds: 2100 },
      burningLayers: [{ layer: 'availability_zone', value: 'eu-1b', bad: 93, valid: 100, shareOfBad: 0.93 }],
      budgetShare: 0.56901,
      paged: [
        { target: 'on-call', state: 'sent' },
        { target: 'second', state: 'rejected' },
      ],
    },
  ],
  revisions: [
    {
      ...{
        revision: 'abc123',
        appliedAt: '2026-11-20T09:00:00.000Z',
        source: 'apply',
        author: 'Ada',
        commit: '0f1e2d',
      },
      ...{ message: '=HYPERLINK("http://x")', isFirst: false },
      changes: [
        {
          ...{ name: 'orders', kind: 'changed' },
          fields: [{ field: 'objective', before: '0.99', after: '0.999', touches: 'budget' }],
        },
      ],
    },
  ],
  revisionsOmitted: 0,
  evaluatedAt: '2026-11-27T12:00:00.000Z',
}

/** One promise, kept; nothing happened. */
export const quietReply: PeriodReply = {
  ...periodReply,
  kept: 1,
  missed: 0,
  withoutData: 0,
  slos: [keptPromise('checkout', {})],
  incidents: [],
  revisions: [],
}
