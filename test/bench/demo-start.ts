/**
 * From starting the demo for the first time to the first SLO that has a number, as the list of SLOs asks for it; no browser. `node
 * test/bench/demo-start.ts` prints one JSON object.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePorts, removeFolder } from '../factories/ninefold.ts'

const launcher = new URL('../../ninefold', import.meta.url).pathname
const longestMs = 120_000

async function measure(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-bench-demo-'))
  const [api = 0, otlp = 0, grpc = 0, metrics = 0] = await freePorts(4)
  const ports = [`api.port=${api}`, `otlp.http.port=${otlp}`, `otlp.grpc.port=${grpc}`, `metrics.port=${metrics}`]
  const started = performance.now()
  const child = spawn(launcher, ['demo', '--data', folder, ...ports.flatMap(set => ['--set', set])], {
    stdio: 'ignore',
  })
  try {
    for (;;) {
      const first = await fetch(`http://127.0.0.1:${api}/api/v1/slos`)
        .then(async response => ((await response.json()) as { slos: { valid: number }[] }).slos)
        .then(slos => slos.some(({ valid }) => valid > 0))
        .catch(() => false)
      const passedMs = performance.now() - started
      if (first) return Math.round(passedMs)
      if (passedMs > longestMs) throw new Error(`no SLO had a number within ${longestMs} ms`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  } finally {
    child.kill('SIGINT')
    await once(child, 'exit')
    removeFolder(folder)
  }
}

process.stdout.write(`${JSON.stringify({ bench: 'demo-start', firstSloMs: await measure() })}\n`)
process.exit()
