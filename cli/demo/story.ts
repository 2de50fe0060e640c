import type { Clock } from '../../lib/clock.ts'
import { describeDuration } from '../../lib/durations.ts'
import type { Accepted, PagerDutyStub } from './pagerduty-stub.ts'
import { currentVersions, type ServiceName } from './shop/topology.ts'
import type { Shop } from './shop.ts'

/** What goes wrong in the demo, and when. */
export interface StoryScript {
  readonly service: ServiceName
  readonly zone: string
  readonly badVersion: string
  /** Share of the requests, 0 to 1, that the bad version fails. */
  readonly failureShare: number
  /** From the beginning to the rollout. */
  readonly rolloutAfterMs: number
  /** How long the one who is paged takes to have it rolled back. */
  readonly rollbackAfterPageMs: number
  /** From the rollout to the rollback when no page comes. */
  readonly rollbackLatestMs: number
}

/** docs/guides/demo.md has the arithmetic of these numbers. */
export const defaultScript: StoryScript = {
  service: 'checkout',
  zone: 'eu-west-1b',
  badVersion: '1.5.0',
  failureShare: 0.7,
  rolloutAfterMs: 30_000,
  rollbackAfterPageMs: 12_000,
  rollbackLatestMs: 55_000,
}

export interface StoryOptions {
  readonly shop: Pick<Shop, 'rollOut' | 'visits'>
  readonly pagerDuty: Pick<PagerDutyStub, 'onEvent' | 'incidents'>
  /** One line about how the burning SLO stands, e.g. `62.1 % of the 30 d budget is left`; undefined when it is not known. */
  readonly describeBudget?: () => Promise<string | undefined>
  readonly clock: Clock
  /** Takes one line, without a line break. */
  readonly print: (line: string) => void
  readonly signal: AbortSignal
  readonly script?: Partial<StoryScript>
}

const pollMs = 1000

/**
 * Lets the bad deployment happen and tells it as it happens: rollout, page, rollback, resolve. Time begins with the call.
 * Resolves when every incident is resolved, or soon after the signal aborts; a rollout that has begun is then left as it is.
 */
export async function tellStory(options: StoryOptions): Promise<void> {
  const { shop, pagerDuty, clock, signal } = options
  const script = { ...defaultScript, ...options.script }
  const startMs = clock.now()
  const say = (line: string) => options.print(`${stamp(clock.now() - startMs)}  ${line}`)
  const paged = new AbortController()
  const unsubscribe = pagerDuty.onEvent(accepted => {
    for (const line of describeEvent(accepted)) say(line)
    if (isPageFor(accepted, script.service)) paged.abort()
  })
  try {
    say(`the shop is open; in ${describeDuration(script.rolloutAfterMs / 1000)} a bad version will be rolled out`)
    await clock.sleep(script.rolloutAfterMs, signal)
    if (signal.aborted) return
    await rollOut(script, shop, say)
    await clock.sleep(script.rollbackLatestMs, AbortSignal.any([signal, paged.signal]))
    if (paged.signal.aborted) await clock.sleep(script.rollbackAfterPageMs, signal)
    if (signal.aborted) return
    await rollBack(script, shop, say)
    await sayBudget(options, say)
    await waitForPeace(options, paged.signal, say)
    if (!signal.aborted) await sayBudget(options, say)
  } finally {
    unsubscribe()
  }
}

/** Whoever is on call for the service looks at its pages; others may be paged for reasons of their own. */
function isPageFor({ event }: Accepted, service: ServiceName): boolean {
  return event.event_action === 'trigger' && event.payload.severity === 'critical' && event.payload.source === service
}

async function rollOut(script: StoryScript, shop: StoryOptions['shop'], say: (line: string) => void): Promise<void> {
  const { service, zone, badVersion, failureShare } = script
  say(
    `${service} ${badVersion} is being rolled out in ${zone}; it fails ${Math.round(failureShare * 100)} % of requests`,
  )
  await shop.rollOut({ service, zone, version: badVersion, failureShare })
}

async function rollBack(script: StoryScript, shop: StoryOptions['shop'], say: (line: string) => void): Promise<void> {
  const { service, zone, badVersion } = script
  const { sent, failed } = shop.visits()
  say(`${service} ${badVersion} is being rolled back in ${zone}; ${failed} of ${sent} visits have failed so far`)
  await shop.rollOut({ service, zone, version: currentVersions[service], failureShare: 0 })
}

/** Until no incident is open. What burned stays in the windows for minutes, so that is how long it takes. */
async function waitForPeace(options: StoryOptions, paged: AbortSignal, say: (line: string) => void): Promise<void> {
  const { pagerDuty, clock, signal } = options
  if (!paged.aborted) say('no page has come yet; the viewer shows what the alert conditions see')
  else say('the fault is gone; the page resolves once the short window is quiet, in some minutes')
  const open = () => pagerDuty.incidents().some(({ state }) => state !== 'resolved')
  while (!signal.aborted && (!paged.aborted || open())) await clock.sleep(pollMs, signal)
  if (!signal.aborted) say('no incident is open any more; the shop goes on until Ctrl-C')
}

async function sayBudget(options: StoryOptions, say: (line: string) => void): Promise<void> {
  const line = await options.describeBudget?.()
  if (line !== undefined) say(line)
}

function describeEvent({ event, incident }: Accepted): readonly string[] {
  if (event.event_action === 'trigger') {
    const kind = event.payload.severity === 'critical' ? 'a page' : `an event (${event.payload.severity})`
    const [link] = event.links ?? []
    const first = `PagerDuty got ${kind}: ${event.payload.summary}`
    return link === undefined ? [first] : [first, `  ${link.text ?? 'see'}: ${link.href}`]
  }
  if (incident === null) return [`PagerDuty got a ${event.event_action} of an incident it does not know`]
  if (event.event_action === 'acknowledge') return [`PagerDuty: acknowledged: ${incident.trigger.payload.summary}`]
  const openMs = (incident.resolvedAtMs ?? incident.triggeredAtMs) - incident.triggeredAtMs
  return [`PagerDuty: resolved after ${describeDuration(openMs / 1000)}: ${event.dedup_key}`]
}

/** `mm:ss` since the story began. */
function stamp(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}
