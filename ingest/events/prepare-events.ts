import protobuf from 'protobufjs'
import { NinefoldError } from '../../lib/errors.ts'
import { eventSchema } from '../../lib/event-schema.ts'
import type { BusRecord, PreparedPayload } from '../bus/bus.ts'
import { eventLimits } from './event-limits.ts'
import { utf8 } from './http-message.ts'
import { type CloudEvent, readEvents } from './read-events.ts'

/**
 * What the engine reads of a message of the topic, ours or another producer's: the same checks as of a request. An event without a time has
 * that at which its message was received, so that the same message always gives the same rows.
 * @returns a function that throws EVENTS_MALFORMED_BODY, EVENTS_INVALID or EVENTS_LIMIT_EXCEEDED.
 */
export function createEventPreparation(): (record: BusRecord) => PreparedPayload {
  const batch = protobuf.parse(eventSchema, { keepCase: true }).root.lookupType('EventBatch')
  return ({ value, receivedAtMs }) => {
    if (value.length === 0) throw new NinefoldError('EVENTS_MALFORMED_BODY', 'a message without a value holds no event')
    if (value.length > eventLimits.maxBytes) {
      const text = `a message of ${value.length} bytes, ${eventLimits.maxBytes} are taken`
      throw new NinefoldError('EVENTS_LIMIT_EXCEEDED', text)
    }
    const events = readEvents(utf8(value, 'the message'), 'either').map(event => wireOf(event, receivedAtMs))
    // What comes again is the same events, also where the time of receipt stands in for theirs.
    return { value: batch.encode({ events }).finish(), hasOwnTimes: true }
  }
}

function wireOf(event: CloudEvent, receivedAtMs: number) {
  const { id, source, type, subject, data } = event
  const nanoseconds = event.timeNano ?? BigInt(receivedAtMs) * 1_000_000n
  return {
    id,
    source,
    type,
    subject,
    data,
    spec_version: event.specVersion,
    data_content_type: event.dataContentType,
    data_schema: event.dataSchema,
    time_unix_nano: { low: Number(nanoseconds & 0xffff_ffffn), high: Number(nanoseconds >> 32n) },
    attributes: [...event.attributes].map(([key, text]) => ({ key: key.toWellFormed(), value: text.toWellFormed() })),
  }
}
