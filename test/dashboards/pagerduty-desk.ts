import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type PagerDutyEvent, parseEvent } from '../../cli/demo/pagerduty-event.ts'

/**
 * Stands in for PagerDuty's Events API v2 towards Alertmanager, which sends with a resolve what the API documents for triggers alone: that is taken off
 * before the event is held against the documented format.
 */
export async function openPagerDutyDesk() {
  const events: PagerDutyEvent[] = []
  const violations: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const event = parseEvent(withoutExtras(Buffer.concat(chunks).toString('utf8')))
    if (request.url !== '/v2/enqueue') violations.push(`path ${request.url}`)
    if ('errors' in event) violations.push(...event.errors)
    else events.push(event)
    response.writeHead('errors' in event ? 400 : 202, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    violations,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function withoutExtras(body: string): string {
  const event = JSON.parse(body) as Record<string, unknown>
  if (event.event_action !== 'resolve') return body
  const { routing_key, event_action, dedup_key } = event
  return JSON.stringify({ routing_key, event_action, dedup_key })
}
