import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoleName } from '../../cli/instance/role-names.ts'
import { mountsOf, readCompose } from '../deploy/compose-file.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../factories/clickhouse-http/start.ts'
import { type KafkaCluster, startKafka } from '../factories/kafka-broker.ts'
import { eventually, removeFolder, runNinefold } from '../factories/ninefold.ts'
import { type RoleUnderTest, roleProcess } from '../factories/role-process.ts'
import { createSpanSource, services, specText } from '../faults/roles/shop-of-many.ts'

/**
 * The roles as processes of their own, several of some, over a real broker and the engine behind HTTP, with the configuration and the
 * broker's settings of deploy/compose.yaml as far as they are not places, users and secrets.
 */

const { services: composed } = readCompose()
const config = composed.api === undefined ? '' : (mountsOf(composed.api)[0]?.source ?? '')
const places = ['listen=127.0.0.1', 'auth.tokensFile=', 'store.database=default', 'store.username=default']
const noSecrets = ['store.passwordFile=', 'store.readerUsername=', 'store.readerPasswordFile=']
/** `KAFKA_LOG_RETENTION_HOURS: 72` is `log.retention.hours=72`, without those that say where and who. */
const brokerSettings = Object.entries(composed.kafka?.environment ?? {})
  .filter(([name]) => !/LISTENER|VOTERS|NODE_ID|PROCESS_ROLES|LOG_DIRS/.test(name))
  .map(([name, value]) => `${name.replace('KAFKA_', '').toLowerCase().replaceAll('_', '.')}=${value}`)

let folder: string
let kafka: KafkaCluster
let server: ClickHouseHttp
let ingest: RoleUnderTest
let api: RoleUnderTest
let computes: RoleUnderTest[]
let sinks: RoleUnderTest[]
const all = () => [ingest, api, ...computes, ...sinks]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-roles-'))
  mkdirSync(join(folder, 'specs'))
  writeFileSync(join(folder, 'specs', 'slos.yaml'), specText)
  ;[kafka, server] = await Promise.all([startKafka({ properties: brokerSettings }), startClickHouseHttp({ folder })])
  const sets = [...places, ...noSecrets, `bus=${kafka.addresses.join()}`, `store=${server.url}`, 'kafka.shards=4']
  const role = (name: RoleName, data = name as string) =>
    roleProcess(name, {
      config,
      data: join(folder, data),
      sets: [...sets, 'kafka.sessionTimeout=3s', 'log.level=warn'],
      ...(name === 'api' ? { specs: join(folder, 'specs') } : {}),
    })
  ;[ingest, api] = await Promise.all([role('ingest'), role('api')])
  // On one data directory, as two processes of one machine may be.
  sinks = await Promise.all([role('sink'), role('sink')])
  computes = await Promise.all([role('compute'), role('compute')])
  for (const each of all()) each.start()
  for (const each of all()) await each.untilReady()
}, 400_000)
afterAll(async () => {
  await Promise.all(all().map(each => each.kill('SIGKILL')))
  await server.kill('SIGKILL')
  await kafka.close()
  removeFolder(folder)
})

