import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/**
 * Stands in for PagerDuty's Events API v2 and holds every request against the documented wire format: a field that is not
 * documented, too long or of another type is answered with 400 as the real one does, and remembered as a violation.
 */
const link = z.strictObject({ href: z.url(), text: z.string().optional() })
const text = z.string().min(1)
const payload = z.strictObject({
  summary: text.max(1024),
  source: text,
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime().optional(),
  component: z.string().optional(),
  group: z.string().optional(),
  class: z.string().optional(),
  custom_details: z.record(z.string(), z.unknown()).optional(),
})
const head = { routing_key: text.max(256), dedup_key: text.max(255) }
const event = z.discriminatedUnion('event_action', [
  z.strictObject({
    ...head,
    event_action: z.literal('trigger'),
    payload,
    client: z.string().optional(),
    client_url: z.url().optional(),
    links: z.array(link).optional(),
    images: z.array(z.strictObject({ src: z.url(), href: z.url().optional(), alt: z.string().optional() })).optional(),
  }),
  z.strictObject({ ...head, event_action: z.enum(['acknowledge', 'resolve']) }),
])
type PagerDutyEvent = z.infer<typeof event>

export interface PagerDutyStub {
  readonly url: string
  readonly host: string
  readonly events: PagerDutyEvent[]
  readonly violations: string[]
  /** Answers given instead of judging, one a request, while there are any. */
  readonly answers: { status: number; headers?: Record<string, string>; body?: string }[]
  requests: number
  close(): Promise<void>
}

/** @param routingKeys of the services that take events. */
export async function startPagerDutyStub(...routingKeys: string[]): Promise<PagerDutyStub> {
  const stub = {
    events: [] as PagerDutyEvent[],
    violations: [] as string[],
    answers: [] as PagerDutyStub['answers'],
    requests: 0,
  }
  const server: Server = createServer(async (request, response) => {
    stub.requests++
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const canned = stub.answers.shift()
    if (canned !== undefined) {
      response.writeHead(canned.status, canned.headers).end(canned.body ?? '')
      return
    }
    const problems = judge(request.method, request.url, request.headers['content-type'], body, routingKeys)
    if (typeof problems === 'string') {
      stub.violations.push(problems)
      response.writeHead(400).end(JSON.stringify({ status: 'invalid event', errors: [problems] }))
      return
    }
    stub.events.push(problems)
    response.writeHead(202).end(JSON.stringify({ status: 'success', dedup_key: problems.dedup_key }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise<void>(resolve => server.close(() => resolve()))
  return Object.assign(stub, { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, close })
}

function judge(
  method?: string,
  path?: string,
  type?: string,
  body?: Buffer,
  routingKeys: readonly string[] = [],
): PagerDutyEvent | string {
  if (method !== 'POST' || path !== '/v2/enqueue') return `${method} ${path}`
  if (type !== 'application/json') return `content-type ${type}`
  if (body === undefined || body.length > 512 * 1024) return 'too large'
  const parsed = event.safeParse(JSON.parse(body.toString('utf8')))
  if (!parsed.success) return parsed.error.message
  return routingKeys.includes(parsed.data.routing_key) ? parsed.data : 'unknown routing key'
}
