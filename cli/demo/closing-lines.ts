import type { Incident, PagerDutyStub } from './pagerduty-stub.ts'
import type { Shop } from './shop.ts'

/** What the demo came to, so that somebody can compare it with what is stored: the telemetry that was acknowledged, and the incidents. */
export function closingLines(shop: Pick<Shop, 'telemetry'>, { incidents, refusals }: ReceivedPages): readonly string[] {
  const { spans, logs } = shop.telemetry()
  return [
    `The shop's ${spans.acknowledged} spans and ${logs.acknowledged} log records were acknowledged; ${spans.givenUp} and ${logs.givenUp} were given up.`,
    ...incidents().map(describe),
    ...refusals.map(reason => `PagerDuty refused an event: ${reason}`),
  ]
}

type ReceivedPages = Pick<PagerDutyStub, 'incidents' | 'refusals'>

function describe({ dedupKey, state, triggers }: Incident): string {
  const again = triggers === 1 ? '' : `, told ${triggers} times`
  return `PagerDuty had the incident ${dedupKey} (${state === 'resolved' ? 'resolved' : 'open'}${again}).`
}
