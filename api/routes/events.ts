import { z } from 'zod'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { cloudEvent, eventsAccepted } from '../schemas/events.ts'
import { noInput } from '../schemas/requests.ts'

/** Takes the CloudEvents of a request, in any mode of their HTTP binding, and resolves when they are durable. */
export type AcceptEvents = (sent: {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
  /** The remote address of the sender. */
  readonly source: string
}) => Promise<{ readonly accepted: number }>

/** CloudEvents in: what happened in the business and in delivery. */
export function eventEndpoints(accept: AcceptEvents): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/events',
      summary: 'Takes CloudEvents 1.0: one, a batch, or one in ce-* headers with its data as the body',
      params: noInput,
      query: noInput,
      takes: {
        'application/cloudevents+json': cloudEvent,
        'application/cloudevents-batch+json': z.array(cloudEvent),
        '*/*': z.unknown().meta({ description: 'Binary mode: the data; the attributes are ce-* headers' }),
      },
      reply: eventsAccepted,
      answer: (_params, _query, _body, { sent: { headers, body, remoteAddress: source } }) =>
        accept({ headers, body, source }),
    }),
  ]
}
