import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { realPart } from '../real-parts/install.ts'
import { eventually, freePorts } from './ninefold.ts'

export interface RunningPrometheus {
  readonly url: string
  /** `127.0.0.1:port`. */
  readonly host: string
  /** Ends the process; `start` brings it back with its data, under the same address. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

/** A real Prometheus that holds the samples of an OpenMetrics text. @param basicAuth a `user: bcrypt` line for its web configuration. */
export async function startPrometheus(
  openMetrics: string,
  options: { readonly basicAuth?: string } = {},
): Promise<RunningPrometheus> {
  const [prometheus, promtool] = [await realPart('prometheus'), await realPart('promtool')]
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-prometheus-'))
  const [port = 0] = await freePorts(1)
  const host = `127.0.0.1:${port}`
  const input = join(folder, 'samples.txt')
  writeFileSync(input, openMetrics)
  await promisify(execFile)(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', input, join(folder, 'data')])
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n')
  writeFileSync(
    join(folder, 'web.yml'),
    options.basicAuth === undefined ? '' : `basic_auth_users:\n  ${options.basicAuth}\n`,
  )
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--web.config.file=${join(folder, 'web.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=100d',
    `--web.listen-address=${host}`,
  ]
  let child: ReturnType<typeof spawn> | undefined
  const start = async () => {
    child = spawn(prometheus, args, { stdio: 'ignore' })
    const answers = () =>
      fetch(`http://${host}/-/ready`).then(
        ({ status }) => status,
        () => 0,
      )
    await eventually(answers, status => status === 200 || status === 401, 60_000)
  }
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url: `http://${host}`,
    host,
    start,
    stop,
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A real Prometheus over a configuration file. @returns its address, and what ends it. */
export async function startPrometheusOf(configFile: string, folder: string) {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const args = [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(folder, 'prometheus-data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const child = spawn(await realPart('prometheus'), args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const close = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await eventually(isReady, ok => ok, 60_000).catch(async error => {
    await close()
    throw error
  })
  return { url, close }
}