const parts = async (process: RoleUnderTest) => {
  const { body } = await process.readiness()
  return (body.parts as { part: string; ready: boolean }[]).map(({ part }) => part)
}
const metric = async ({ metricsUrl }: RoleUnderTest, name: string) => {
  const lines = (await (await fetch(metricsUrl)).text()).split('\n').filter(line => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const seriesOf = async ({ metricsUrl }: RoleUnderTest) => {
  const text = await (await fetch(metricsUrl)).text()
  return [...text.matchAll(/^slo_objective_ratio\{[^}]*slo="([^"]+)"/gm)].map(match => match[1] ?? '')
}
const get = async (path: string) => (await fetch(api.url + path)).json() as Promise<Record<string, unknown>>

describe('roles in processes of their own', () => {
  it('say in /readyz what they need, beside /metrics and on the API port', async () => {
    expect(await parts(ingest)).toEqual(['start', 'bus'])
    for (const sink of sinks) expect(await parts(sink)).toEqual(['start', 'store', 'bus', 'partitions', 'lag'])
    for (const compute of computes) expect(await parts(compute)).toEqual(['start', 'store', 'shards', 'evaluation'])
    expect(await parts(api)).toEqual(['start', 'store', 'bus'])
    expect(await (await fetch(`${api.url}/readyz`)).json()).toMatchObject({ status: 'ready' })
    expect((await fetch(ingest.metricsUrl.replace('metrics', 'livez'))).status).toBe(200)
  })

  it('share the SLOs out, each to one compute, which alone shows its series', async () => {
    const shards = () => Promise.all(computes.map(compute => metric(compute, 'ninefold_compute_shards')))
    await eventually(shards, ([a, b]) => a === 2 && b === 2)
    const series = async () => (await Promise.all(computes.map(seriesOf))).flat().sort()
    await eventually(series, names => names.length === services.length)
    expect(await series()).toEqual([...services])
  })

  it('count what was acknowledged, exactly, and say what they cannot know', async () => {
    const next = createSpanSource(Math.random)
    let sent = 0
    for (let index = 0; index < 60; index++) {
      const { body, spans } = next()
      const headers = { 'content-type': 'application/x-protobuf' }
      const { status } = await fetch(`${ingest.url}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
      expect(status).toBe(200)
      sent += spans.length
    }
    const valid = async () => {
      const { slos } = (await get('/api/v1/slos')) as { slos: { valid: number }[] }
      return slos.reduce((sum, slo) => sum + slo.valid, 0)
    }
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

  it('take up what somebody applies through the API', async () => {
    const changed = join(folder, 'changed.yaml')
    writeFileSync(changed, specText.replace('target: 0.99 ', 'target: 0.95 '))
    const { code, err } = await runNinefold(['apply', changed, '-m', 'looser', '--data', join(folder, 'api'), '--wait'])
    expect({ code, err }).toMatchObject({ code: 0 })
    const objectives = async () => {
      const texts = await Promise.all(computes.map(async ({ metricsUrl }) => (await fetch(metricsUrl)).text()))
      return texts.flatMap(text => [...text.matchAll(/^slo_objective_ratio\{.+\} (\S+)/gm)].map(match => match[1]))
    }
    await eventually(objectives, values => values.filter(value => value === '0.95').length === 1)
  })

  it('say which part is away, and are alive all the same', async () => {
    await server.kill('SIGKILL')
    const [sink] = sinks
    const readiness = await eventually(
      () => sink?.readiness() ?? Promise.reject(new Error('no sink')),
      ({ status }) => status === 503,
    )
    expect(readiness.body.parts).toContainEqual(
      expect.objectContaining({ part: 'store', ready: false, reason: expect.stringContaining('STORE_UNAVAILABLE') }),
    )
    expect((await ingest.readiness()).status).toBe(200)
  })

  it('end in order when asked to, also while the store is away', async () => {
    // By themselves: nobody kills them, and the whole of a stop has one deadline (lib/shutdown.ts).
    for (const each of all()) expect(await each.kill('SIGTERM'), each.log()).toBe(0)
  })
})

describe('ninefold run', () => {
  const refusal = async (...args: string[]) => {
    const { code, err } = await runNinefold(['run', ...args])
    expect(code).toBe(2)
    return err
  }

  it('takes exactly one of the roles', async () => {
    for (const args of [[], ['sync']])
      expect(await refusal(...args)).toMatch(/^USAGE {2}run takes one role: ingest, sink, compute, api/)
    expect(await refusal('sink', 'api')).toMatch(/^USAGE {2}ninefold run: it does not take "api"/)
  })

  it('refuses what is embedded, with what to set', async () => {
    expect(await refusal('compute')).toMatch(
      /^CONFIG_INVALID {2}.*set bus to Kafka brokers \(.+\) and store to the URL of a ClickHouse server/,
    )
    expect(await refusal('ingest')).toMatch(/set bus to Kafka brokers/)
    expect(await refusal('api', '--bus', 'kafka:9092')).toMatch(/set store to the URL/)
  })
})
