import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { eventually, type RunningNinefold, removeFolder, runNinefold, startNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'
import { storeConnections } from '../factories/store.ts'

/** From OTLP to a budget and a page, through the program as a user starts it. */

const specs = `apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: { description: A shop }
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: { name: on-call }
spec: { target: pagerduty }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: shop-availability }
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.999 }]
  indicator:
    metadata: { name: shop-good-requests }
    spec:
      ratioMetric:
        good: { metricSource: { type: telemetry, spec: { signal: traces, filter: 'service.name == "shop" && http.response.status_code < 500' } } }
        total: { metricSource: { type: telemetry, spec: { signal: traces, filter: 'service.name == "shop"' } } }
`

/** Answers like PagerDuty and keeps what it was sent in `pages`. */
function createPagerDuty(pages: Record<string, unknown>[]): Server {
  return createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      pages.push(JSON.parse(body))
      response.writeHead(202, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: 'x' }))
    })
  })
}

function spans(statusCodes: readonly number[], zone: string, atMs: number, version = '1.9.0'): Uint8Array {
  const list = statusCodes.map((status, index) => ({
    traceId: crypto.getRandomValues(new Uint8Array(16)),
    spanId: crypto.getRandomValues(new Uint8Array(8)),
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: `${BigInt(atMs) * 1_000_000n + BigInt(index)}`,
    endTimeUnixNano: `${BigInt(atMs) * 1_000_000n + 5_000_000n}`,
    attributes: [attribute('http.response.status_code', status)],
  }))
  const attributes = [
    attribute('service.name', 'shop'),
    attribute('cloud.availability_zone', zone),
    attribute('service.version', version),
  ]
  return encodeRequest('ExportTraceServiceRequest', {
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: list }] }],
  })
}

const codes = (good: number, bad: number) => [...Array(good).fill(200), ...Array(bad).fill(503)]

