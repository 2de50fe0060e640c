/**
 * HTTP in → durable → rows queryable, as fast as it goes, with the load generator on the same cores; beside it the OpenTelemetry Collector
 * (otlp → batch → nop: it receives and discards) under the same load. `node test/bench/ingest.ts [seconds]` prints one JSON object.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePorts, startNinefold } from '../factories/ninefold.ts'
import { realPart } from '../real-parts/install.ts'
import { startWithOneSlo, untilStored } from './one-slo-instance.ts'
import { readProcess, waitFor } from './processes.ts'
import { measureUnderLoad, type UnderLoad } from './under-load.ts'

const seconds = Number(process.argv[2] ?? 60)
const folder = mkdtempSync(join(tmpdir(), 'ninefold-bench-'))
const encodings = ['plain', 'gzip'] as const

async function measureNinefold(): Promise<UnderLoad[]> {
  const results: UnderLoad[] = []
  for (const encoding of encodings) {
    const instance = await startWithOneSlo(folder)
    try {
      const settle = () => untilStored(instance)
      results.push(await measureUnderLoad({ endpoint: instance.otlp, pid: instance.pid, seconds, encoding, settle }))
    } finally {
      await instance.kill('SIGTERM')
    }
  }
  return results
}

async function measureCollector(): Promise<UnderLoad[] | string> {
  const binary = await realPart('otelcol').catch((error: Error) => error)
  if (binary instanceof Error) return `not measured: ${binary.message}`
  const [port = 0] = await freePorts(1)
  const config = join(folder, 'collector.yaml')
  const service =
    'service: { telemetry: { metrics: { level: none } }, pipelines: { traces: { receivers: [otlp], processors: [batch], exporters: [nop] } } }'
  writeFileSync(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }\nprocessors: { batch: {} }\nexporters: { nop: {} }\n${service}\n`,
  )
  const child = spawn(binary, ['--config', config], { stdio: 'ignore' })
  try {
    await waitFor('the Collector', 20_000, async () =>
      (await fetch(`http://127.0.0.1:${port}/`)).status > 0 ? true : undefined,
    )
    const results: UnderLoad[] = []
    for (const encoding of encodings) {
      const settle = async () => undefined
      results.push(
        await measureUnderLoad({
          endpoint: `http://127.0.0.1:${port}`,
          pid: child.pid ?? 0,
          seconds,
          encoding,
          settle,
        }),
      )
    }
    return results
  } finally {
    child.kill('SIGTERM')
  }
}

async function measureIdle() {
  const instance = await startNinefold({ data: mkdtempSync(join(folder, 'idle-')) })
  try {
    await new Promise(resolve => setTimeout(resolve, 5000))
    const before = readProcess(instance.pid)
    const idleSeconds = Math.min(30, seconds)
    await new Promise(resolve => setTimeout(resolve, idleSeconds * 1000))
    const after = readProcess(instance.pid)
    return {
      rssMegabytes: Math.round(after.rssMegabytes),
      percentOfOneCore: (100 * (after.cpuSeconds - before.cpuSeconds)) / idleSeconds,
    }
  } finally {
    await instance.kill('SIGTERM')
  }
}

try {
  const idle = await measureIdle()
  const ninefold = await measureNinefold()
  const collector = await measureCollector()
  process.stdout.write(`${JSON.stringify({ bench: 'ingest', seconds, idle, ninefold, collector }, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
