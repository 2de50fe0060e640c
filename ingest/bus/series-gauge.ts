import type { Attributes, Meter } from '@opentelemetry/api'

export interface Sample {
  readonly value: number
  readonly attributes: Attributes
}

/**
 * A gauge of several series, read when it is collected. The SDK goes on showing the last value of a series that is no longer observed: here
 * it is observed as NaN from then on, which is no number to show, and the exposition leaves it out (api/metrics/metrics-server.ts). A 0 would
 * say that a partition which nobody may have is not behind.
 */
export function observeSeries(meter: Meter, name: string, description: string, read: () => readonly Sample[]): void {
  const known = new Map<string, Attributes>()
  meter.createObservableGauge(name, { description }).addCallback(observer => {
    const gone = new Map(known)
    for (const { value, attributes } of read()) {
      const key = JSON.stringify(attributes)
      known.set(key, attributes)
      gone.delete(key)
      observer.observe(value, attributes)
    }
    for (const attributes of gone.values()) observer.observe(Number.NaN, attributes)
  })
}
