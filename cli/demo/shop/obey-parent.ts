import process from 'node:process'
import type { Deployment, Order, Report } from './messages.ts'

export interface Obedience {
  peers(ports: Extract<Order, { kind: 'peers' }>['ports']): void
  deploy(deployment: Deployment): Promise<void>
  /** Sends what is in hand; the process ends afterwards. */
  stop(): Promise<void>
}

/**
 * Ties this process to the demo that started it: does what it is told over IPC, and ends when the demo is gone however it
 * went, since the channel closes with the demo's process.
 */
export function obeyParent(obedience: Obedience): { tell(report: Report): Promise<void> } {
  // What was not handed over yet when the process ends is not heard.
  const tell = (report: Report) =>
    new Promise<void>(resolve => {
      if (process.send === undefined || !process.connected) resolve()
      else process.send(report, () => resolve())
    })
  process.on('disconnect', () => process.exit(0))
  // Ctrl-C reaches every process of the terminal: the demo decides in which order they end.
  process.on('SIGINT', () => undefined)
  // Only the process that forked this one can speak here, and it speaks the same source.
  process.on('message', message => {
    const told = message as Order
    switch (told.kind) {
      case 'peers':
        return obedience.peers(told.ports)
      case 'deploy':
        return void obedience
          .deploy(told)
          .then(() => tell({ kind: 'deployed', zone: told.zone, version: told.version }))
      case 'stop':
        return void obedience.stop().finally(() => process.exit(0))
    }
  })
  return { tell }
}
