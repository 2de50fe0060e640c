import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPrometheusSource } from '../../../compute/sources/prometheus.ts'
import { NinefoldError } from '../../../lib/errors.ts'
import type { QueriedIndicator, QueryMeaning, QuerySource } from '../../../slo-specs/schema/model.ts'
import { type RunningPrometheus, startPrometheus } from '../../factories/prometheus.ts'

const begin = Math.floor(Date.now() / 3_600_000) * 3600 - 4 * 3600
let prometheus: RunningPrometheus
let folder: string

beforeAll(async () => {
  const samples = Array.from({ length: 60 }, (_, minute) => {
    const at = begin + minute * 60
    return [`requests_total{pod="a"} ${minute * 10} ${at}`, `requests_total{pod="b"} ${minute * 3} ${at}`]
  })
  const gauges = Array.from(
    { length: 60 },
    (_, minute) => `latency ${minute % 2 === 0 ? 0.2 : 0.4} ${begin + minute * 60}`,
  )
  const text = ['# TYPE requests counter', ...samples.flat(), '# TYPE latency gauge', ...gauges, '# EOF', ''].join('\n')
  // The password is `test`.
  const basicAuth = 'slo: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay'
  prometheus = await startPrometheus(text, { basicAuth })
  folder = mkdtempSync(join(tmpdir(), 'ninefold-secrets-'))
  writeFileSync(join(folder, 'prometheus-password'), 'test\n')
  writeFileSync(join(folder, 'other'), 'wrong\n')
})
afterAll(async () => {
  await prometheus.close()
  rmSync(folder, { recursive: true, force: true })
})

const signal = new AbortController().signal
const span = { from: begin + 600, to: begin + 1200 }

function indicatorOf(
  meaning: QueryMeaning,
  source: Partial<Extract<QuerySource, { type: 'prometheus' }>> = {},
): QueriedIndicator {
  const secret = { username: 'slo', passwordSecret: 'prometheus-password' }
  return {
    kind: 'queried',
    name: 'asked',
    signal: 'prometheus/x',
    source: { type: 'prometheus', name: 'main', url: prometheus.url, ...secret, ...source },
    meaning,
    layerLabels: { pod: 'pod' },
  }
}
const counters: QueryMeaning = {
  kind: 'counts',
  total: 'requests_total',
  part: 'requests_total{pod="b"}',
  partIs: 'bad',
  isCounter: true,
}
const threshold = (query: string): QueryMeaning => ({ kind: 'threshold', query, comparison: '<', value: 0.3 })
const sourceOf = (options = {}) =>
  createPrometheusSource({ allowHosts: [prometheus.host], secretsDirectory: folder, timeoutMs: 10_000, ...options })

async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  return error instanceof NinefoldError ? error.code : `no error of ours: ${error}`
}

