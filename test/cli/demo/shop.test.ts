import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendRequest } from '../../../cli/demo/shop/send-request.ts'
import { serviceNames, zoneHeader, zones } from '../../../cli/demo/shop/topology.ts'
import { type Shop, startShop } from '../../../cli/demo/shop.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver, until } from './otlp-receiver.ts'

const server = 2
const client = 3
const badZone = 'eu-west-1b'
const layers = [
  'cloud.region',
  'k8s.cluster.name',
  'k8s.node.name',
  'k8s.pod.name',
  'k8s.container.name',
  'process.executable.name',
  'deployment.environment.name',
  'service.version',
]
const isError = (span: ReceivedSpan) => Number(span.attributes['http.response.status_code']) >= 500

describe('the shop', () => {
  let receiver: OtlpReceiver
  let shop: Shop
  let spans: readonly ReceivedSpan[] = []
  const crashes: Error[] = []
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-shop-'))

  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    shop = await startShop({
      otlpEndpoint: receiver.url,
      compileCache: join(folder, 'cache'),
      visitsPerSecond: 80,
      rolloutPauseMs: 50,
      onCrash: error => crashes.push(error),
    })
    shop.open()
    await until('visits in every zone', () => receiver.spans().length > 1500)
    await shop.rollOut({ service: 'checkout', zone: badZone, version: '1.5.0', failureShare: 0.7 })
    await until('failures', () => receiver.spans().filter(isError).length > 60)
    await shop.stop()
    spans = receiver.spans()
  })
  afterAll(async () => {
    await receiver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('sends server spans of all four services from every zone', () => {
    const seen = new Set(
      spans
        .filter(({ kind }) => kind === server)
        .map(({ resource }) => `${resource['service.name']} ${resource['cloud.availability_zone']}`),
    )
    const wanted = serviceNames.flatMap(service => zones.map(zone => `${service} ${zone.name}`))
    expect([...seen].sort()).toEqual(wanted.sort())
  })

  it('tells region, cluster, node, pod, container, process, environment and version of every span', () => {
    for (const { resource } of spans) {
      const told = layers.filter(attribute => typeof resource[attribute] === 'string' && resource[attribute] !== '')
      expect(told).toEqual(layers)
    }
  })

  it('carries an order through storefront, checkout and payments in one trace, each hop through the sidecar', () => {
    const charge = spans.find(({ kind, name }) => kind === server && name === 'POST /charges')
    const byId = new Map(spans.filter(({ traceId }) => traceId === charge?.traceId).map(span => [span.spanId, span]))
    const path: string[] = []
    for (let span = charge; span !== undefined; span = byId.get(span.parentId))
      path.unshift(`${span.resource['k8s.container.name']} ${span.kind === client ? 'client' : 'server'}`)
    expect(path).toEqual([
      'storefront server',
      'storefront client',
      'envoy client',
      'checkout server',
      'checkout client',
      'envoy client',
      'payments server',
    ])
  })

  it('has a database dependency as client spans with the system they call', () => {
    const systems = spans.map(({ attributes }) => attributes['db.system.name']).filter(Boolean)
    expect(new Set(systems)).toEqual(new Set(['postgresql']))
  })

  it('fails in the bad deployment only: no 5xx in another zone, and none of checkout under another version', () => {
    const errors = spans.filter(span => span.kind === server && isError(span))
    expect(errors.length).toBeGreaterThan(20)
    expect(new Set(errors.map(({ resource }) => resource['cloud.availability_zone']))).toEqual(new Set([badZone]))
    const atCheckout = errors.filter(({ resource }) => resource['service.name'] === 'checkout')
    expect(new Set(atCheckout.map(({ resource }) => resource['service.version']))).toEqual(new Set(['1.5.0']))
    expect(errors.every(({ failed, attributes }) => failed && attributes['error.type'] !== undefined)).toBe(true)
  })

  it('fails the share of requests that the deployment is said to fail', () => {
    const bad = spans.filter(
      ({ kind, name, resource }) =>
        kind === server && name === 'POST /checkouts' && resource['service.version'] === '1.5.0',
    )
    // Spread evenly by each pod, so that two pods are at most one request each off the exact share.
    expect(Math.abs(bad.filter(isError).length - 0.7 * bad.length)).toBeLessThanOrEqual(2)
  })

  it('logs each failure with the trace that failed', () => {
    const failedTraces = new Set(spans.filter(isError).map(({ traceId }) => traceId))
    const errors = receiver.logs().filter(({ severity }) => severity === 'ERROR')
    expect(errors.length).toBeGreaterThan(10)
    for (const { traceId, resource } of errors) {
      expect(resource['service.name']).toBe('checkout')
      expect(failedTraces).toContain(traceId)
    }
  })

  it('sends request durations of every service as metrics', () => {
    const seen = receiver
      .metrics()
      .filter(({ name }) => name === 'http.server.request.duration')
      .map(({ resource }) => String(resource['service.name']))
    expect([...new Set(seen)].sort()).toEqual([...serviceNames].sort())
  })

  it('tells how much of its telemetry was acknowledged', () => {
    const of = (acknowledged: number) => ({ acknowledged, givenUp: 0 })
    expect(shop.telemetry()).toEqual({ spans: of(spans.length), logs: of(receiver.logs().length) })
  })

  it('counts its visits and ends without a crash', () => {
    expect(shop.visits().sent).toBeGreaterThan(100)
    expect(shop.visits().failed).toBeGreaterThan(0)
    expect(crashes).toEqual([])
  })

  it('leaves no process behind and closes its door when stopped', async () => {
    expect(Object.values(shop.processes).filter(isAlive)).toEqual([])
    const port = Number(new URL(shop.storefrontUrl).port)
    const visit = sendRequest({ port, method: 'GET', path: '/', headers: { [zoneHeader]: badZone } })
    await expect(visit).rejects.toThrow('ECONNREFUSED')
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
