/**
 * The load generator, a process of its own: posts prepared payloads over keep-alive connections as fast as they are taken, or at a rate.
 * Arguments: endpoint, seconds, encoding (plain|gzip), connections, spans a second (0 = as fast as possible), spans in all (0 = as many as
 * the time allows). Prints one JSON line.
 */
import { Agent, request } from 'node:http'
import process from 'node:process'
import { createPayloadFactory, type LoadPayload, spansPerPayload } from './payloads.ts'

const [endpoint = '', secondsText = '10', encoding = 'plain', connectionsText = '8', rateText = '0', mostText = '0'] =
  process.argv.slice(2)
const seconds = Number(secondsText)
const connections = Number(connectionsText)
const rate = Number(rateText)
const mostRequests = Number(mostText) === 0 ? Number.POSITIVE_INFINITY : Math.ceil(Number(mostText) / spansPerPayload)
const url = new URL('/v1/traces', endpoint)
const agent = new Agent({ keepAlive: true, maxSockets: connections })

/** Payloads are made before the clock starts, a few for each second to come, so that events carry the time they are sent at. */
function prepare(): LoadPayload[][] {
  const make = createPayloadFactory()
  const begin = Date.now() + 3000
  return Array.from({ length: seconds + 1 }, (_, second) =>
    Array.from({ length: 6 }, (_, pod) => make(pod, begin + second * 1000)),
  )
}

function post(parts: readonly Uint8Array[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-length': parts.reduce((sum, part) => sum + part.length, 0),
      ...(encoding === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    }
    const outgoing = request(url, { method: 'POST', agent, headers }, response => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    outgoing.on('error', reject)
    for (const part of parts) outgoing.write(part)
    outgoing.end()
  })
}

const payloads = prepare()
const cpuBefore = process.cpuUsage()
const started = performance.now()
let begun = 0
let accepted = 0
let refused = 0
const latencies: number[] = []

async function worker(index: number): Promise<void> {
  for (let sent = 0; ; sent++) {
    const elapsed = (performance.now() - started) / 1000
    if (elapsed >= seconds || begun++ >= mostRequests) return
    if (rate > 0) {
      const due = (sent * connections * spansPerPayload) / rate
      if (due > elapsed) await new Promise(resolve => setTimeout(resolve, (due - elapsed) * 1000))
    }
    const choices = payloads[Math.floor(elapsed)] ?? []
    const payload = choices[(sent + index) % choices.length]
    if (payload === undefined) return
    const before = performance.now()
    const status = await post(payload.another()[encoding === 'gzip' ? 'gzip' : 'plain'])
    latencies.push(performance.now() - before)
    if (status === 200) accepted++
    else {
      refused++
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
}

await Promise.all(Array.from({ length: connections }, (_, index) => worker(index)))
const elapsedSeconds = (performance.now() - started) / 1000
const cpu = process.cpuUsage(cpuBefore)
latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null
process.stdout.write(
  `${JSON.stringify({
    spans: accepted * spansPerPayload,
    requests: accepted,
    refused,
    seconds: elapsedSeconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    latencyMs: { p50: at(0.5), p99: at(0.99) },
  })}\n`,
)
process.exit()
