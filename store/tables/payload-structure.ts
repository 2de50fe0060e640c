import { eventSchema } from '../../lib/event-schema.ts'
import { otlpSchema } from '../../lib/otlp-schema.ts'

/**
 * How the engine reads a staged batch: a stream of length-delimited records, each a payload in its envelope. A segment of the
 * embedded bus is such a stream as it is.
 */
const envelope = (message: string, request: string) =>
  `message ${message} { uint64 record_offset = 1; fixed64 received_at = 2; fixed32 crc = 3; string source = 4; ${request} payload = 15; }`

/** OTLP's own messages and one envelope a signal. */
export const recordSchema = [
  otlpSchema,
  envelope('TraceRecord', 'ExportTraceServiceRequest'),
  envelope('LogRecordEnvelope', 'ExportLogsServiceRequest'),
  envelope('MetricRecord', 'ExportMetricsServiceRequest'),
].join('\n')

/** CloudEvents and their envelope. */
export const eventRecordSchema = [eventSchema, envelope('EventRecord', 'EventBatch')].join('\n')

/** Which member of AnyValue's oneof was sent: an empty text, 0 and false are values, not absence. */
const presence = `Enum8('no' = 0, 'string_value' = 1, 'bool_value' = 2, 'int_value' = 3, 'double_value' = 4, 'array_value' = 5, 'kvlist_value' = 6, 'bytes_value' = 7)`
export const anyValue = `Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, value ${presence})`
// Plain texts: a dictionary made once for a whole column is cheaper than one looked up for every key that is read.
export const keyValues = `Array(Tuple(key String, value ${anyValue}))`
export const resource = `Tuple(attributes ${keyValues})`
export const scope = `Tuple(name String, version String, attributes ${keyValues}, dropped_attributes_count UInt32)`

/** The structure of a batch whose payload has this top-level list. */
export const batchStructure = (list: string, element: string) =>
  `record_offset UInt64, received_at UInt64, payload Tuple(${list} Array(${element}))`
