import type { Counter, Meter } from '@opentelemetry/api'
import { type Producer, type Topic, topics } from './bus.ts'

const repeatsName = 'ninefold_bus_repeats_total'
const repeatsDescription = { description: 'Payloads that were sent again within minutes, and counted once' }

/** For a carrier on which the sink tells repeats. */
export function createRepeatsCounter(meter: Meter): Counter {
  const counter = meter.createCounter(repeatsName, repeatsDescription)
  for (const topic of Object.values(topics)) counter.add(0, { topic })
  return counter
}

/**
 * Shows what waits on the bus, asked for at each scrape: before it is durable, and before the sink has stored it; and what was sent to it
 * again.
 */
export function observeBus(
  meter: Meter,
  { producer, repeats }: { readonly producer: Pick<Producer, 'pressure'>; repeats(topic: Topic): number },
): void {
  meter.createObservableCounter(repeatsName, repeatsDescription).addCallback(result => {
    for (const topic of Object.values(topics)) result.observe(repeats(topic), { topic })
  })
  const gauges = [
    ['ninefold_bus_bytes_in_flight', 'Bytes accepted that are not durable yet', 'bytesInFlight'],
    ['ninefold_bus_lag_bytes', 'Durable bytes that are not rows yet', 'lagBytes'],
    ['ninefold_bus_lag_records', 'Durable payloads that are not rows yet', 'lagRecords'],
  ] as const
  for (const [name, description, field] of gauges)
    meter.createObservableGauge(name, { description }).addCallback(result => result.observe(producer.pressure()[field]))
}
