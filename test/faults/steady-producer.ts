import { Agent, request } from 'node:http'
import { attribute, encodeRequest } from '../factories/otlp.ts'

/** Sends spans with unique ids all the time and remembers which of them were acknowledged: they are the truth. */
export interface SteadyProducer {
  readonly acknowledged: ReadonlySet<string>
  /** Sent, but without an answer: these may be stored, once. */
  readonly unanswered: ReadonlySet<string>
  /** Where to send from now on; null while nobody listens. */
  pointTo(port: number | null): void
  /** When the newest acknowledgement came. */
  lastAcknowledgedMs(): number
  stop(): Promise<void>
}

const connections = 3

export function startSteadyProducer(random: () => number): SteadyProducer {
  const acknowledged = new Set<string>()
  const unanswered = new Set<string>()
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let port: number | null = null
  let nextId = 1
  let stopped = false
  let lastMs = 0

  const work = async () => {
    while (!stopped) {
      if (port === null) {
        await new Promise(resolve => setTimeout(resolve, 5))
        continue
      }
      const ids = Array.from({ length: 1 + Math.floor(random() * 12) }, () => (nextId++).toString(16).padStart(16, '0'))
      const status = await post(agent, port, spansRequest(ids)).catch(() => 0)
      if (status === 200) {
        for (const id of ids) acknowledged.add(id)
        lastMs = Date.now()
      } else {
        // 429 and 503 say that nothing was taken; no answer says nothing.
        if (status === 0) for (const id of ids) unanswered.add(id)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
  }
  const workers = Array.from({ length: connections }, work)

  return {
    acknowledged,
    unanswered,
    pointTo: target => {
      port = target
    },
    lastAcknowledgedMs: () => lastMs,
    stop: async () => {
      stopped = true
      await Promise.all(workers)
      agent.destroy()
    },
  }
}

export function spansRequest(ids: readonly string[], name = 'GET /'): Uint8Array {
  const now = `${Date.now()}000000`
  const spans = ids.map(id => ({
    traceId: Buffer.alloc(16, 7),
    spanId: Buffer.from(id, 'hex'),
    name,
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes: [attribute('http.response.status_code', 200)],
  }))
  const resource = { attributes: [attribute('service.name', 'faults')] }
  return encodeRequest('ExportTraceServiceRequest', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

function post(agent: Agent, port: number, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const options = { host: '127.0.0.1', port, path: '/v1/traces', method: 'POST', agent, headers, timeout: 10_000 }
    const outgoing = request(options, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', reject)
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
