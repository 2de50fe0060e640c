import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { RoleName } from '../../../cli/instance/role-names.ts'
import { createStore } from '../../../store/client/create-store.ts'
import type { Store } from '../../../store/client/store.ts'
import { type PagerDutyStub, startPagerDutyStub } from '../../compute/notify/pagerduty-stub.ts'
import { startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { startKafka } from '../../factories/kafka-broker.ts'
import { removeFolder } from '../../factories/ninefold.ts'
import { type RoleUnderTest, roleProcess } from '../../factories/role-process.ts'
import { burning, createSpanSource, services, specText } from './shop-of-many.ts'
import { type SpanSender, startSpanSender } from './span-sender.ts'

export interface KillOptions {
  readonly until: { readonly seconds: number } | { readonly kills: number }
  /** A process for each that is named. */
  readonly roles: readonly RoleName[]
  /** Of which roles; any, when left out. */
  readonly victims?: readonly RoleName[]
  readonly random: () => number
  readonly say?: (line: string) => void
}

export interface KillOutcome {
  readonly kills: Readonly<Record<RoleName, number>>
  /** Processes that stood still for longer than their session while another one took over, and then went on. */
  readonly halts: number
  readonly acknowledged: number
  /** Of the acknowledged, those that had no answer at first and were sent again. */
  readonly sentAgain: number
  /** Of the acknowledged. */
  readonly lost: number
  /** Rows beyond one of any span. */
  readonly doubled: number
  /** SLOs whose good or valid is not what the rows say. */
  readonly wrongSlos: readonly string[]
  /** Incidents that a receiver would have open or have had, by SLO. */
  readonly incidents: ReadonlyMap<string, number>
  /** Requests to the receiver beyond one an incident: the same page said again. */
  readonly repeatedPages: number
  readonly violations: readonly string[]
  /** From the last kill to numbers that are whole again. */
  readonly recoverySeconds: number
}

const routingKey = 'R0123456789ABCDEF0123456789ABCDE'
const settings = [
  'kafka.partitions=3',
  'kafka.shards=4',
  'kafka.sessionTimeout=3s',
  'compute.cpuShare=1',
  'log.level=warn',
]
const shortestPauseMs = 500
const longestPauseMs = 4000
/** Share of kills that do not wait for the victim to be ready. */
const duringStart = 0.3
/** Longer than the session of `settings`. */
const haltMs = 5000
const longestRecoveryMs = 120_000

/** The roles over a real broker, killed at random and started again at once, while somebody sends and a receiver is paged. */
export async function killRoles(options: KillOptions): Promise<KillOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-kill-roles-'))
  const specs = join(folder, 'specs')
  mkdirSync(specs)
  writeFileSync(join(specs, 'slos.yaml'), specText)
  writeFileSync(join(folder, 'key'), routingKey)
  const closing: (() => unknown)[] = [() => removeFolder(folder)]
  try {
    const receiver = await startPagerDutyStub(routingKey)
    closing.push(() => receiver.close())
    const kafka = await startKafka()
    closing.push(() => kafka.close())
    const server = await startClickHouseHttp({ folder })
    closing.push(() => server.kill('SIGKILL'))
    const sets = [
      ...settings,
      `bus=${kafka.addresses.join()}`,
      `store=${server.url}`,
      `pagerduty.url=${receiver.url}`,
      `pagerduty.routingKeyFile=${join(folder, 'key')}`,
      `notify.allowHosts=${receiver.host}`,
    ]
    const processes = await Promise.all(
      options.roles.map((role, index) =>
        roleProcess(role, { data: join(folder, `${role}-${index}`), sets, ...(role === 'api' ? { specs } : {}) }),
      ),
    )
    for (const { start } of processes) start()
    closing.push(() => Promise.all(processes.map(({ kill }) => kill('SIGKILL'))))
    for (const process of processes) await process.untilReady()
    const store = await createStore({
      kind: 'remote',
      url: server.url,
      username: 'default',
      password: '',
      database: 'default',
    })
    closing.push(() => store.close())
    return await underFire(options, { processes, store, receiver })
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

interface Surroundings {
  readonly processes: readonly RoleUnderTest[]
  readonly store: Store
  readonly receiver: PagerDutyStub
}

async function underFire({ until, victims, random, say }: KillOptions, parts: Surroundings): Promise<KillOutcome> {
  const { processes, store, receiver } = parts
  const targets = processes.filter(({ role }) => victims?.includes(role) ?? true)
  const sender = startSpanSender(urlOf(processes, 'ingest'), createSpanSource(random))
  const kills: Record<RoleName, number> = { ingest: 0, sink: 0, compute: 0, api: 0 }
  let halts = 0
  const deadline = 'seconds' in until ? Date.now() + until.seconds * 1000 : Number.POSITIVE_INFINITY
  const enough = 'kills' in until ? until.kills : Number.POSITIVE_INFINITY
  const sum = () => Object.values(kills).reduce((total, count) => total + count, 0)
  const left = () =>
    Number.isFinite(deadline) ? `${Math.round((deadline - Date.now()) / 1000)} s` : `${enough - sum()}`
  while (Date.now() < deadline && sum() < enough) {
    await pause(shortestPauseMs + random() * (longestPauseMs - shortestPauseMs))
    const victim = targets[Math.floor(random() * targets.length)]
    if (victim === undefined) continue
    // Some are met while they start; most while they work, however long a start takes on this machine.
    if (random() >= duringStart) await victim.untilReady()
    const canTakeOver = processes.some(process => process !== victim && process.role === victim.role)
    if (canTakeOver && random() < 0.5) {
      victim.signal('SIGSTOP')
      await pause(haltMs)
      victim.signal('SIGCONT')
      halts++
    } else {
      await victim.kill('SIGKILL')
      victim.start()
      kills[victim.role]++
    }
    say?.(`${left()} left, it was ${victim.role}, ${sender.acknowledged.size} acknowledged`)
  }
  const killedAtMs = Date.now()
  for (const process of processes) await process.untilReady()
  await sender.stop()
  const rows = await settledRows(parts, sender)
  const counts = [...rows.values()]
  const keys = receiver.events
    .filter(({ event_action }) => event_action === 'trigger')
    .map(({ dedup_key }) => dedup_key)
  const incidents = new Map<string, number>()
  for (const key of new Set(keys)) {
    const slo = key.split('/')[0] ?? ''
    incidents.set(slo, (incidents.get(slo) ?? 0) + 1)
  }
  return {
    kills,
    halts,
    acknowledged: sender.acknowledged.size,
    sentAgain: sender.sentAgain(),
    lost: [...sender.acknowledged.keys()].filter(id => !rows.has(id)).length,
    doubled: counts.reduce((sum, count) => sum + count - 1, 0),
    wrongSlos: await wrongSlos(processes, store),
    incidents,
    repeatedPages: keys.length - new Set(keys).size,
    violations: receiver.violations,
    recoverySeconds: (Date.now() - killedAtMs) / 1000,
  }
}

const rowsBySpan = {
  name: 'rows by span',
  sql: 'SELECT SpanId AS id, count() AS rows FROM otel_traces GROUP BY id',
  params: z.object({}),
  row: z.object({ id: z.string(), rows: z.coerce.number() }),
}

/** Waits until every acknowledged span is a row, the SLOs say what the rows say, and who burns has been paged; or for as long as that may take. */
async function settledRows(
  { processes, store, receiver }: Surroundings,
  sender: SpanSender,
): Promise<Map<string, number>> {
  const latest = Date.now() + longestRecoveryMs
  for (;;) {
    const rows = new Map((await store.reader.query(rowsBySpan, {})).map(({ id, rows: count }) => [id, count]))
    const isWhole = [...sender.acknowledged.keys()].every(id => rows.has(id))
    const paged = new Set(receiver.events.map(({ dedup_key }) => dedup_key.split('/')[0]))
    const isDone = isWhole && paged.size >= burning.size && (await wrongSlos(processes, store)).length === 0
    if (isDone || Date.now() > latest) return rows
    await pause(500)
  }
}

const countsByService = {
  name: 'counts by service',
  sql: `SELECT ServiceName AS service, countIf(SpanAttributes['http.response.status_code'] = '200') AS good, count() AS valid
FROM otel_traces GROUP BY service`,
  params: z.object({}),
  row: z.object({ service: z.string(), good: z.coerce.number(), valid: z.coerce.number() }),
}

/** What the API answers beside what is in the store. */
async function wrongSlos(processes: readonly RoleUnderTest[], store: Store): Promise<string[]> {
  const response = await fetch(`${urlOf(processes, 'api')}/api/v1/slos`)
  const { slos } = (await response.json()) as { slos: { name: string; good: number; valid: number }[] }
  const counted = new Map((await store.reader.query(countsByService, {})).map(row => [row.service, row]))
  return services.filter(name => {
    const slo = slos.find(each => each.name === name)
    const { good, valid } = counted.get(name) ?? { good: 0, valid: 0 }
    return slo === undefined || slo.good !== good || slo.valid !== valid
  })
}

function urlOf(processes: readonly RoleUnderTest[], role: RoleName): string {
  return processes.find(process => process.role === role)?.url ?? ''
}
