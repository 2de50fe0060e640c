import type { ErrorCode } from '../../lib/errors.ts'

/** What the gateway answers with an error of ours, the same at both doors. */
export interface Answer {
  readonly status: number
  /** google.rpc.Code */
  readonly rpc: number
  /** Seconds until a retry makes sense. A sender repeats only what has it. */
  readonly retryAfterSeconds?: number
  /** Told in place of the error's own message, which names brokers, users or files of this side; the log has it. */
  readonly instead?: string
}

const payload = (status: number, rpc: number): Answer => ({ status, rpc })
/** UNAVAILABLE: nothing is wrong with the payload, so its sender shall keep it. */
const later = (retryAfterSeconds: number, status = 503): Answer => ({ status, rpc: 14, retryAfterSeconds })
const busAway = { instead: 'the bus does not take it now' }

export const answers: Partial<Record<ErrorCode, Answer>> = {
  OTLP_MALFORMED_BODY: payload(400, 3),
  OTLP_LIMIT_EXCEEDED: payload(400, 3),
  OTLP_UNAUTHENTICATED: payload(401, 16),
  OTLP_NOT_FOUND: payload(404, 5),
  OTLP_METHOD_NOT_ALLOWED: payload(405, 12),
  OTLP_BODY_TOO_LARGE: payload(413, 8),
  BUS_RECORD_TOO_LARGE: payload(413, 8),
  OTLP_UNSUPPORTED_MEDIA_TYPE: payload(415, 3),
  OTLP_UNSUPPORTED_ENCODING: payload(415, 3),
  OTLP_BACK_PRESSURE: later(1, 429),
  BUS_BACK_PRESSURE: later(1),
  // What passes by itself, or with the next instance.
  BUS_CLOSED: later(5),
  BUS_WRITE_FAILED: { ...later(5), ...busAway },
  BUS_UNREACHABLE: { ...later(5), ...busAway },
  BUS_BROKER_ERROR: { ...later(5), ...busAway },
  // What somebody has to mend on this side.
  DISK_FULL: later(30),
  DATA_DIR_NOT_WRITABLE: { ...later(30), ...busAway },
  BUS_ACCESS_DENIED: { ...later(30), ...busAway },
  BUS_TLS_REFUSED: { ...later(30), ...busAway },
  BUS_BROKER_TOO_OLD: { ...later(30), ...busAway },
  BUS_TOPIC_MISSING: { ...later(30), ...busAway },
}
