import { request } from 'node:http'
import type { DeadLetterSummary, PipelineHealth } from '../../api/routes/pipeline.ts'
import { type ApiOptions, createApi, type Listening } from '../../api/server.ts'
import { systemClock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createFixtureRatios } from './fixture-ratios.ts'
import { createFixtureReports } from './fixture-reports.ts'
import { fixtureSpecs } from './fixture-specs.ts'

export const noon = Date.UTC(2026, 10, 23, 12, 0, 0)

/** A clock that stands still at noon unless moved. */
export function createStandingClock(nowMs = noon) {
  let now = nowMs
  const { sleep } = systemClock
  const advance = (milliseconds: number) => {
    now += milliseconds
  }
  return { now: () => now, sleep, advance }
}

export const fixtureHealth: PipelineHealth = {
  bus: { bytesInFlight: 0, lagBytes: 18_432, lagRecords: 3 },
  sink: {
    batches: 18_204,
    records: 412_377,
    bytes: 1_902_334_112,
    deadLetters: 1,
    failures: 0,
    dropped: 0,
    waiting: [],
    gaps: [],
    lastDelayMs: 412,
    lastStoredAt: new Date(noon - 400).toISOString(),
  },
  evaluation: {
    ticks: 51_233,
    lastTickAt: new Date(noon - 1200).toISOString(),
    lastTickMs: 41.7,
    failedTicks: 0,
    historyLeft: 0,
    historyBackTo: null,
  },
  store: { kind: 'embedded', version: '26.7.2.1' },
  specs: { revision: fixtureSpecs.revision, slos: fixtureSpecs.slos.length, findings: [] },
  uptimeSeconds: 93_784,
  rssBytes: 412_000_000,
  elsewhere: [],
}

const letter: DeadLetterSummary = {
  id: 'otlp_spans-0-4711',
  topic: 'otlp_spans',
  offset: 2n ** 53n + 1n,
  reason: 'poison-payload',
  message: 'the engine refused the payload',
  source: '127.0.0.1',
  receivedAtMs: noon - 7_200_000,
  quarantinedAtMs: noon - 7_199_000,
  state: 'quarantined',
  bytes: 512,
}

const budgetPanel = {
  id: 2,
  title: 'Budgets',
  description: 'Left',
  unit: 'percentunit',
  report: { kind: 'budgets' },
} as const
const overview = { uid: 'ninefold-overview', title: 'SLO overview', panels: [] }

/** What the composition root would pass; each part can be replaced. */
export function fixtureOptions(overrides: Partial<ApiOptions> = {}): ApiOptions {
  const clock = overrides.clock ?? createStandingClock()
  return {
    reports: createFixtureReports(clock),
    ratios: createFixtureRatios(clock),
    pipeline: () => fixtureHealth,
    deadLetters: {
      list: async limit => [letter].slice(0, limit),
      show: async id => (id === letter.id ? { ...letter, payload: Buffer.from('payload') } : undefined),
      replay: async id => id === letter.id,
    },
    dashboards: {
      list: () => [
        { uid: 'ninefold-overview', title: 'SLO overview', description: 'All', panels: [budgetPanel], json: overview },
      ],
      read: async (_report, { range }) => ({
        columns: [
          { name: 'time', type: 'time' },
          { name: 'rows', type: 'count' },
        ],
        rows: [[range.fromMs, 2n ** 60n]],
        stepSeconds: 60,
        omitted: 0,
      }),
    },
    readiness: async () => [{ part: 'store', ready: true, reason: '' }],
    tokens: null,
    version: '0.0.0-test',
    clock,
    logger: silentLogger,
    ...overrides,
  }
}

export function startApi(overrides: Partial<ApiOptions> = {}, port = 0): Promise<Listening> {
  return createApi(fixtureOptions(overrides)).listen('127.0.0.1', port)
}

export const storeDown = () => new NinefoldError('STORE_UNAVAILABLE', 'the store does not answer')

/** The status of a request with exactly these headers: fetch sets some of its own and refuses others. */
export function statusWith(
  api: Listening,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: api.port, path, headers, method }, response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject).end()
  })
}
