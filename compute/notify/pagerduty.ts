import { type BackOff, backOffMs, retryAfterMs } from '../../lib/back-off.ts'
import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError, errnoOf } from '../../lib/errors.ts'
import type { Delivery, NotificationSender } from '../alerts/notice.ts'
import { composeEvent, type EventLinks } from './pagerduty-event.ts'
import { type Answer, type PostOptions, postJson } from './post-json.ts'
import { checkReceiver } from './receiver.ts'
import { type RoutingKeys, readRoutingKey } from './routing-key.ts'

export interface PagerDutyOptions extends RoutingKeys {
  /** Base URL of the Events API v2, `https://events.pagerduty.com` for PagerDuty itself. */
  readonly url: string
  readonly links: EventLinks
  /** Hosts (`host` or `host:port`) that may be private or plain http. */
  readonly allowHosts: readonly string[]
  readonly clock: Clock
  readonly timeoutMs?: number
  readonly backOff?: BackOff
  readonly lookup?: PostOptions['lookup']
}

const defaultTimeoutMs = 10_000
/** A receiver that asks for more patience than this is asked again all the same. */
const longestPatienceMs = 3_600_000
const defaultBackOff: BackOff = { firstMs: 1000, longestMs: 300_000, random: Math.random }

/**
 * Triggers and resolves incidents through PagerDuty's Events API v2. The routing key exists only between reading its file and
 * the request; bodies and reasons carry `***` in its place.
 * @throws NOTIFY_UNSAFE_URL when the address is not allowed.
 */
export function createPagerDutySender(options: PagerDutyOptions): NotificationSender {
  const base = checkReceiver(options.url, options)
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/v2/enqueue`, base)
  const backOff = options.backOff ?? defaultBackOff
  const post: PostOptions = {
    allowHosts: options.allowHosts,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  }
  const later = (reason: string, attempt: number, atLeastMs = 0): Delivery => ({
    outcome: 'retry',
    code: 'NOTIFY_UNREACHABLE',
    reason,
    afterMs: Math.max(atLeastMs, backOffMs(attempt, backOff)),
  })

  const judge = ({ status, retryAfter, text }: Answer, attempt: number): Delivery => {
    if (status >= 200 && status < 300) return { outcome: 'sent' }
    const reason = text === '' ? `status ${status}` : `status ${status}: ${text}`
    if (status === 429 || status === 408 || status >= 500)
      return later(reason, attempt, Math.min(retryAfterMs(retryAfter, options.clock.now()) ?? 0, longestPatienceMs))
    return { outcome: 'rejected', code: 'NOTIFY_REJECTED', reason }
  }

  const send = async (body: string, attempt: number, target: string): Promise<Delivery> => {
    const key = await readRoutingKey(options, target)
    if (key instanceof Error) return later(key.message, attempt)
    const event: unknown = JSON.parse(body)
    const filled = JSON.stringify({ ...(event as object), routing_key: key })
    let delivery: Delivery
    try {
      delivery = judge(await postJson(url, filled, post), attempt)
    } catch (error) {
      const known = asNinefoldError(error)
      if (known.code === 'NOTIFY_UNSAFE_URL') {
        delivery = { outcome: 'rejected', code: known.code, reason: known.message }
      } else {
        delivery = later(describe(error), attempt)
      }
    }
    // A receiver may repeat what it was sent.
    return delivery.outcome === 'sent' ? delivery : { ...delivery, reason: delivery.reason.replaceAll(key, '***') }
  }

  return { kind: 'pagerduty', compose: notice => composeEvent(notice, options.links), send }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  return errnoOf(error) ?? error.message
}
