import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import { type PagerDutyEvent, type PagerDutyTrigger, parseEvent } from './pagerduty-event.ts'

export interface Incident {
  readonly dedupKey: string
  readonly state: 'triggered' | 'acknowledged' | 'resolved'
  readonly trigger: PagerDutyTrigger
  /** How often it was triggered while open. */
  readonly triggers: number
  readonly triggeredAtMs: number
  readonly resolvedAtMs: number | null
}

/** An event that was accepted, and the incident as it is afterwards; null when a resolve had nothing to resolve. */
export interface Accepted {
  readonly event: PagerDutyEvent
  readonly incident: Incident | null
}

export interface PagerDutyStub {
  /** Where events are posted: `http://127.0.0.1:port/v2/enqueue`. */
  readonly url: string
  /** `127.0.0.1:port`, for the list of allowed hosts. */
  readonly host: string
  /** In the order in which they were first triggered. */
  incidents(): readonly Incident[]
  /** Requests that were refused, with the reason. */
  readonly refusals: readonly string[]
  /** Calls `listener` with every accepted event from now on; returns how to end that. */
  onEvent(listener: (accepted: Accepted) => void): () => void
  stop(): Promise<void>
}

export interface PagerDutyStubOptions {
  /** 32 letters and digits; events with another are refused. */
  readonly routingKey: string
  readonly clock: Clock
  readonly port?: number
  /** What the service takes from one key in a minute before it answers 429. */
  readonly eventsPerMinute?: number
}

const maxBodyBytes = 512 * 1024
const defaultEventsPerMinute = 120
const minuteMs = 60_000

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Stands in for PagerDuty's Events API v2 on this machine: judges every request by the documented wire format, answers as the
 * documentation says, and keeps incidents by their dedup key.
 */
export async function startPagerDutyStub(options: PagerDutyStubOptions): Promise<PagerDutyStub> {
  const open = new Map<string, Incident>()
  const closed: Incident[] = []
  const refusals: string[] = []
  const listeners = new Set<(accepted: Accepted) => void>()
  const throttled = createThrottle(options)

  const refuse = (status: number, text: string, errors: readonly string[]): Answer => {
    refusals.push(...errors)
    return { status, body: { status: text, message: 'Event object is invalid', errors } }
  }
  const judge = async (request: IncomingMessage): Promise<Answer> => {
    const refused = refuseRequest(request)
    const body = await readBody(request)
    if (refused !== undefined) return refuse(refused.status, 'invalid request', [refused.error])
    if (body === undefined) return refuse(400, 'invalid event', [`the body is larger than ${maxBodyBytes} bytes`])
    const event = parseEvent(body)
    if ('errors' in event) return refuse(400, 'invalid event', event.errors)
    if (event.routing_key !== options.routingKey) return refuse(400, 'invalid event', ['routing_key: unknown'])
    if (throttled())
      return { status: 429, body: { status: 'throttle exceeded', message: 'Requests are arriving too quickly' } }
    const dedupKey = event.dedup_key ?? randomUUID().replaceAll('-', '')
    const incident = applyEvent(event, dedupKey, { open, closed }, options.clock.now())
    for (const listener of listeners) listener({ event, incident })
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: dedupKey } }
  }

  const server = createServer((request, response) => {
    judge(request).then(
      ({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      // The sender went away in the middle of its request: nobody is left to answer.
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}/v2/enqueue`,
    host,
    refusals,
    incidents: () => [...closed, ...open.values()].sort((a, b) => a.triggeredAtMs - b.triggeredAtMs),
    onEvent: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuseRequest(request: IncomingMessage): { status: number; error: string } | undefined {
  if (request.url !== '/v2/enqueue') return { status: 404, error: `no such path: ${request.url}` }
  if (request.method !== 'POST') return { status: 405, error: `method ${request.method}: expected POST` }
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json(;|$)/.test(type)) return { status: 400, error: `content-type: ${type || 'missing'}` }
  return undefined
}

/** The body as text, or undefined when it is too large; it is read to its end either way. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= maxBodyBytes) chunks.push(chunk)
  }
  return length > maxBodyBytes ? undefined : Buffer.concat(chunks).toString('utf8')
}

function createThrottle(options: PagerDutyStubOptions): () => boolean {
  const limit = options.eventsPerMinute ?? defaultEventsPerMinute
  let recent: number[] = []
  return () => {
    const now = options.clock.now()
    recent = recent.filter(atMs => atMs > now - minuteMs)
    if (recent.length >= limit) return true
    recent.push(now)
    return false
  }
}

/** An incident is opened by the first trigger of its key, and forgotten by its key once resolved. */
function applyEvent(
  event: PagerDutyEvent,
  dedupKey: string,
  incidents: { readonly open: Map<string, Incident>; readonly closed: Incident[] },
  nowMs: number,
): Incident | null {
  const known = incidents.open.get(dedupKey)
  if (event.event_action === 'trigger') {
    const fresh = { dedupKey, state: 'triggered', triggers: 1, triggeredAtMs: nowMs, resolvedAtMs: null } as const
    const incident: Incident =
      known === undefined ? { ...fresh, trigger: event } : { ...known, trigger: event, triggers: known.triggers + 1 }
    incidents.open.set(dedupKey, incident)
    return incident
  }
  if (known === undefined) return null
  if (event.event_action === 'acknowledge') {
    const acknowledged: Incident = { ...known, state: 'acknowledged' }
    incidents.open.set(dedupKey, acknowledged)
    return acknowledged
  }
  const resolved: Incident = { ...known, state: 'resolved', resolvedAtMs: nowMs }
  incidents.open.delete(dedupKey)
  incidents.closed.push(resolved)
  return resolved
}
