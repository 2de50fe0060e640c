import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Accepted, type PagerDutyStub, startPagerDutyStub } from '../../../cli/demo/pagerduty-stub.ts'
import type { Clock } from '../../../lib/clock.ts'

const routingKey = 'R0UT1NGKEY'.padEnd(32, '0')
const payload = { summary: 'Checkout burns its budget', source: 'checkout', severity: 'critical' }
const trigger = { routing_key: routingKey, event_action: 'trigger', dedup_key: 'checkout/page/1', payload }
const resolve = { routing_key: routingKey, event_action: 'resolve', dedup_key: 'checkout/page/1' }

describe('the PagerDuty stub', () => {
  let stub: PagerDutyStub
  let nowMs = 0
  const clock: Clock = { now: () => nowMs, sleep: async () => undefined }
  const heard: Accepted[] = []
  beforeEach(async () => {
    heard.length = 0
    nowMs = 1_000_000
    stub = await startPagerDutyStub({ routingKey, clock, eventsPerMinute: 5 })
    stub.onEvent(accepted => heard.push(accepted))
  })
  afterEach(() => stub.stop())

  const post = async (body: unknown, init: RequestInit & { path?: string } = {}) => {
    const { path = '/v2/enqueue', ...rest } = init
    const response = await fetch(`http://${stub.host}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...rest,
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  it('takes a trigger with 202, status, message and dedup key, and opens an incident', async () => {
    expect(await post(trigger)).toEqual({
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'checkout/page/1' },
    })
    expect(stub.incidents()).toMatchObject([{ dedupKey: 'checkout/page/1', state: 'triggered', triggers: 1 }])
  })

  it('keeps one incident for triggers of one key, and closes it with the resolve', async () => {
    await post(trigger)
    await post(trigger)
    nowMs += 60_000
    await post({ ...resolve, event_action: 'acknowledge' })
    expect(stub.incidents()).toMatchObject([{ state: 'acknowledged', triggers: 2 }])
    await post(resolve)
    expect(stub.incidents()).toMatchObject([{ state: 'resolved', triggers: 2, resolvedAtMs: nowMs }])
    expect(heard.map(({ event }) => event.event_action)).toEqual(['trigger', 'trigger', 'acknowledge', 'resolve'])
  })

  it('opens a second incident when a resolved key is triggered again', async () => {
    await post(trigger)
    await post(resolve)
    await post(trigger)
    expect(stub.incidents().map(({ state }) => state)).toEqual(['resolved', 'triggered'])
  })

  it('takes a resolve of an unknown key without opening anything', async () => {
    expect((await post(resolve)).status).toBe(202)
    expect(stub.incidents()).toEqual([])
    expect(heard).toMatchObject([{ incident: null }])
  })

  it('chooses a dedup key for a trigger without one', async () => {
    const { dedup_key: omitted, ...without } = trigger
    expect((await post(without)).body.dedup_key).toMatch(/^[0-9a-f]{32}$/)
    expect(omitted).toBe('checkout/page/1')
  })

  it('takes every documented field', async () => {
    const full = {
      ...trigger,
      client: 'Ninefold',
      client_url: 'http://127.0.0.1:8080/slos/a',
      links: [{ href: 'http://127.0.0.1:8080/slos/a', text: 'SLO' }],
      images: [{ src: 'https://example.org/a.png', href: 'https://example.org', alt: 'a' }],
      payload: {
        ...payload,
        timestamp: '2026-11-22T11:30:00.000Z',
        component: 'pod=a',
        group: 'shop',
        class: 'slo burn rate',
        custom_details: { burn_rates: [{ window: '1h', rate: 20 }] },
      },
    }
    expect((await post(full)).status).toBe(202)
  })

  it.each([
    ['a body that is not JSON', '{"routing_key":'],
    ['a body that is no object', []],
    ['a missing routing key', { ...trigger, routing_key: undefined }],
    ['a routing key of the wrong form', { ...trigger, routing_key: 'short' }],
    ['an unknown routing key', { ...trigger, routing_key: 'X'.repeat(32) }],
    ['an unknown action', { ...trigger, event_action: 'open' }],
    ['a dedup key that is too long', { ...trigger, dedup_key: 'x'.repeat(256) }],
    ['an empty dedup key', { ...trigger, dedup_key: '' }],
    ['a trigger without a payload', { ...trigger, payload: undefined }],
    ['a trigger without a summary', { ...trigger, payload: { ...payload, summary: undefined } }],
    ['an empty summary', { ...trigger, payload: { ...payload, summary: '' } }],
    ['a summary that is too long', { ...trigger, payload: { ...payload, summary: 'x'.repeat(1025) } }],
    ['a trigger without a source', { ...trigger, payload: { ...payload, source: undefined } }],
    ['an unknown severity', { ...trigger, payload: { ...payload, severity: 'page' } }],
    ['a timestamp that is not ISO 8601', { ...trigger, payload: { ...payload, timestamp: 'yesterday' } }],
    ['details that are no object', { ...trigger, payload: { ...payload, custom_details: 'a' } }],
    ['a field that is not documented', { ...trigger, priority: 1 }],
    ['a payload field that is not documented', { ...trigger, payload: { ...payload, priority: 1 } }],
    ['a link without an address', { ...trigger, links: [{ text: 'a' }] }],
    ['a link that is no address', { ...trigger, links: [{ href: 'a' }] }],
    ['an image without a source', { ...trigger, images: [{ alt: 'a' }] }],
    ['a resolve without a dedup key', { ...resolve, dedup_key: undefined }],
    ['a resolve with a payload', { ...resolve, payload }],
    ['more than 512 KB', { ...trigger, payload: { ...payload, custom_details: { a: 'x'.repeat(512 * 1024) } } }],
  ])('refuses %s with 400 and says why', async (_, body) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.body.status).toBe('invalid event')
    expect((answer.body.errors as string[]).length).toBeGreaterThan(0)
    expect(stub.refusals).toEqual(answer.body.errors)
    expect(stub.incidents()).toEqual([])
    expect(heard).toEqual([])
  })

  it('refuses another content type, path or method', async () => {
    expect((await post(trigger, { headers: { 'content-type': 'text/plain' } })).status).toBe(400)
    expect((await post(trigger, { path: '/v1/enqueue' })).status).toBe(404)
    expect((await post(trigger, { method: 'PUT' })).status).toBe(405)
    expect(stub.incidents()).toEqual([])
  })

  it('answers 429 beyond its rate and takes events again a minute later', async () => {
    const statuses: number[] = []
    for (let count = 0; count < 6; count++) statuses.push((await post(trigger)).status)
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
    nowMs += 60_000
    expect((await post(trigger)).status).toBe(202)
  })

  it('no longer calls a listener that has left', async () => {
    const late: Accepted[] = []
    const leave = stub.onEvent(accepted => late.push(accepted))
    leave()
    await post(trigger)
    expect(late).toEqual([])
    expect(heard).toHaveLength(1)
  })
})
