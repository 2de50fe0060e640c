import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNoopMeter } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEvaluator } from '../../../compute/jobs/evaluator.ts'
import { createPagerDutySender } from '../../../compute/notify/pagerduty.ts'
import { silentLogger } from '../../../lib/logger.ts'
import type { Store } from '../../../store/client/store.ts'
import { listNotifications } from '../../../store/tables/notifications.ts'
import { parseGood, service, sloText } from '../../slo-specs/parse.ts'
import { type PagerDutyStub, startPagerDutyStub } from '../notify/pagerduty-stub.ts'
import type { TestSpan } from './evaluate-filter.ts'
import { insertSpans, openTestStore } from './spans.ts'

/**
 * Who is told of what, with corrections and routes in force: ten requests a minute over an hour and a half, of which in the last half hour
 * all of eu-west-1 fail, every other one.
 */
const routingKeys = { shared: 'R0123456789ABCDEF0123456789ABCDE', 'on-call': 'R-ON-CALL' }
const endMs = Math.floor(Date.now() / 3_600_000) * 3_600_000
let nowMs = endMs
const clock = { now: () => nowMs, sleep: async () => {} }
const minutesAgo = (minutes: number) => endMs - minutes * 60_000
const spans = Array.from({ length: 900 }, (_, index): TestSpan => {
  const region = index % 2 === 0 ? 'eu-west-1' : 'us-east-1'
  return {
    atMs: minutesAgo(90) + index * 6000,
    name: 'POST /pay',
    kind: 'Server',
    status: region === 'eu-west-1' && index >= 600 ? 'Error' : 'Unset',
    durationNs: 1n,
    resource: { 'service.name': 'shop', 'cloud.region': region },
    attributes: {},
  }
})

let store: Store
let close: () => Promise<void>
let stub: PagerDutyStub
let folder: string
beforeAll(async () => {
  ;({ store, close } = await openTestStore())
  stub = await startPagerDutyStub(...Object.values(routingKeys))
  folder = mkdtempSync(join(tmpdir(), 'ninefold-told-'))
  mkdirSync(join(folder, 'keys'))
  writeFileSync(join(folder, 'shared'), routingKeys.shared)
  writeFileSync(join(folder, 'keys', 'on-call'), routingKeys['on-call'])
  await insertSpans(store.writer, spans, 'all')
})
afterAll(async () => {
  await close()
  await stub.close()
  rmSync(folder, { recursive: true, force: true })
})

const target = (name: string, annotations = '{}') => `apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: ${name}, annotations: ${annotations}}
spec: {target: pagerduty}
`
const targets = [target('everybody', '{ninefold.dev/default: "true"}'), target('on-call'), target('office')]
const slo = (name: string) => sloText({ name, objective: '{target: 0.99}' })
const definition = (kind: string, name: string, spec: string) =>
  `apiVersion: ninefold.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}}\n`
const correction = (slo: string, fromMs: number, toMs: number, more = '') =>
  definition(
    'Correction',
    `of-${slo}`,
    `slos: [${slo}], reason: Announced., approver: head of operations, timeRange: {from: "${new Date(fromMs).toISOString()}", to: "${new Date(toMs).toISOString()}"}${more}`,
  )
const route = (name: string, match: string, told: string) =>
  definition('NotificationRoute', name, `match: {${match}}, notificationTargets: [${told}]`)

