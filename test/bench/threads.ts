/**
 * Which threads of `ninefold up` take how much CPU from HTTP to rows, and for merges afterwards. `node test/bench/threads.ts [thousands of
 * spans] [plain|gzip]` prints one JSON object. Threads are told by their names: MainThread is the gateway and all other JavaScript,
 * QueryCompPipe… inserts of payloads with their views, MergeMutate merges, QueryPipeline… roll-ups, libuv-worker the log with its syncs,
 * staging, and the planning of all statements.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startWithOneSlo, untilStored } from './one-slo-instance.ts'
import { readProcess } from './processes.ts'
import { generateLoad } from './under-load.ts'

const spansToSend = 1000 * Number(process.argv[2] ?? 4000)
const encoding = process.argv[3] ?? 'plain'
const longestSeconds = 120
/** Short, because a thread that ends between two readings takes what it did since the first with it. */
const readEveryMs = 50
/** Merges have ended when the process takes less than this share of a core for three seconds. */
const quietShare = 0.15

/** CPU seconds of each thread's name since `createThreadClock`, threads that have ended included. */
function createThreadClock(pid: number) {
  const ticksOf = new Map<string, number>()
  const secondsOf = new Map<string, number>()
  const read = () => {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      let stat: string
      try {
        stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
      } catch {
        continue // It has ended since the directory was read.
      }
      const end = stat.lastIndexOf(')')
      const name = stat.slice(stat.indexOf('(') + 1, end)
      const fields = stat.slice(end + 2).split(' ')
      const ticks = Number(fields[11]) + Number(fields[12])
      secondsOf.set(name, (secondsOf.get(name) ?? 0) + (ticks - (ticksOf.get(thread) ?? 0)) / 100)
      ticksOf.set(thread, ticks)
    }
  }
  read()
  secondsOf.clear()
  return { read, secondsOf }
}

async function untilQuiet(pid: number): Promise<void> {
  for (let quietSeconds = 0; quietSeconds < 3; ) {
    const before = readProcess(pid).cpuSeconds
    await new Promise(resolve => setTimeout(resolve, 1000))
    quietSeconds = readProcess(pid).cpuSeconds - before < quietShare ? quietSeconds + 1 : 0
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ninefold-bench-threads-'))
const instance = await startWithOneSlo(folder)
try {
  const clock = createThreadClock(instance.pid)
  const reading = setInterval(clock.read, readEveryMs)
  const cpu = () => readProcess(instance.pid).cpuSeconds
  const before = cpu()
  const load = await generateLoad(instance.otlp, longestSeconds, encoding, 8, 0, spansToSend)
  await untilStored(instance)
  const untilRows = cpu() - before
  await untilQuiet(instance.pid)
  const untilMerged = cpu() - before
  clock.read()
  clearInterval(reading)
  const perMillion = (seconds: number) => Number((seconds / (load.spans / 1e6)).toFixed(2))
  const threads = [...clock.secondsOf]
    .map(([name, seconds]) => [name, perMillion(seconds)] as const)
    .filter(([, seconds]) => seconds >= 0.02)
    .sort(([, a], [, b]) => b - a)
  const cpuSecondsPerMillionSpans = { untilRows: perMillion(untilRows), untilMerged: perMillion(untilMerged) }
  const result = { encoding, spans: load.spans, cpuSecondsPerMillionSpans, threads: Object.fromEntries(threads) }
  process.stdout.write(`${JSON.stringify({ bench: 'threads', ...result }, null, 2)}\n`)
} finally {
  await instance.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
