import type { Meter } from '@opentelemetry/api'
import type { Producer } from './bus.ts'

/** Shows what waits on the bus, asked for at each scrape: before it is durable, and before the sink has stored it. */
export function observeBus(meter: Meter, producer: Pick<Producer, 'pressure'>): void {
  const gauges = [
    ['ninefold_bus_bytes_in_flight', 'Bytes accepted that are not durable yet', 'bytesInFlight'],
    ['ninefold_bus_lag_bytes', 'Durable bytes that are not rows yet', 'lagBytes'],
    ['ninefold_bus_lag_records', 'Durable payloads that are not rows yet', 'lagRecords'],
  ] as const
  for (const [name, description, field] of gauges)
    meter.createObservableGauge(name, { description }).addCallback(result => result.observe(producer.pressure()[field]))
}
