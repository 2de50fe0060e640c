import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { realPart } from '../real-parts/install.ts'
import { eventually, freePorts } from './ninefold.ts'

export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Absent while it fires. */
  readonly endsAt?: string
}

/** A real Alertmanager over a configuration file, alone. @returns how alerts get to it as from Prometheus, and what ends it. */
export async function startAlertmanager(configFile: string, folder: string) {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const args = [
    `--config.file=${configFile}`,
    `--storage.path=${join(folder, 'alertmanager-data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]
  const program = await realPart('alertmanager')
  // Debian's build looks for its templates below /usr/share, where nothing is installed: it sees those of its own package there.
  const script = `mount --bind ${join(dirname(dirname(program)), 'share')} /usr/share && exec "$@"`
  const inside = ['--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', program, ...args]
  const child = spawn('unshare', inside, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const ended = once(child, 'exit')
  const close = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const isReady = async () => {
    if (child.exitCode !== null) throw new Error('Alertmanager has ended')
    return fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await eventually(isReady, ok => ok, 60_000).catch(async error => {
    await close()
    throw new Error(log, { cause: error })
  })
  return {
    url,
    log: () => log,
    post: async (alerts: readonly PostedAlert[]): Promise<void> => {
      const { status } = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      })
      if (status !== 200) throw new Error(`Alertmanager answered ${status}`)
    },
    close,
  }
}
