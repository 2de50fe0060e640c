import { type Agent, request } from 'node:http'

const timeoutMs = 5000

export interface Sending {
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly agent?: Agent
}

/** Sends a request without body to this machine and reads the answer to its end; the status. */
export function sendRequest({ port, method, path, headers, agent }: Sending): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, method, path, headers, timeout: timeoutMs, ...(agent === undefined ? {} : { agent }) },
      incoming => {
        incoming.on('error', reject)
        incoming.on('end', () => resolve(incoming.statusCode ?? 0))
        incoming.resume()
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}
