import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { realPart } from '../real-parts/install.ts'

export interface Collector {
  readonly pid: number
  close(): Promise<void>
}

/** A real OpenTelemetry Collector with this configuration; ready when it says so. @param part the one with the Kafka parts by default. */
export async function startCollector(
  config: Record<string, unknown>,
  part: 'otelcol' | 'otelcol-clickhouse' = 'otelcol',
): Promise<Collector> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-collector-'))
  const file = join(folder, 'config.yaml')
  // Its own metrics port would be the same for all.
  const service = { ...(config.service as object), telemetry: { metrics: { level: 'none' } } }
  writeFileSync(file, stringify({ ...config, service }))
  const collector = await runCollector(await realPart(part), ['--config', file])
  return {
    pid: collector.pid,
    close: async () => {
      await collector.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A real OpenTelemetry Collector over a file as it is. @param sets what differs, as its own `--set` takes it. */
export async function startCollectorOf(
  file: string,
  options: { readonly sets: readonly string[]; readonly environment: Readonly<Record<string, string>> },
): Promise<Collector> {
  const sets = [...options.sets, 'service.telemetry.metrics.level=none']
  const args = [`--config=${file}`, ...sets.map(set => `--set=${set}`)]
  return await runCollector(await realPart('otelcol'), args, options.environment)
}

async function runCollector(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Collector> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const keep = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000)
      if (said.includes('Everything is ready')) resolve()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('exit', code => reject(new Error(`the Collector ended with ${code}: ${said.slice(-3000)}`)))
  })
  return {
    pid: child.pid ?? 0,
    close: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
