import { Agent, request } from 'node:http'
import { createRequestSource, type EventRequest } from './requests.ts'

/**
 * Sends events with unique keys all the time and remembers which of them were acknowledged: they are the truth. Like an exporter it sends the
 * same bytes again when it had no answer.
 */
export interface SteadyProducer {
  readonly acknowledged: ReadonlySet<string>
  /** Answered with 4xx or 5xx, and no other way before: none of them may be stored. */
  readonly refused: ReadonlySet<string>
  /** Where to send from now on; null while nobody listens. */
  pointTo(port: number | null): void
  /** Sends nothing more, and resolves when nothing that was sent waits for its answer. */
  fallSilent(): Promise<void>
  /** Sends this one now and remembers its answer as of any other. @returns the status, 0 for none. */
  send(request: EventRequest, port: number): Promise<number>
  /** How often each status was answered, 0 for none. */
  readonly answers: ReadonlyMap<number, number>
  stop(): Promise<void>
}

const connections = 3

/** Between an answer and the next request on the same connection: enough traffic for every step of the protocol, and time left for what is hurt. */
const paceMs = 15

export function startSteadyProducer(random: () => number): SteadyProducer {
  const acknowledged = new Set<string>()
  const refused = new Set<string>()
  const unanswered = new Set<EventRequest>()
  const answers = new Map<number, number>()
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const nextRequest = createRequestSource(random)
  let port: number | null = null
  let stopped = false
  let waiting = 0

  const send = async (outgoing: EventRequest, to: number): Promise<number> => {
    waiting++
    const status = await post(agent, to, outgoing).catch(() => 0)
    waiting--
    answers.set(status, (answers.get(status) ?? 0) + 1)
    if (status === 200) for (const key of outgoing.keys) acknowledged.add(key)
    // No answer says nothing: such events may be stored, once, whatever is said of them later.
    else if (status === 0) unanswered.add(outgoing)
    else if (!unanswered.has(outgoing)) for (const key of outgoing.keys) refused.add(key)
    return status
  }

  const work = async () => {
    let outgoing = nextRequest()
    while (!stopped) {
      if (port === null) {
        await pause(5)
        continue
      }
      const status = await send(outgoing, port)
      if (status !== 0) outgoing = nextRequest()
      await pause(status === 200 ? paceMs : 20)
    }
  }
  const workers = Array.from({ length: connections }, work)

  return {
    acknowledged,
    refused,
    answers,
    send,
    pointTo: target => {
      port = target
    },
    fallSilent: async () => {
      port = null
      while (waiting > 0) await pause(5)
    },
    stop: async () => {
      stopped = true
      await Promise.all(workers)
      agent.destroy()
    },
  }
}

const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

function post(agent: Agent, port: number, { path, body }: EventRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const options = { host: '127.0.0.1', port, path, method: 'POST', agent, headers, timeout: 10_000 }
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
