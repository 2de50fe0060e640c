import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { z } from 'zod'
import { backtestSpecs } from '../../compute/jobs/backtest-specs.ts'
import { createEvaluator } from '../../compute/jobs/evaluator.ts'
import { planSpecs } from '../../compute/jobs/plan-specs.ts'
import { createSpecLedger } from '../../compute/jobs/spec-ledger.ts'
import { createSpecsInForce, parseSpecFiles } from '../../compute/jobs/specs-in-force.ts'
import { systemClock as clock } from '../../lib/clock.ts'
import { silentLogger as logger } from '../../lib/logger.ts'
import { importSloth } from '../../slo-specs/schema/convert/import-sloth.ts'
import { writeDefinitions } from '../../slo-specs/schema/convert/write-definitions.ts'
import { loadLadder } from '../../slo-specs/schema/ladder.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import type { SpecFile } from '../../slo-specs/schema/parse-specs.ts'
import { createStore } from '../../store/client/create-store.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { realPart } from '../real-parts/install.ts'
import { readProcess } from './processes.ts'
import { slothText, specFiles, writeSpecFiles } from './spec-files.ts'

/**
 * What working with promises costs: validate and apply 10,000 SLOs, plan one changed among them, backtest ten over 30 days of raw events, and 1,000
 * SLOs beside Sloth. `node test/bench/specs.ts [events] [slos]` prints one JSON object.
 */
const events = Number(process.argv[2] ?? 5_000_000)
const many = Number(process.argv[3] ?? 10_000)
const besideSloth = 1000
const goalEvents = 100_000_000
const days = 30
const launcher = new URL('../../ninefold', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'ninefold-bench-'))
const rounded = (value: number) => Math.round(value * 1000) / 1000

/** A program to its end: processor time and peak memory, read every 10 ms. */
function program(command: string, args: readonly string[]) {
  return new Promise<{ cpuSeconds: number; wallSeconds: number; peakRssMegabytes: number }>((resolve, reject) => {
    const started = performance.now()
    process.stderr.write(`  ${command.split('/').at(-1)} ${args[0]} …\n`)
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'] })
    let [cpuSeconds, peakRssMegabytes] = [0, 0]
    const timer = setInterval(() => {
      try {
        const read = readProcess(child.pid ?? 0)
        cpuSeconds = read.cpuSeconds
        peakRssMegabytes = Math.max(peakRssMegabytes, Math.round(read.rssMegabytes))
      } catch {
        // It has just ended.
      }
    }, 10)
    child.on('error', reject)
    child.on('close', code => {
      clearInterval(timer)
      if (code !== 0) reject(new Error(`${command} ${args[0]} ended with ${code}`))
      resolve({ cpuSeconds, wallSeconds: rounded((performance.now() - started) / 1000), peakRssMegabytes })
    })
  })
}

async function measure(what: string, work: () => Promise<unknown>) {
  process.stderr.write(`  ${what} …\n`)
  const before = process.cpuUsage()
  const started = performance.now()
  let peakRssMegabytes = 0
  const timer = setInterval(() => {
    peakRssMegabytes = Math.max(peakRssMegabytes, Math.round(process.memoryUsage.rss() / 1024 ** 2))
  }, 50)
  await work()
  clearInterval(timer)
  const { user, system } = process.cpuUsage(before)
  return {
    cpuSeconds: rounded((user + system) / 1e6),
    wallSeconds: rounded((performance.now() - started) / 1000),
    peakRssMegabytes,
  }
}

async function parsed(files: readonly SpecFile[]): Promise<SpecSet> {
  const { specs, findings } = await parseSpecFiles(files)
  if (specs === null) throw new Error(JSON.stringify(findings.slice(0, 3)))
  return specs
}

async function validation() {
  writeSpecFiles(join(folder, 'many'), many)
  const sloth = await realPart('sloth')
  const original = join(folder, 'sloth.yaml')
  writeFileSync(original, slothText(besideSloth))
  const standard = await loadLadder()
  const { definitions } = importSloth([{ file: original, text: slothText(besideSloth) }], {
    standard,
    period: '30d',
    prometheus: 'http://localhost:9090',
  })
  const imported = join(folder, 'imported.yaml')
  writeFileSync(imported, writeDefinitions(definitions))
  return {
    validateMany: await program(launcher, ['validate', join(folder, 'many')]),
    validate: await program(launcher, ['validate', imported]),
    slothValidate: await program(sloth, ['validate', '-i', original]),
    slothGenerate: await program(sloth, ['generate', '-i', original, '-o', join(folder, 'rules.yaml')]),
  }
}

