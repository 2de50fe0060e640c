import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { eventually, freePorts, removeFolder } from '../../factories/ninefold.ts'

const launcher = new URL('../../../ninefold', import.meta.url).pathname

it('tells a program where the demo is, on one line of standard output, and ends when asked to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-demo-json-'))
  const [api = 0, otlp = 0, grpc = 0, metrics = 0] = await freePorts(4)
  const ports = [`api.port=${api}`, `otlp.http.port=${otlp}`, `otlp.grpc.port=${grpc}`, `metrics.port=${metrics}`]
  const args = ['demo', '--json', '--data', folder, ...ports.flatMap(set => ['--set', set])]
  const child = spawn(launcher, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const lines: string[] = []
    createInterface(child.stdout).on('line', line => lines.push(line))
    let story = ''
    child.stderr.on('data', (chunk: Buffer) => {
      story += chunk.toString()
    })
    await eventually(
      async () => story,
      said => said.includes('the shop is open'),
      120_000,
    )
    await eventually(
      async () => lines.length,
      count => count > 0,
    )
    expect(lines.map(line => JSON.parse(line))).toEqual([
      {
        viewer: `http://127.0.0.1:${api}`,
        otlp: `http://127.0.0.1:${otlp}`,
        metrics: `http://127.0.0.1:${metrics}/metrics`,
        data: folder,
      },
    ])
    expect((await fetch(`http://127.0.0.1:${api}/livez`)).status).toBe(200)
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([0, null])
    expect(lines).toHaveLength(1)
  } finally {
    child.kill('SIGKILL')
    removeFolder(folder)
  }
})
