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
  const program = await realPart(part)
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-collector-'))
  const file = join(folder, 'config.yaml')
  // Its own metrics port would be the same for all.
  const service = { ...(config.service as object), telemetry: { metrics: { level: 'none' } } }
  writeFileSync(file, stringify({ ...config, service }))
  const child = spawn(program, ['--config', file], { stdio: ['ignore', 'pipe', 'pipe'] })
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
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