const store = await createStore({ kind: 'embedded', path: join(folder, 'store') })
try {
  const programs = await validation()
  await migrate(store.compute, { nowMs: Date.now() })
  const endMs = Math.floor(Date.now() / 60_000) * 60_000
  const perDay = Math.floor(events / days)
  // A day at a time, as events arrive; one in a hundred is bad. One of five first, for a second size.
  const insert = async (day: number, chosen: string) => {
    const fromMs = endMs - (days - day) * 86_400_000
    const sql = `INSERT INTO otel_traces (Timestamp, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode)
SELECT fromUnixTimestamp64Milli(${fromMs} + toInt64(number * ${86_400_000 / perDay})), concat('GET ', route), 'Server',
  concat('service-', toString(cityHash64(number, 2) % ${many / 10})) AS service,
  map('service.name', service, 'service.version', '1.2.3', 'cloud.region', 'eu', 'k8s.pod.name', concat(service, '-1')),
  map('http.request.method', 'GET', 'http.response.status_code', if(cityHash64(number, 3) % 100 = 0, '500', '200'),
    'http.route', concat('/route/', toString(cityHash64(number, 4) % 10)) AS route, 'url.path', '/cart/17', 'server.address', 'shop.example.com'),
  cityHash64(number, 5) % 100000000, 'Unset'
FROM numbers(${perDay}) WHERE number % 5 ${chosen} SETTINGS max_insert_threads = 1`
    await store.compute.execute({ name: 'bench', sql, params: z.object({}) }, {})
  }
  const files = specFiles(many)
  const ten = await parsed(files.slice(0, 1))
  // Over all events of ten routes, so that no primary key helps.
  const allEvents = files
    .slice(0, 1)
    .map(({ file, text }) => ({ file, text: text.replaceAll('service.name == "service-0" && ', '') }))
  const wide = await parsed(allEvents)
  const backtestAll = async () => {
    let counted = 0
    const cost = await measure('wideBacktest', async () => {
      const { slos } = await backtestSpecs({ reader: store.reader, clock }, wide, {
        fromMs: endMs - days * 86_400_000,
        toMs: endMs,
      })
      counted = slos.reduce((sum, { today }) => sum + Number(today.valid), 0)
    })
    return { ...cost, counted }
  }
  for (let day = 0; day < days; day++) await insert(day, '= 0')
  // The first backtest of a process reads the engine's code too.
  await backtestAll()
  const fifth = await backtestAll()
  for (let day = 0; day < days; day++) await insert(day, '!= 0')
  let backtested = 0
  const backtest = await measure('backtest', async () => {
    const { slos } = await backtestSpecs({ reader: store.reader, clock }, ten, {
      fromMs: endMs - days * 86_400_000,
      toMs: endMs,
    })
    backtested = slos.reduce((sum, { today }) => sum + Number(today.valid), 0)
  })
  const wideBacktest = await backtestAll()

  const ledger = createSpecLedger({ writer: store.writer, clock })
  const inForce = createSpecsInForce({ ledger, logger })
  const evaluator = createEvaluator({
    store,
    specs: inForce.current,
    senders: [],
    clock,
    logger,
    meter: createNoopMeter(),
  })
  await evaluator.tick()
  let evaluated = 0
  const apply = await measure('apply', async () => {
    await inForce.apply(files, { source: 'apply', path: '', author: '', commit: '', message: '' }, { prune: true })
    evaluated = (await evaluator.tick()).evaluated
  })
  const changed = files.map((each, index) =>
    index === 7 ? { ...each, text: each.text.replace('target: 0.99', 'target: 0.995') } : each,
  )
  let planned = 0
  const plan = await measure('plan', async () => {
    const after = await parsed(changed)
    planned = (await planSpecs({ reader: store.reader, clock }, { before: inForce.current(), after }, { days })).slos
      .length
  })
  /** By the line through both sizes: what replaying alerts costs is the same however many events there are. */
  const atGoal = (of: 'wallSeconds' | 'cpuSeconds') => {
    const anEvent = (wideBacktest[of] - fifth[of]) / (wideBacktest.counted - fifth.counted)
    return Math.round(wideBacktest[of] + anEvent * (goalEvents - wideBacktest.counted))
  }
  const result = {
    bench: 'specs',
    engine: store.version,
    ...programs,
    apply: {
      ...apply,
      slos: many,
      evaluated,
      what: 'reading, writing the revision down, and the first statuses of all',
    },
    plan: { ...plan, slos: many, planned, what: 'reading, comparing, and replaying the one that changed' },
    backtest: {
      ...backtest,
      slos: 10,
      events,
      counted: backtested,
      days,
      what: 'ten SLOs of one service among a thousand',
    },
    wideBacktest: {
      ...wideBacktest,
      slos: 10,
      events,
      days,
      ofAFifth: fifth,
      extrapolatedFrom: [fifth.counted, wideBacktest.counted],
      extrapolatedWallSeconds: atGoal('wallSeconds'),
      extrapolatedCpuSeconds: atGoal('cpuSeconds'),
      what: `ten SLOs over all events; extrapolated to ${goalEvents} events by the line through two sizes`,
    },
    goal: { validateSeconds: 3, validateMegabytes: 400, backtestSeconds: 30, backtestEvents: goalEvents },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
} finally {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}
