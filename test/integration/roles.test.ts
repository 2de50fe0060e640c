import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, runNinefold } from '../factories/ninefold.ts'
import { attribute, encodeRequest } from '../factories/otlp.ts'
import type { RoleUnderTest } from '../factories/role-process.ts'
import { createSpanSource, services, specText } from '../faults/roles/shop-of-many.ts'
import { startShop } from '../ingest/synthetics/shop-under-test.ts'
import { startComposedCollector, startComposedPrometheus } from './composed-neighbours.ts'
import { type ComposedRoles, startComposedRoles } from './composed-roles.ts'

/** The roles as processes of their own, two of each. */

let roles: ComposedRoles
beforeAll(async () => {
  roles = await startComposedRoles()
}, 400_000)
afterAll(() => roles.close())

/** Sent and acknowledged so far, over whichever way. */
let sent = 0
const next = createSpanSource(Math.random)
/** What whoever sends SIGTERM may rely on. */
const longestStopMs = 10_000

/** Other parts may be unready sooner, and this one for another reason at first. */
async function untilUnready(process: RoleUnderTest, name: string, reason: RegExp): Promise<void> {
  await eventually(
    () => process.readiness(),
    ({ status, body }) =>
      status === 503 &&
      (body.parts as Part[]).some(({ part, ready, reason: told }) => part === name && !ready && reason.test(told)),
  )
}

interface Part {
  readonly part: string
  readonly ready: boolean
  readonly reason: string
}
const parts = async (process: Pick<RoleUnderTest, 'readiness'>) => {
  const { body } = await process.readiness()
  return (body.parts as Part[]).map(({ part }) => part)
}
const metric = async ({ metricsUrl }: RoleUnderTest, name: string) => {
  const lines = (await (await fetch(metricsUrl)).text()).split('\n').filter(line => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const seriesOf = async ({ metricsUrl }: RoleUnderTest) => {
  const text = await (await fetch(metricsUrl)).text()
  return [...text.matchAll(/^slo_objective_ratio\{[^}]*slo="([^"]+)"/gm)].map(match => match[1] ?? '')
}
const livez = async ({ metricsUrl }: RoleUnderTest) => (await fetch(metricsUrl.replace('metrics', 'livez'))).status
const get = async (path: string, api = roles.apis[0]) =>
  (await fetch(api.url + path)).json() as Promise<Record<string, unknown>>
async function post(url: string, body: Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', authorization: `Bearer ${roles.token}` }
  const { status } = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) })
  expect(status).toBe(200)
}
const resource = { attributes: [attribute('service.name', 'cart')] }
const timeUnixNano = `${Date.now()}000000`
const logRecords = [{ timeUnixNano, body: { stringValue: 'sold' } }]
const oneLog = { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }
const metrics = [{ name: 'carts', gauge: { dataPoints: [{ timeUnixNano, asDouble: 3 }] } }]
const oneGauge = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }
async function rowsOf(table: string): Promise<string> {
  const response = await fetch(`${roles.server.url}/`, { method: 'POST', body: `SELECT count() FROM ${table}` })
  return (await response.text()).trim()
}
/** By default through both ingests in turns. */
async function send(requests: number, doors: readonly string[] = roles.ingests.map(({ url }) => url)): Promise<void> {
  for (let index = 0; index < requests; index++) {
    const { body, spans } = next()
    await post(`${doors[index % doors.length]}/v1/traces`, body)
    sent += spans.length
  }
}
async function valid(): Promise<number> {
  const { slos } = (await get('/api/v1/slos', roles.apis[1])) as { slos: { valid: number }[] }
  return slos.reduce((sum, slo) => sum + slo.valid, 0)
}

const probeText = (url: string) => `apiVersion: ninefold.dev/v1
kind: SyntheticTransaction
metadata: { name: fill }
spec:
  service: ${services[0]}
  schedule: { every: 1s }
  steps: [{ name: fill, request: { method: POST, url: '${url}/cart' } }]
`

