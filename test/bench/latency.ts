/**
 * How long an event takes to be seen: sent → counted in the API, at rest and at 5,000 spans a second; and burn start → page at the
 * receiver. `node test/bench/latency.ts [samples]` prints one JSON object.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type RunningNinefold, startNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'
import { waitFor } from './processes.ts'
import { generateLoad } from './under-load.ts'

const samples = Number(process.argv[2] ?? 40)
const folder = mkdtempSync(join(tmpdir(), 'ninefold-latency-'))
const names = Array.from({ length: samples }, (_, index) => `probe-${index}`)

function sloOf(name: string): string {
  const source = (filter: string) =>
    `{ metricSource: { type: telemetry, spec: { signal: traces, filter: '${filter}' } } }`
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: probes
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 30d, isRolling: true }]
  objectives: [{ target: 0.999 }]
  indicator:
    metadata: { name: ${name}-good }
    spec:
      ratioMetric:
        good: ${source(`service.name == "${name}" && http.response.status_code < 500`)}
        total: ${source(`service.name == "${name}"`)}
`
}

const shared = `apiVersion: openslo/v1
kind: Service
metadata: { name: probes }
spec: { description: Probes }
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: { name: on-call }
spec: { target: pagerduty }
`

async function send(instance: RunningNinefold, service: string, good: number, bad: number): Promise<void> {
  const now = `${Date.now()}000000`
  const spans = Array.from({ length: good + bad }, (_, index) => ({
    traceId: crypto.getRandomValues(new Uint8Array(16)),
    spanId: crypto.getRandomValues(new Uint8Array(8)),
    name: 'probe',
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes: [attribute('http.response.status_code', index < good ? 200 : 500)],
  }))
  const resource = { attributes: [attribute('service.name', service)] }
  const body = encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
  const headers = { 'content-type': 'application/x-protobuf' }
  const response = await fetch(`${instance.otlp}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
  if (response.status !== 200) throw new Error(`OTLP answered ${response.status}`)
}

function quantiles(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { samples: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) }
}

/** One good span after the other, at any moment of a second; each is waited for in the API, asked every 50 ms. */
async function visibility(instance: RunningNinefold, expected: number) {
  const times: number[] = []
  for (const name of names) {
    await new Promise(resolve => setTimeout(resolve, 1000 + Math.random() * 1000))
    const started = performance.now()
    await send(instance, name, 1, 0)
    await waitFor(`${name} in the API`, 60_000, async () => {
      const { valid } = await instance.get(`/api/v1/slos/${name}`)
      return valid === expected ? true : undefined
    })
    times.push(performance.now() - started)
  }
  return quantiles(times)
}

const pages = new Map<string, number>()
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    const { dedup_key: key = '', event_action: action } = JSON.parse(body) as {
      dedup_key?: string
      event_action?: string
    }
    const [slo = '', severity] = key.split('/')
    if (action === 'trigger' && severity === 'page' && !pages.has(slo)) pages.set(slo, performance.now())
    response
      .writeHead(202, { 'content-type': 'application/json' })
      .end('{"status":"success","message":"","dedup_key":""}')
  })
})

/** Each probe begins to burn at a moment of its own. */
async function pageLatency(instance: RunningNinefold) {
  const begins = new Map<string, number>()
  for (const name of names) {
    begins.set(name, performance.now())
    await send(instance, name, 20, 80)
    await new Promise(resolve => setTimeout(resolve, 100 + Math.random() * 400))
  }
  await waitFor('all pages', 120_000, async () => (pages.size === names.length ? true : undefined))
  return quantiles(names.map(name => (pages.get(name) ?? 0) - (begins.get(name) ?? 0)))
}

try {
  writeFileSync(join(folder, 'slos.yaml'), [shared, ...names.map(sloOf)].join('---\n'))
  writeFileSync(join(folder, 'key'), '0123456789abcdef0123456789abcdef\n')
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const paging = [
    `pagerduty.url=http://127.0.0.1:${port}`,
    `pagerduty.routingKeyFile=${join(folder, 'key')}`,
    'notify.allowHosts=127.0.0.1',
  ]
  const instance = await startNinefold({ specs: folder, data: join(folder, 'data'), sets: paging })
  try {
    const atRest = await visibility(instance, 1)
    const load = generateLoad(instance.otlp, Math.ceil(samples * 3) + 5, 'gzip', 4, 5000)
    await new Promise(resolve => setTimeout(resolve, 5000))
    const under5000 = await visibility(instance, 2)
    await load
    const burnToPage = await pageLatency(instance)
    process.stdout.write(
      `${JSON.stringify({ bench: 'latency', atRest, under5000SpansPerSecond: under5000, burnToPage }, null, 2)}\n`,
    )
  } finally {
    await instance.kill('SIGTERM')
  }
} finally {
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
}