describe.each(storeConnections)('the river over the %s store', connection => {
  let instance: RunningNinefold
  let folder: string
  let server: ClickHouseHttp | undefined
  const pages: Record<string, unknown>[] = []
  const pagerDuty = createPagerDuty(pages)
  const start = () => {
    const { port } = pagerDuty.address() as AddressInfo
    return startNinefold({
      specs: folder,
      data: join(folder, 'data'),
      sets: [
        `pagerduty.url=http://127.0.0.1:${port}`,
        `pagerduty.routingKeyFile=${join(folder, 'key')}`,
        'notify.allowHosts=127.0.0.1',
        ...(server === undefined ? [] : [`store=${server.url}`]),
      ],
    })
  }
  const send = async (body: Uint8Array) => {
    const headers = { 'content-type': 'application/x-protobuf' }
    const response = await fetch(`${instance.otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(response.status).toBe(200)
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ninefold-river-'))
    writeFileSync(join(folder, 'shop.yaml'), specs)
    writeFileSync(join(folder, 'key'), 'R0123456789abcdef0123456789abcdef\n')
    await new Promise<void>(resolve => pagerDuty.listen(0, '127.0.0.1', resolve))
    server = connection === 'http' ? await startClickHouseHttp({ folder }) : undefined
    instance = await start()
  })
  afterAll(async () => {
    await instance.kill('SIGKILL')
    await server?.kill('SIGTERM')
    pagerDuty.close()
    removeFolder(folder)
  })

  it('counts what was acknowledged, exactly, in total and by layer', async () => {
    const untilValid = (count: number) =>
      eventually(
        () => instance.get('/api/v1/slos/shop-availability'),
        ({ valid }) => valid === count,
      )
    await send(spans(codes(900, 0), 'a', Date.now()))
    await untilValid(900)
    // The second version comes a moment later, as a deployment does: what it burns is blamed on it.
    await send(spans(codes(80, 20), 'b', Date.now() + 1000, '2.0.0'))
    const slo = await untilValid(1000)
    expect(slo).toMatchObject({ good: 980, valid: 1000, bad: 20, sli: 0.98, errorBudget: { consumed: 20 } })
    // 1 − 0.02 / 0.001: nineteen budgets over, and nothing clamps it.
    expect(slo.errorBudget).toMatchObject({ remainingRatio: -19 })
    const to = Date.now() + 60_000
    const { rows } = await instance.get(
      `/api/v1/slos/shop-availability/layers?by=availability_zone&from=${to - 3_600_000}&to=${to}`,
    )
    expect(rows).toEqual([
      expect.objectContaining({ value: 'b', good: 80, valid: 100, shareOfBad: 1 }),
      expect.objectContaining({ value: 'a', good: 900, valid: 900, shareOfBad: 0 }),
    ])
  })

  it('pages once, with where and since which version, and keeps the key out of every record', async () => {
    await eventually(
      async () => pages,
      sent => sent.length > 0,
    )
    const [page] = pages
    expect(page).toMatchObject({
      routing_key: 'R0123456789abcdef0123456789abcdef',
      event_action: 'trigger',
      dedup_key: expect.stringMatching(/^shop-availability\/page\//),
      payload: { severity: 'critical' },
    })
    expect(JSON.stringify(page)).toContain('availability_zone')
    expect(JSON.stringify(page)).toContain('2.0.0')
    const { alerts } = (await instance.get('/api/v1/alerts?state=firing')) as { alerts: { severity: string }[] }
    expect(alerts.map(({ severity }) => severity)).toContain('page')
    const { notifications } = await instance.get('/api/v1/notifications')
    expect(JSON.stringify(notifications)).not.toContain('R0123456789abcdef')
    expect(instance.log()).not.toContain('R0123456789abcdef')
    expect(pages.filter(({ event_action: action }) => action === 'trigger')).toHaveLength(1)
  })

  it('shows the same numbers to Prometheus and to the terminal', async () => {
    const wanted = [
      /slo_sli_ratio\{[^}]*slo="shop-availability"[^}]*\} 0\.98$/m,
      /slo_alert_firing\{[^}]*severity="page"[^}]*\} 1$/m,
      /slo_error_budget_remaining_ratio\{[^}]*\} -19$/m,
      /slo_burn_rate\{slo="shop-availability",service="shop",window="1h",layer="availability_zone",layer_value="b"\} 200$/m,
    ]
    const text = await eventually(
      async () => (await fetch(instance.metrics)).text(),
      body => wanted.every(series => series.test(body)),
    )
    for (const series of [
      'bus_lag_records',
      'bus_lag_bytes',
      'bus_bytes_in_flight',
      'otlp_items_total',
      'tick_seconds_count',
    ])
      expect(text).toMatch(new RegExp(`^ninefold_${series}(\\{.*\\})? \\d+$`, 'm'))
    const { code, out } = await runNinefold(['status', '--data', instance.data])
    expect(code).toBe(0)
    expect(out).toMatch(/shop-availability +\w+ +98\.0+ % +99\.9/)
  })

  it('corrects the past when an event arrives late', async () => {
    const hours = 3
    const atMs = Date.now() - hours * 3_600_000
    await send(spans(codes(100, 0), 'a', atMs))
    await eventually(
      () => instance.get('/api/v1/slos/shop-availability'),
      ({ valid }) => valid === 1100,
    )
    const from = Math.floor(atMs / 60_000) * 60_000
    const { points } = await instance.get(
      `/api/v1/slos/shop-availability/history?from=${from}&to=${from + 60_000}&step=1m`,
    )
    expect(points).toEqual([expect.objectContaining({ good: 100, valid: 100, sli: 1 })])
  })

  it('keeps the last good revision when an edit is broken, and says where the problem is', async () => {
    writeFileSync(join(folder, 'shop.yaml'), specs.replace('target: 0.999', 'target: 1.5'))
    const pipeline = await eventually(
      () => instance.get('/api/v1/pipeline'),
      ({ specs: now }) => ((now as { findings: unknown[] }).findings ?? []).length > 0,
    )
    expect(pipeline.specs).toMatchObject({
      slos: 1,
      findings: [expect.objectContaining({ line: expect.any(Number), file: expect.stringContaining('shop.yaml') })],
    })
    expect(await instance.get('/api/v1/slos/shop-availability')).toMatchObject({ valid: 1100 })
    writeFileSync(join(folder, 'shop.yaml'), specs)
    await eventually(
      () => instance.get('/api/v1/pipeline'),
      ({ specs: now }) => (now as { findings: unknown[] }).findings.length === 0,
    )
  })

  it('refuses a second instance on the same data with one sentence', async () => {
    const { code, err } = await runNinefold(['up', '--data', instance.data, '--specs', folder])
    expect(code).toBe(2)
    expect(err).toMatch(/^DATA_DIR_LOCKED {2}.+ — .+\n$/)
  })

  it('pages nobody again after kill -9 and a restart, and has the same numbers', async () => {
    const before = await instance.get('/api/v1/slos/shop-availability')
    await instance.kill('SIGKILL')
    const sent = pages.length
    instance = await start()
    const after = await eventually(
      () => instance.get('/api/v1/slos/shop-availability'),
      ({ valid }) => valid === before.valid,
    )
    expect(after.good).toBe(before.good)
    await eventually(
      () => instance.get('/api/v1/pipeline'),
      ({ evaluation }) => (evaluation as { ticks: number }).ticks >= 3,
    )
    expect(pages.slice(sent).filter(({ event_action: action }) => action === 'trigger')).toEqual([])
  })

  it('ends with 0 when it is asked to', async () => {
    expect(await instance.kill('SIGTERM')).toBe(0)
  })
})