describe('roles in processes of their own', () => {
  it('say in /readyz what they need, beside /metrics and on the API port', async () => {
    const { ingests, apis, sinks, computes } = roles
    for (const ingest of ingests) expect(await parts(ingest)).toEqual(['start', 'bus'])
    for (const sink of sinks) expect(await parts(sink)).toEqual(['start', 'store', 'bus', 'partitions', 'lag'])
    for (const compute of computes) expect(await parts(compute)).toEqual(['start', 'store', 'shards', 'evaluation'])
    for (const api of apis) {
      expect(await parts(api)).toEqual(['start', 'store', 'bus'])
      expect(await get('/readyz', api)).toMatchObject({ status: 'ready' })
    }
    for (const each of roles.all) expect(await livez(each)).toBe(200)
  })

  it('share the SLOs out, each to one compute, which alone shows its series', async () => {
    const { computes } = roles
    const shards = () => Promise.all(computes.map(compute => metric(compute, 'ninefold_compute_shards')))
    await eventually(shards, ([a, b]) => a === 2 && b === 2)
    const series = async () => (await Promise.all(computes.map(seriesOf))).flat().sort()
    await eventually(series, names => isDeepStrictEqual(names, [...services]))
  })

  it('count what was acknowledged, exactly, and say what they cannot know', async () => {
    await send(60)
    expect(await eventually(valid, count => count >= sent)).toBe(sent)
    const pipeline = await eventually(
      () => get('/api/v1/pipeline'),
      ({ evaluation }) => (evaluation as { historyLeft: number }).historyLeft === 0,
    )
    expect(pipeline).toMatchObject({
      bus: { lagRecords: null },
      sink: { records: null, lastStoredAt: expect.any(String) },
      evaluation: { ticks: null },
    })
    expect((pipeline.elsewhere as { part: string }[]).map(({ part }) => part)).toEqual(['bus', 'sink', 'evaluation'])
  })

  it('take up what somebody applies through one API; the other says the same', async () => {
    const changed = join(roles.folder, 'changed.yaml')
    writeFileSync(changed, specText.replace('target: 0.99 ', 'target: 0.95 '))
    const [one, other] = roles.apis
    const { code, err } = await runNinefold(['apply', changed, '-m', 'looser', '--set', `api.url=${one.url}`, '--wait'])
    expect({ code, err }).toMatchObject({ code: 0 })
    const objectives = async () => {
      const texts = await Promise.all(roles.computes.map(async ({ metricsUrl }) => (await fetch(metricsUrl)).text()))
      return texts.flatMap(text => [...text.matchAll(/^slo_objective_ratio\{.+\} (\S+)/gm)].map(match => match[1]))
    }
    await eventually(objectives, values => values.filter(value => value === '0.95').length === 1)
    const told = async () => {
      const { slos } = (await get('/api/v1/slos', other)) as { slos: { objective: number }[] }
      return slos.filter(({ objective }) => Number(objective) === 0.95).length
    }
    await eventually(told, count => count === 1)
    const revisions = () => Promise.all([one, other].map(api => get('/api/v1/revisions', api)))
    await eventually(revisions, ([here, there]) => isDeepStrictEqual(here, there))
  })

  it('run synthetic transactions where a prober is beside them, which takes up what is applied', async () => {
    const { folder, prober, apis } = roles
    const shop = await startShop()
    try {
      prober.start()
      await prober.untilReady()
      expect(await parts(prober)).toEqual(['start', 'store', 'bus'])
      const probed = join(folder, 'probed.yaml')
      writeFileSync(probed, `${specText}\n---\n${probeText(shop.url)}`)
      const { code, err } = await runNinefold(['apply', probed, '-m', 'probe', '--set', `api.url=${apis[0].url}`])
      expect({ code, err }).toMatchObject({ code: 0 })
      const runs = "synthetic_results WHERE Transaction = 'fill' AND StatusCode != 'Error' AND Region = 'eu-west-1'"
      await eventually(
        () => rowsOf(runs),
        rows => Number(rows) >= 2,
        60_000,
      )
      expect(await prober.kill('SIGTERM')).toBe(0)
    } finally {
      await shop.close()
    }
  })

  it('are where the Collector of deploy/ sends to, with its token, and nothing of it is lost or doubled', async () => {
    const collector = await startComposedCollector(roles)
    try {
      await send(20, [collector.url])
      await post(`${collector.url}/v1/logs`, encodeRequest('ExportLogsServiceRequest', oneLog))
      await post(`${collector.url}/v1/metrics`, encodeRequest('ExportMetricsServiceRequest', oneGauge))
      expect(await eventually(valid, count => count >= sent, 60_000)).toBe(sent)
      const others = () => Promise.all([rowsOf('otel_logs'), rowsOf('otel_metrics_gauge')])
      await eventually(others, counts => isDeepStrictEqual(counts, ['1', '1']))
    } finally {
      await collector.close()
    }
    expect(await valid()).toBe(sent)
  })

  it('are scraped by the Prometheus of deploy/, which takes the generated rules', async () => {
    const prometheus = await startComposedPrometheus(roles)
    try {
      const up = () => prometheus.query('sum by (role) (up)', 'role')
      const two = { ingest: '2', sink: '2', compute: '2', api: '2' }
      await eventually(up, found => isDeepStrictEqual(found, two))
      const objectives = () => prometheus.query('max by (slo) (slo_objective_ratio)', 'slo')
      await eventually(objectives, found => isDeepStrictEqual(Object.keys(found).sort(), [...services]))
      const { inForce, written } = await prometheus.ruleGroups()
      expect(inForce).toEqual(written)
      expect(inForce.length).toBeGreaterThan(0)
    } finally {
      await prometheus.close()
    }
  })

  it('say that the brokers are away, those that need them, and go on when they are back', async () => {
    const [broker] = roles.kafka.brokers
    await broker?.signal('SIGKILL')
    try {
      for (const each of roles.all) {
        await untilUnready(each, each.role === 'compute' ? 'shards' : 'bus', /^BUS_UNREACHABLE: Check the brokers/)
        expect(await livez(each)).toBe(200)
      }
    } finally {
      await broker?.start()
    }
    for (const each of roles.all) await each.untilReady()
    await send(20)
    expect(await eventually(valid, count => count >= sent, 60_000)).toBe(sent)
  })

  it('say which part is away, and are alive all the same', async () => {
    const { server, sinks, ingests } = roles
    await server.kill('SIGKILL')
    await untilUnready(sinks[0], 'store', /STORE_UNAVAILABLE/)
    expect((await ingests[0].readiness()).status).toBe(200)
  })

  it('end in order within ten seconds when asked to, whatever is away and with work in hand', async () => {
    const { folder, ingests, apis, sinks, computes, kafka } = roles
    const failures = () => Promise.all(sinks.map(sink => metric(sink, 'ninefold_sink_failures_total')))
    const before = await failures()
    await send(40)
    await eventually(failures, now => now.every((count, index) => count > (before[index] ?? 0)))
    const instanceFile = join(folder, 'api', 'instance.json')
    const { pid } = JSON.parse(readFileSync(instanceFile, 'utf8')) as { pid: number }
    const stop = async (role: RoleUnderTest) => {
      // The file of two APIs on one directory is that of the later, until that one ends.
      expect(existsSync(instanceFile)).toBe(true)
      const sentMs = performance.now()
      // By themselves: nobody kills them, and the whole of a stop has one deadline (lib/shutdown.ts).
      expect(await role.kill('SIGTERM'), role.log()).toBe(0)
      expect(performance.now() - sentMs, role.role).toBeLessThan(longestStopMs)
    }
    const [otherApi, api] = apis.toSorted((a, b) => Number(a.pid === pid) - Number(b.pid === pid))
    for (const role of [ingests[0], sinks[0], computes[0], otherApi]) if (role !== undefined) await stop(role)
    await kafka.brokers[0]?.signal('SIGSTOP')
    const unanswered = post(`${ingests[1].url}/v1/traces`, next().body).then(
      () => 'acknowledged',
      () => 'not acknowledged',
    )
    for (const role of [ingests[1], sinks[1], computes[1], api]) if (role !== undefined) await stop(role)
    expect(await unanswered).toBe('not acknowledged')
    expect(existsSync(instanceFile)).toBe(false)
  })
})