describe('a real Prometheus', () => {
  it('is asked with its password, and counts by minute and layer', async () => {
    const { covered, counts } = await sourceOf().pull(indicatorOf(counters), span, signal)
    expect(covered).toEqual(Array.from({ length: 10 }, (_, index) => span.from + index * 60))
    expect(counts).toHaveLength(20)
    expect(counts.filter(({ minute }) => minute === span.from)).toEqual([
      { minute: span.from, layers: { pod: 'a' }, good: 10n, valid: 10n },
      { minute: span.from, layers: { pod: 'b' }, good: 0n, valid: 3n },
    ])
  })

  it('answers for values and functions', async () => {
    const { counts } = await sourceOf().pull(indicatorOf(threshold('latency')), span, signal)
    expect(counts.map(({ good }) => Number(good))).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
  })

  it('leaves out minutes before its data instead of calling them empty', async () => {
    const early = { from: begin - 1200, to: begin + 120 }
    expect((await sourceOf().pull(indicatorOf(counters), early, signal)).covered).toEqual([begin, begin + 60])
  })

  it('refuses a wrong query, a wrong password and an answer that is too large, each by its code', async () => {
    const asked = sourceOf()
    expect(await codeOf(asked.pull(indicatorOf(threshold('sum(latency')), span, signal))).toBe('SOURCE_REFUSED')
    expect(await codeOf(asked.pull(indicatorOf(counters, { passwordSecret: 'other' }), span, signal))).toBe(
      'SOURCE_REFUSED',
    )
    expect(await codeOf(sourceOf({ mostSamples: 5 }).pull(indicatorOf(counters), span, signal))).toBe(
      'SOURCE_TOO_LARGE',
    )
  })

  it('is not asked when it is private and nobody allowed it, nor told a secret then', async () => {
    const open = { url: 'https://192.0.2.1' }
    const asked = sourceOf({ allowHosts: [] })
    const { username: _, passwordSecret: __, ...withoutSecret } = indicatorOf(counters).source as Record<string, string>
    const plain = { ...indicatorOf(counters), source: withoutSecret as unknown as QuerySource }
    expect(await codeOf(asked.pull(plain, span, signal))).toBe('SOURCE_UNSAFE_URL')
    expect(await codeOf(asked.pull(indicatorOf(counters, open), span, signal))).toBe('SOURCE_SECRET')
    expect(await codeOf(sourceOf({ secretsDirectory: null }).pull(indicatorOf(counters), span, signal))).toBe(
      'SOURCE_SECRET',
    )
    expect(await codeOf(sourceOf().pull(indicatorOf(counters, { passwordSecret: 'gone' }), span, signal))).toBe(
      'SOURCE_SECRET',
    )
  })
})

describe('what only looks like a Prometheus', () => {
  let server: Server
  let reply = { status: 200, body: '', endless: false }
  let host: string
  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(reply.status, { location: 'http://127.0.0.1:1/' })
      if (!reply.endless) return response.end(reply.body)
      const chunk = Buffer.alloc(1_000_000, 32)
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise(resolve => server.close(resolve)))

  const matrix = (result: string, more = '') =>
    `{"status":"success","data":{"resultType":"matrix","result":${result}}${more}}`
  const ask = (url = `http://${host}`) => {
    const indicator = { ...indicatorOf(threshold('q')), source: { type: 'prometheus', name: 'fake', url } as const }
    return createPrometheusSource({
      allowHosts: [host, '127.0.0.1:1'],
      secretsDirectory: null,
      timeoutMs: 20_000,
    }).pull(indicator, span, signal)
  }

  it.each([
    ['a partial answer', 200, matrix('[]', ',"warnings":["one store did not answer"]'), 'SOURCE_PARTIAL'],
    ['an overloaded server', 503, 'later', 'SOURCE_UNREACHABLE'],
    [
      'a timeout of its own',
      503,
      '{"status":"error","errorType":"timeout","error":"query timed out"}',
      'SOURCE_UNREACHABLE',
    ],
    ['a redirect', 302, '', 'SOURCE_REFUSED'],
    ['another program', 200, '<html>', 'SOURCE_BAD_ANSWER'],
    ['a vector', 200, '{"status":"success","data":{"resultType":"vector","result":[]}}', 'SOURCE_BAD_ANSWER'],
  ])('%s counts nothing', async (_, status, body, code) => {
    reply = { status, body, endless: false }
    expect(await codeOf(ask())).toBe(code)
  })

  it('an endless answer is cut off, and nobody at all is no answer', async () => {
    reply = { status: 200, body: '', endless: true }
    expect(['SOURCE_TOO_LARGE', 'SOURCE_UNREACHABLE']).toContain(await codeOf(ask()))
    expect(await codeOf(ask('http://127.0.0.1:1'))).toBe('SOURCE_UNREACHABLE')
  })

  it('samples that are no numbers are missing', async () => {
    reply = {
      status: 200,
      body: matrix(`[{"metric":{},"values":[[${span.from + 60},"NaN"],[${span.from + 120},"1e-1"]]}]`),
      endless: false,
    }
    expect((await ask()).covered).toEqual([span.from + 60])
  })
})
