import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import { asNinefoldError } from '../../lib/errors.ts'
import { type Producer, topics } from '../bus/bus.ts'
import { readHttpMessage, type SentEvents } from './http-message.ts'

/**
 * Checks the CloudEvents of a request and appends them to the bus, all of them as one message; resolves when it is durable.
 * @param source the remote address of the sender.
 * @returns how many different events were taken. @throws what `readHttpMessage` and `Producer.produce` throw.
 */
export type AcceptEvents = (sent: SentEvents & { readonly source: string }) => Promise<{ readonly accepted: number }>

export function createEventAcceptor(options: {
  readonly producer: Pick<Producer, 'produce'>
  readonly clock: Clock
  readonly meter: Meter
}): AcceptEvents {
  const { producer, clock, meter } = options
  const accepted = meter.createCounter('ninefold_events_accepted_total', { description: 'CloudEvents accepted' })
  const bytes = meter.createCounter('ninefold_events_bytes_total', { description: 'Bytes of accepted CloudEvents' })
  const refused = meter.createCounter('ninefold_events_refused_total', {
    description: 'Requests with CloudEvents that were not taken, by error code',
  })
  accepted.add(0)
  return async sent => {
    try {
      const { value, contentType, events } = readHttpMessage(sent)
      if (events === 0) return { accepted: 0 }
      const { source } = sent
      await producer.produce({ topic: topics.events, value, receivedAtMs: clock.now(), source, contentType })
      accepted.add(events)
      bytes.add(value.length)
      return { accepted: events }
    } catch (error) {
      refused.add(1, { code: asNinefoldError(error).code })
      throw error
    }
  }
}
