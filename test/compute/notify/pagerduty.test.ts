import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPagerDutySender, type PagerDutyOptions } from '../../../compute/notify/pagerduty.ts'
import { backOffMs, retryAfterMs } from '../../../lib/back-off.ts'
import { systemClock } from '../../../lib/clock.ts'
import { isPublicAddress } from '../../../lib/outbound.ts'
import { noticeOf } from './notices.ts'
import { type PagerDutyStub, startPagerDutyStub } from './pagerduty-stub.ts'

const routingKey = 'R0123456789ABCDEF0123456789ABCDE'
const officeKey = 'R-OFFICE'
let stub: PagerDutyStub
let folder: string
let options: PagerDutyOptions & { readonly routingKeyFile: string }

beforeEach(async () => {
  stub = await startPagerDutyStub(routingKey, officeKey)
  folder = mkdtempSync(join(tmpdir(), 'ninefold-notify-'))
  const routingKeyFile = join(folder, 'key')
  writeFileSync(routingKeyFile, `${routingKey}\n`)
  options = {
    url: stub.url,
    routingKeyFile,
    links: {
      viewerUrl: 'https://ninefold.example.com',
      dashboardUrl: 'https://grafana.example.com/d/slo?var-slo={slo}',
    },
    allowHosts: [stub.host],
    clock: systemClock,
    backOff: { firstMs: 1000, longestMs: 300_000, random: () => 0 },
  }
})
afterEach(async () => {
  await stub.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a page says what burns, how fast, where, since which version, and links to it', async () => {
  const sender = createPagerDutySender(options)
  expect(await sender.send(sender.compose(noticeOf()), 1, 'on-call')).toEqual({ outcome: 'sent' })
  expect(stub.violations).toEqual([])
  const [event] = stub.events
  if (event?.event_action !== 'trigger') throw new Error('not a trigger')
  expect(event.dedup_key).toBe('checkout-availability/page/2026-11-20T10:04Z')
  expect(event.payload.severity).toBe('critical')
  expect(event.payload.summary).toBe(
    'Checkout availability (checkout) burns its error budget 21.1 times too fast over 1 h, 2104 of 100000 events bad, ' +
      '94.5 % of them in availability_zone eu-1a, since version 2.4.0, the 30d budget overspent by 30.1 %',
  )
  expect(event.payload.custom_details).toMatchObject({
    objective: '0.999',
    budget_remaining_ratio: -0.3005,
    burn_rates: [{ condition: 'page-1h', long_window: '1h', short_burn_rate: 88.5, valid: 100_000 }],
    suspect_version: '2.4.0',
  })
  expect(event.links?.map(({ href }) => href)).toEqual([
    'https://ninefold.example.com/slos/checkout-availability',
    'https://grafana.example.com/d/slo?var-slo=checkout-availability',
    'https://runbooks.example.com/checkout',
  ])
})

test('a resolve carries the key of its trigger and nothing that could open another incident', async () => {
  const sender = createPagerDutySender(options)
  await sender.send(sender.compose(noticeOf({ action: 'resolve' })), 1, 'on-call')
  expect(stub.events).toEqual([
    { routing_key: routingKey, event_action: 'resolve', dedup_key: 'checkout-availability/page/2026-11-20T10:04Z' },
  ])
})

test('tickets and silence are warnings', async () => {
  const sender = createPagerDutySender(options)
  for (const severity of ['ticket', 'no-data'] as const)
    await sender.send(sender.compose(noticeOf({}, { severity })), 1, 'on-call')
  expect(stub.events.map(event => (event.event_action === 'trigger' ? event.payload.severity : ''))).toEqual([
    'warning',
    'warning',
  ])
})

test('whatever texts a spec or a layer holds, the event keeps to the documented format', async () => {
  const sender = createPagerDutySender(options)
  const long = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer({ min: 1, max: 700_000 }).map(length => 'ü'.repeat(length)),
  )
  await fc.assert(
    fc.asyncProperty(long, long, long, long, async (name, value, key, runbook) => {
      const episode = {
        dedupKey: `k${key}`,
        service: `s${name}`,
        suspectVersion: value,
        burningLayers: [{ layer: 'pod', value, bad: 2n ** 60n, valid: 2n ** 63n, shareOfBad: 1 }],
      }
      const body = sender.compose(noticeOf({ sloDisplayName: name, runbook }, episode))
      expect(await sender.send(body, 1, 'on-call')).toEqual({ outcome: 'sent' })
      const resolve = sender.compose(noticeOf({ action: 'resolve' }, episode))
      expect(JSON.parse(resolve).dedup_key).toBe(JSON.parse(body).dedup_key)
    }),
    { numRuns: 60 },
  )
  expect(stub.violations).toEqual([])
})

test('the routing key is read at each attempt and appears in no body and no reason', async () => {
  const sender = createPagerDutySender(options)
  const body = sender.compose(noticeOf())
  expect(body).not.toContain(routingKey)
  expect(JSON.parse(body).routing_key).toBe('***')
  writeFileSync(options.routingKeyFile, 'rotated-away')
  const refused = await sender.send(body, 1, 'on-call')
  expect(refused).toMatchObject({ outcome: 'rejected', code: 'NOTIFY_REJECTED' })
  stub.answers.push({ status: 400, body: 'no such key: rotated-away' })
  expect(await sender.send(body, 1, 'on-call')).toMatchObject({ reason: 'status 400: no such key: ***' })
  writeFileSync(options.routingKeyFile, routingKey)
  expect(await sender.send(body, 1, 'on-call')).toEqual({ outcome: 'sent' })
})

