import { z } from 'zod'

/** The documented shape of an event of PagerDuty's Events API v2; a field that is not documented is refused. */

const required = z.string().min(1)
const routingKey = z.string().regex(/^[A-Za-z0-9]{32}$/, 'expected 32 letters and digits')
const dedupKey = z.string().min(1).max(255)

const payload = z.strictObject({
  summary: required.max(1024),
  source: required,
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  component: z.string().optional(),
  group: z.string().optional(),
  class: z.string().optional(),
  custom_details: z.record(z.string(), z.unknown()).optional(),
})

const event = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: routingKey,
    event_action: z.literal('trigger'),
    dedup_key: dedupKey.optional(),
    payload,
    client: z.string().optional(),
    client_url: z.url().optional(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
    images: z.array(z.strictObject({ src: z.url(), href: z.url().optional(), alt: z.string().optional() })).optional(),
  }),
  z.strictObject({
    routing_key: routingKey,
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: dedupKey,
  }),
])

export type PagerDutyEvent = z.infer<typeof event>
export type PagerDutyTrigger = Extract<PagerDutyEvent, { event_action: 'trigger' }>

/** The event that a body holds, or every way in which it departs from the documentation. */
export function parseEvent(body: string): PagerDutyEvent | { readonly errors: readonly string[] } {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    return { errors: [`not JSON: ${error instanceof Error ? error.message : String(error)}`] }
  }
  const parsed = event.safeParse(value)
  if (parsed.success) return parsed.data
  return { errors: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`) }
}
