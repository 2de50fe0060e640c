import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RoleProcesses, startRoleProcesses } from '../../../cli/demo/role-processes.ts'
import { systemClock } from '../../../lib/clock.ts'
import { type ClickHouseHttp, startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { type KafkaCluster, startKafka } from '../../factories/kafka-broker.ts'
import { eventually, freePorts, removeFolder, runNinefold } from '../../factories/ninefold.ts'
import { createSpanSource, services, specText } from '../../faults/roles/shop-of-many.ts'

/** What `ninefold demo --bus … --store …` runs the shop's telemetry through. */

let folder: string
let kafka: KafkaCluster
let server: ClickHouseHttp
let roles: RoleProcesses
const ended: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-demo-roles-'))
  mkdirSync(join(folder, 'specs'))
  writeFileSync(join(folder, 'specs', 'slos.yaml'), specText)
  ;[kafka, server] = await Promise.all([startKafka(), startClickHouseHttp({ folder })])
  const [otlp, grpc, api, metrics] = await freePorts(4)
  const any = ['metrics.port=0']
  roles = await startRoleProcesses({
    configArguments: ['--set', `otlp.http.port=${otlp}`, '--set', `otlp.grpc.port=${grpc}`, '--set', `api.port=${api}`],
    sets: [
      `bus=${kafka.addresses.join()}`,
      `store=${server.url}`,
      'kafka.sessionTimeout=3s',
      `data=${join(folder, 'data')}`,
      `specs=${join(folder, 'specs')}`,
      'log.level=warn',
    ],
    own: { ingest: any, sink: any, api: any, compute: [`metrics.port=${metrics}`] },
    logFile: join(folder, 'demo.log'),
    clock: systemClock,
    onEnd: role => ended.push(role),
  })
}, 400_000)
afterAll(async () => {
  await roles?.stop()
  await server.kill('SIGKILL')
  await kafka.close()
  removeFolder(folder)
})

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('starts a role that was killed again, where the others know it, and no number changes', async () => {
  const next = createSpanSource(Math.random)
  let sent = 0
  const send = async () => {
    const { body, spans } = next()
    const headers = { 'content-type': 'application/x-protobuf' }
    const { status } = await fetch(`${roles.otlpUrl}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(status).toBe(200)
    sent += spans.length
  }
  const valid = async () => {
    const response = await fetch(`${roles.apiUrl}/api/v1/slos`).catch(() => undefined)
    const { slos } = response?.ok ? ((await response.json()) as { slos: { valid: number }[] }) : { slos: [] }
    return slos.length < services.length ? -1 : slos.reduce((sum, slo) => sum + slo.valid, 0)
  }
  await send()
  await eventually(valid, count => count === sent, 60_000)
  const before = roles.pids()
  for (const role of ['sink', 'compute', 'api'] as const) process.kill(before[role], 'SIGKILL')
  await send()
  await eventually(valid, count => count === sent, 90_000)
  expect(ended.sort()).toEqual(['api', 'compute', 'sink'])
  expect(roles.pids().ingest).toBe(before.ingest)
}, 240_000)

it('ends with whoever started them', async () => {
  const pids = Object.values(roles.pids())
  expect(pids.map(isAlive)).toEqual([true, true, true, true])
  await roles.stop()
  expect(pids.map(isAlive), readFileSync(join(folder, 'demo.log'), 'utf8')).toEqual([false, false, false, false])
})

it('over Kafka wants a store that four processes can share, and forgets no data that is not its own', async () => {
  const demo = (...args: string[]) =>
    runNinefold(['demo', '--data', join(folder, 'other'), '--bus', 'kafka:9092', ...args])
  expect(await demo()).toMatchObject({ code: 2, err: expect.stringContaining('cannot share an embedded store') })
  expect(await demo('--fresh')).toMatchObject({ code: 2, err: expect.stringMatching(/^USAGE {2}--fresh/) })
})
