import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type RoleName, roleNames } from '../../../cli/instance/role-names.ts'
import { createStore } from '../../../store/client/create-store.ts'
import type { Store } from '../../../store/client/store.ts'
import { startClickHouseHttp } from '../../factories/clickhouse-http/start.ts'
import { type DemoUnderTest, startDemo } from '../../factories/demo-process.ts'
import { startKafka } from '../../factories/kafka-broker.ts'
import { removeFolder } from '../../factories/ninefold.ts'
import { compare, type DemoOutcome, type Kill, readClosingLines } from './compare-demo.ts'
import { countDemoRows, wrongSlos } from './demo-rows.ts'
import { type LogTally, openLogTally } from './log-tally.ts'

export interface DemoKillOptions {
  /** For so long any role at random, or each role once in an order of chance. */
  readonly until: { readonly seconds: number } | 'each once'
  /** How much of the month before is made up; the rest is taken for filled by an earlier run. */
  readonly past: 'a month' | 'an hour'
  readonly random: () => number
  readonly say?: (line: string) => void
}

const settings = ['kafka.partitions=3', 'kafka.shards=4', 'kafka.sessionTimeout=3s']
const [shortestPauseMs, longestPauseMs] = [1500, 5000]
const longestStartMs = 300_000
const longestRecoveryMs = 180_000
/** Longer than an exporter of the shop waits before it sends again. */
const quietMs = 6000
/** From the rollout of the story's bad version until its page is due, with room for what is killed meanwhile. */
const pageIsDueAfterMs = 150_000
const hourMs = 3_600_000

/** `ninefold demo` over a real broker and the engine behind HTTP: its roles are killed, and every number is compared at the end. */
export async function killDemo(options: DemoKillOptions): Promise<DemoOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-kill-demo-'))
  const closing: (() => unknown)[] = [() => removeFolder(folder)]
  try {
    const kafka = await startKafka()
    closing.push(() => kafka.close())
    const server = await startClickHouseHttp({ folder })
    closing.push(() => server.kill('SIGKILL'))
    const data = join(folder, 'demo')
    if (options.past === 'an hour') takePastForFilled(data)
    const demo = await startDemo({ bus: kafka.addresses.join(), store: server.url, data, sets: settings })
    closing.push(() => demo.kill())
    await demo.untilSaid('the shop is open', longestStartMs)
    const remote = { kind: 'remote', url: server.url, username: 'default', password: '', database: 'default' } as const
    const store = await createStore(remote)
    closing.push(() => store.close())
    const log = await openLogTally(kafka.addresses)
    closing.push(() => log.close())
    return await underFire(options, { demo, store, log })
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** All but the last hour of the month. */
function takePastForFilled(data: string): void {
  const now = Date.now()
  mkdirSync(data, { recursive: true })
  const filled = [{ fromMs: now - 31 * 24 * hourMs, toMs: now - hourMs }]
  writeFileSync(join(data, 'backfill.json'), JSON.stringify({ version: 1, anchorMs: now, filled }))
}

interface Surroundings {
  readonly demo: DemoUnderTest
  readonly store: Store
  readonly log: LogTally
}

async function underFire(options: DemoKillOptions, parts: Surroundings): Promise<DemoOutcome> {
  const { demo, store, log } = parts
  const openedMs = Date.now()
  const kills = await killAll(options, demo)
  const killedMs = Date.now()
  demo.haltVisitors()
  const isPageDue = () => killedMs - openedMs >= pageIsDueAfterMs
  const wrong = await untilAtRest(parts, () => !isPageDue() || demo.said().includes('/slos/checkout-availability'))
  const rows = await countDemoRows(store)
  const onLog = { spans: new Map(log.spans), logs: log.logs() }
  const recoverySeconds = Math.round((Date.now() - killedMs) / 1000)
  const { code, left } = await demo.end()
  // What was sent while the demo ended is on the log, and need not be a row yet.
  await log.read()
  const closed = readClosingLines(demo.said())
  const seen = { kills, rows, onLog, log, closed, wrongSlos: wrong, isPageDue: isPageDue() }
  const outcome = compare({ ...seen, recoverySeconds })
  const ends = [
    ...(code === 0 ? [] : [`the demo ended with ${code}`]),
    ...left.map(role => `${role} outlived the demo`),
  ]
  return { ...outcome, wrong: [...outcome.wrong, ...ends] }
}

async function killAll({ until, random, say }: DemoKillOptions, demo: DemoUnderTest): Promise<Kill[]> {
  const kills: Kill[] = []
  const toKill = until === 'each once' ? shuffled(roleNames, random) : null
  const deadline = until === 'each once' ? Number.POSITIVE_INFINITY : Date.now() + until.seconds * 1000
  while (Date.now() < deadline && toKill?.length !== 0) {
    await pause(shortestPauseMs + random() * (longestPauseMs - shortestPauseMs))
    const role = toKill?.[0] ?? roleNames[Math.floor(random() * roleNames.length)] ?? 'sink'
    const pid = demo.pidOf(role)
    // Between its end and its next start there is nothing to kill.
    if (pid === undefined) continue
    process.kill(pid, 'SIGKILL')
    toKill?.shift()
    kills.push({ role, atMs: Date.now() })
    say?.(`${kills.length} killed, now ${role}`)
  }
  return kills
}

function shuffled(roles: readonly RoleName[], random: () => number): RoleName[] {
  return roles
    .map(role => ({ role, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ role }) => role)
}

/**
 * Until the shop sends nothing more, what is on the log is rows and the API says what the rows say; or for as long as that may take.
 * @returns SLOs that are wrong all the same.
 */
async function untilAtRest({ demo, store, log }: Surroundings, isPaged: () => boolean): Promise<string[]> {
  const latest = Date.now() + longestRecoveryMs
  let quietSince = Date.now()
  for (;;) {
    if ((await log.read()) > 0) quietSince = Date.now()
    const wrong = await wrongSlos(demo.apiUrl, store)
    const rows = await countDemoRows(store)
    const isStored = [...log.spans.keys()].every(id => rows.spans.has(id)) && rows.logs >= log.logs()
    const isQuiet = Date.now() - quietSince >= quietMs
    if (isQuiet && isStored && wrong.length === 0 && isPaged()) return wrong
    if (Date.now() > latest) return wrong
    await pause(500)
  }
}