test('a missing routing key file delays the page and names the reason', async () => {
  const sender = createPagerDutySender({ ...options, routingKeyFile: join(folder, 'absent') })
  const delivery = await sender.send(sender.compose(noticeOf()), 1, 'on-call')
  expect(delivery).toMatchObject({ outcome: 'retry', reason: 'the routing key file cannot be read (ENOENT)' })
  expect(stub.requests).toBe(0)
})

test('a target with a key of its own is told with it and no other, the rest share one', async () => {
  const routingKeysDirectory = join(folder, 'keys')
  mkdirSync(routingKeysDirectory)
  writeFileSync(join(routingKeysDirectory, 'office'), officeKey)
  writeFileSync(join(routingKeysDirectory, 'empty'), '')
  const sender = createPagerDutySender({ ...options, routingKeysDirectory })
  const body = sender.compose(noticeOf())
  for (const target of ['office', 'on-call', '../keys/office', '..'])
    expect(await sender.send(body, 1, target), target).toEqual({ outcome: 'sent' })
  expect(stub.events.map(event => event.routing_key)).toEqual([officeKey, routingKey, routingKey, routingKey])
  const damaged = { outcome: 'retry', reason: 'the routing key file does not hold one key' }
  expect(await sender.send(body, 1, 'empty')).toMatchObject(damaged)
  const alone = createPagerDutySender({ ...options, routingKeyFile: null, routingKeysDirectory })
  expect(await alone.send(body, 1, 'office')).toEqual({ outcome: 'sent' })
  const keyless = { outcome: 'retry', reason: 'there is no routing key for on-call' }
  expect(await alone.send(body, 1, 'on-call')).toMatchObject(keyless)
})

test('429 waits as long as the receiver asks, 5xx backs off, other 4xx is final, a redirect is not followed', async () => {
  const sender = createPagerDutySender(options)
  const body = sender.compose(noticeOf())
  stub.answers.push({ status: 429, headers: { 'retry-after': '17' } })
  expect(await sender.send(body, 1, 'on-call')).toMatchObject({ outcome: 'retry', afterMs: 17_000 })
  stub.answers.push({ status: 503 })
  expect(await sender.send(body, 3, 'on-call')).toMatchObject({ outcome: 'retry', afterMs: 2000 })
  stub.answers.push({ status: 403, body: 'forbidden' })
  expect(await sender.send(body, 1, 'on-call')).toMatchObject({ outcome: 'rejected', reason: 'status 403: forbidden' })
  stub.answers.push({ status: 307, headers: { location: `${stub.url}/v2/enqueue` } })
  expect(await sender.send(body, 1, 'on-call')).toMatchObject({ outcome: 'rejected' })
  expect(stub.requests).toBe(4)
  expect(stub.events).toEqual([])
})

test('a receiver that is not there is asked again later', async () => {
  await stub.close()
  const sender = createPagerDutySender(options)
  expect(await sender.send(sender.compose(noticeOf()), 1, 'on-call')).toMatchObject({
    outcome: 'retry',
    reason: 'ECONNREFUSED',
  })
  stub = await startPagerDutyStub(routingKey, officeKey)
})

test('addresses that are not https to a public host are refused unless allowed by name', () => {
  const refused = [
    'http://events.pagerduty.com',
    'https://127.0.0.1',
    'https://[::1]',
    'https://[::ffff:10.0.0.1]',
    'https://10.1.2.3',
    'https://169.254.169.254',
    'https://2130706433',
    'https://0x7f.1',
    'https://localhost',
    'https://api.localhost.',
    'https://user:secret@events.pagerduty.com',
    'file:///etc/passwd',
    'nonsense',
  ]
  for (const url of refused) {
    expect(() => createPagerDutySender({ ...options, allowHosts: [], url }), url).toThrowError(
      expect.objectContaining({ code: 'NOTIFY_UNSAFE_URL' }),
    )
  }
  expect(() => createPagerDutySender({ ...options, allowHosts: [], url: 'https://events.pagerduty.com' })).not.toThrow()
})

test('a public name that resolves to a private address is refused when connecting', async () => {
  const lookup = ((_name: string, _options: unknown, callback: (error: null, addresses: unknown) => void) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as NonNullable<PagerDutyOptions['lookup']>
  const sender = createPagerDutySender({ ...options, allowHosts: [], url: 'https://events.example.com', lookup })
  expect(await sender.send(sender.compose(noticeOf()), 1, 'on-call')).toMatchObject({
    outcome: 'rejected',
    code: 'NOTIFY_UNSAFE_URL',
  })
})

test('only addresses of the public internet are public', () => {
  for (const address of ['8.8.8.8', '2606:4700::1111', '2001:4860:4860::8888'])
    expect(isPublicAddress(address), address).toBe(true)
  for (const address of [
    '192.168.1.1',
    '100.64.0.1',
    '224.0.0.1',
    'fe80::1',
    'fec0::1',
    'fd00::1',
    '2001::1',
    '64:ff9b:1::1',
    '::',
    '::ffff:8.8.8.8',
    'x',
  ])
    expect(isPublicAddress(address), address).toBe(false)
})

test('the wait doubles up to its ceiling and is never shorter than half of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, drawn) => {
        const wait = backOffMs(attempt, { firstMs: 1000, longestMs: 300_000, random: () => drawn })
        const ceiling = Math.min(300_000, 1000 * 2 ** Math.min(attempt - 1, 20))
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2)
        expect(wait).toBeLessThanOrEqual(ceiling)
      },
    ),
  )
})

test('Retry-After is understood as seconds and as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(retryAfterMs('120', now)).toBe(120_000)
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000)
  expect(retryAfterMs('soon', now)).toBeUndefined()
  expect(retryAfterMs(undefined, now)).toBeUndefined()
})