/** Evaluates the specs, and says who was told what: of the journal, and of what PagerDuty got. */
async function told(...texts: string[]) {
  const before = stub.events.length
  const specs = parseGood(service, ...targets, ...texts)
  const sender = createPagerDutySender({
    url: stub.url,
    routingKeyFile: join(folder, 'shared'),
    routingKeysDirectory: join(folder, 'keys'),
    links: { viewerUrl: 'https://ninefold.example.com' },
    allowHosts: [stub.host],
    clock,
    backOff: { firstMs: 0, longestMs: 0, random: () => 0 },
  })
  const evaluator = createEvaluator({
    ...{ store, specs: () => specs, senders: [sender], clock },
    ...{ logger: silentLogger, meter: createNoopMeter() },
  })
  for (;;) {
    const { pendingMinutes, historyLeft } = await evaluator.tick()
    if (pendingMinutes === 0 && historyLeft === 0) break
  }
  // The past of new SLOs is looked at with the next minute.
  nowMs += 60_000
  do await evaluator.tick()
  while (evaluator.stats().pendingNotifications > 0)
  await evaluator.stop()
  const names = new Set(specs.slos.map(({ name }) => name))
  const rows = await store.reader.query(listNotifications, { slo: '', limit: 100 })
  return {
    journal: rows
      .filter(({ slo }) => names.has(slo))
      .map(
        ({ slo, severity, target, action, state, lastError }) =>
          `${slo}: ${severity} ${action} to ${target}, ${state}${lastError}`,
      )
      .sort(),
    sent: stub.events
      .slice(before)
      .filter(event => event.event_action === 'trigger')
      .map(({ dedup_key: key, routing_key: to }) => {
        const [service] = Object.entries(routingKeys).find(([, known]) => known === to) ?? []
        return `${key.split('/').slice(0, 2).join(' ')} to ${service}`
      })
      .sort(),
  }
}

test('a burn inside a correction pages nobody; what it does not leave out pages as ever', async () => {
  const { journal, sent } = await told(
    ...['announced', 'one-region', 'other-region', 'too-short', 'unannounced'].map(slo),
    correction('announced', minutesAgo(31), endMs),
    correction('one-region', minutesAgo(31), endMs, `, predicate: {filter: 'cloud.region == "eu-west-1"'}`),
    correction('other-region', minutesAgo(31), endMs, `, predicate: {filter: 'cloud.region == "us-east-1"'}`),
    correction('too-short', minutesAgo(31), minutesAgo(25)),
  )
  const paged = ['other-region', 'too-short', 'unannounced']
  expect(journal).toEqual(paged.map(name => `${name}: page trigger to everybody, sent`))
  expect(sent).toEqual(paged.map(name => `${name} page to shared`))
  expect(stub.violations).toEqual([])
})

test('a page goes to whom its routes name and to nobody else; what no route matches goes to the default targets', async () => {
  const { journal, sent } = await told(
    ...['routed', 'twice-routed', 'plain'].map(slo),
    route('pages', 'severities: [page], slos: [routed, twice-routed]', 'on-call'),
    route('twice', 'slos: [twice-routed]', 'office'),
    route('tickets', 'severities: [ticket]', 'office'),
  )
  expect(journal).toEqual([
    'plain: page trigger to everybody, sent',
    'routed: page trigger to on-call, sent',
    'twice-routed: page trigger to office, sent',
    'twice-routed: page trigger to on-call, sent',
  ])
  expect(sent).toEqual([
    'plain page to shared',
    'routed page to on-call',
    'twice-routed page to on-call',
    'twice-routed page to shared',
  ])
})

test('a page that is open when a correction leaves nothing to judge by stays open until good events count again', async () => {
  const trigger = 'corrected-later: page trigger to everybody, sent'
  expect((await told(slo('corrected-later'))).journal).toEqual([trigger])
  const texts = [slo('corrected-later'), correction('corrected-later', minutesAgo(31), endMs + 3_600_000)]
  expect((await told(...texts)).journal).toEqual([trigger])
  // Long enough for what is quiet to be over.
  nowMs += 4 * 60_000
  expect((await told(...texts)).journal).toEqual([trigger])
  const later = spans.slice(0, 200).map(span => ({ ...span, atMs: span.atMs + 151 * 60_000 }))
  await insertSpans(store.writer, later, 'later')
  // From one minute after the correction on, for twenty; an alert is over when it was quiet for five.
  nowMs = endMs + 75 * 60_000
  expect((await told(...texts)).journal).toEqual([trigger])
  nowMs += 5 * 60_000
  expect((await told(...texts)).journal).toEqual(['corrected-later: page resolve to everybody, sent', trigger])
})
