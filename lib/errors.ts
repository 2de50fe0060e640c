/**
 * The one registry of Ninefold's own errors. A code is public: it appears in logs, API problems, dead letters and
 * docs/errors.md (a test holds both equal). Nothing branches on message text; branch on `code`.
 */
export interface ErrorDefinition {
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** One sentence that says what to do. */
  readonly remedy: string
}

const define = (retryable: boolean, remedy: string): ErrorDefinition => ({ retryable, remedy })

export const errorRegistry = {
  // configuration and start
  CONFIG_INVALID: define(
    false,
    'Correct the named keys; `ninefold config --print` shows what is in force and from where.',
  ),
  PORT_IN_USE: define(false, 'Stop the other program, or choose another port with --set.'),
  LISTEN_FAILED: define(false, 'Choose an address of this machine, and a port that this user may open.'),
  LISTEN_WITHOUT_TOKENS: define(false, 'Set auth.tokensFile before listening beyond loopback.'),
  DATA_DIR_LOCKED: define(false, 'Another ninefold runs on this data directory: stop it, or use its API.'),
  DATA_DIR_NOT_WRITABLE: define(
    false,
    'Give the user write permission on the data directory, or choose another with --data.',
  ),
  DATA_DIR_NEWER: define(
    false,
    'The data was written by a newer version: start that version, or restore an older copy.',
  ),
  DISK_FULL: define(true, 'Free space on the disk of the data directory; writing goes on by itself.'),
  USAGE: define(false, 'See `ninefold <verb> --help`.'),
  INTERRUPTED: define(true, 'It was asked to stop before it was done; start it again.'),
  NOT_RUNNING: define(true, 'Start an instance with `ninefold up`.'),
  // OTLP gateway
  OTLP_UNSUPPORTED_MEDIA_TYPE: define(false, 'Send application/x-protobuf or application/json.'),
  OTLP_UNSUPPORTED_ENCODING: define(false, 'Use identity, gzip, deflate or zstd as content-encoding.'),
  OTLP_BODY_TOO_LARGE: define(false, 'Send smaller batches, or raise otlp.maxBodyBytes / otlp.maxDecompressedBytes.'),
  OTLP_MALFORMED_BODY: define(false, 'The body does not decode at the position given; check the exporter.'),
  OTLP_LIMIT_EXCEEDED: define(
    false,
    'Lower nesting, attribute count or attribute size, or raise the named otlp limit.',
  ),
  OTLP_UNAUTHENTICATED: define(false, 'Send Authorization: Bearer <token> with a token of auth.tokensFile.'),
  OTLP_NOT_FOUND: define(false, 'Post to /v1/traces, /v1/logs or /v1/metrics.'),
  OTLP_METHOD_NOT_ALLOWED: define(false, 'Use POST.'),
  OTLP_BACK_PRESSURE: define(true, 'Retry after the seconds of the Retry-After header.'),
  // CloudEvents
  EVENTS_UNSUPPORTED_MEDIA_TYPE: define(
    false,
    'Send application/cloudevents+json, application/cloudevents-batch+json, or ce-* headers with the data as the body.',
  ),
  EVENTS_MALFORMED_BODY: define(false, 'The body is no JSON in UTF-8 at the position given; check what sends it.'),
  EVENTS_INVALID: define(
    false,
    'Correct the named attributes as CloudEvents 1.0 has them (docs/guides/events.md); nothing of the request was kept.',
  ),
  EVENTS_LIMIT_EXCEEDED: define(false, 'Send fewer events in one request, or less data in one event.'),
  // bus
  BUS_CLOSED: define(true, 'The bus is shutting down; send again to the next instance.'),
  BUS_WRITE_FAILED: define(
    true,
    'Check the disk of the data directory, or the brokers named in `bus`; the sender is asked to try again.',
  ),
  BUS_BACK_PRESSURE: define(
    true,
    'More is being written than the disk or the brokers take; send again a little later.',
  ),
  BUS_POSITION_DAMAGED: define(
    false,
    'Restore the named file from a copy, or remove its folder to go on without the payloads in it that are not stored yet.',
  ),
  BUS_CORRUPT_RECORD: define(false, 'A stored record fails its checksum; see `ninefold dead-letters list`.'),
  BUS_UNFIT_RECORDS: define(false, 'They are put aside; see `ninefold dead-letters list`.'),
  BUS_POSITION_LOST: define(false, 'Records before this position are gone; coverage shows the gap.'),
  BUS_UNREACHABLE: define(
    true,
    'Check the brokers named in `bus`, their listeners and the network; it is tried again for as long as it takes.',
  ),
  BUS_ACCESS_DENIED: define(
    true,
    'Correct kafka.sasl.* and the files it names, or give the user the ACL that the message names (docs/guides/kafka.md lists them); it is tried again.',
  ),
  BUS_TLS_REFUSED: define(
    false,
    'Name the brokers as their certificate does, set kafka.tls.caFile to the authority that signed it, and kafka.tls.certFile and keyFile where the brokers ask for a certificate.',
  ),
  BUS_BROKER_TOO_OLD: define(false, 'Upgrade the brokers to Kafka 3.1 or newer.'),
  BUS_BROKER_ERROR: define(true, 'The broker refused the request; its log says more; it is tried again.'),
  BUS_TOPIC_MISSING: define(true, 'Create the topic, or set kafka.createTopics; it is looked for again.'),
  BUS_TOPIC_CHANGED: define(
    false,
    'The topic was deleted and made anew: what was not stored of the former one is lost. To go on with the new one, stop the sinks and reset the offsets of the topic in the group (kafka-consumer-groups.sh --reset-offsets --to-earliest --execute).',
  ),
  BUS_UNSUPPORTED_COMPRESSION: define(
    true,
    'Set the producer of these messages to none, gzip, snappy, lz4 or zstd; the partition waits, and nothing is passed over. What is there already can be rewritten to another topic.',
  ),
  BUS_LEASE_LOST: define(true, 'Nothing: another sink has the partition and finishes the range that was announced.'),
  BUS_RECORD_TOO_LARGE: define(
    false,
    'Send smaller batches; a record must fit into one segment, over Kafka one span, log record or data point into a message (kafka.maxMessageBytes, and max.message.bytes of the topic).',
  ),
  // sink
  SINK_POISON_PAYLOAD: define(
    false,
    'Mend what sends such a payload: the message says what is wrong with it, `ninefold dead-letters show` has the bytes; `replay` tries it again.',
  ),
  SINK_UNFIT_PAYLOAD: define(
    false,
    'The message on the topic is not what belongs there, as its reason says: OTLP in protobuf (encoding otlp_proto), on ninefold_events CloudEvents in JSON (structured mode). Correct what writes it; `ninefold dead-letters show` has the bytes.',
  ),
  SINK_ENGINE_CRASH: define(
    false,
    'The payload ended the engine three times in a row: keep its bytes (`ninefold dead-letters show`) for a report, and `replay` it on a newer version only.',
  ),
  // store
  STORE_UNAVAILABLE: define(true, 'Check that the store is reachable; the work is tried again.'),
  STORE_QUERY_FAILED: define(false, 'The engine refused the statement; its message is the cause.'),
  STORE_ACCESS_DENIED: define(
    true,
    'Correct store.username and store.passwordFile, or give the user the right that the message names (deploy/clickhouse/users.sql has them all); the work is tried again.',
  ),
  STORE_QUOTA_EXCEEDED: define(
    true,
    'Raise the quota of the ClickHouse user, or wait until its interval ends; the work is tried again.',
  ),
  STORE_SCHEMA_MISMATCH: define(
    true,
    'Change the named database, table or column as the message says; `ninefold migrate status` compares the schema; the work is tried again.',
  ),
  STORE_TOO_OLD: define(false, 'Upgrade the ClickHouse server to the version named, or use the embedded store.'),
  STORE_ROW_SHAPE: define(
    false,
    'The engine returned a row of another shape than the query declares; check the schema with `ninefold migrate status`.',
  ),
  MIGRATION_CHANGED: define(false, 'An applied migration file was edited: restore it and write a new one.'),
  MIGRATION_DROPS_DATA: define(false, 'Nothing was changed. Repeat with --drop-data if these rows are not needed.'),
  MIGRATION_FAILED: define(false, 'The statement named in the message failed; nothing after it was applied.'),
  // specs
  SPECS_INVALID: define(false, 'Correct the findings; the last good revision keeps serving.'),
  SPECS_CONFLICT: define(false, 'Run `ninefold plan` again against what is in force now, then apply.'),
  // sources of counts
  SOURCE_UNSAFE_URL: define(false, 'Use https to a public host, or allow the host in sources.allowHosts.'),
  SOURCE_SECRET: define(
    true,
    'Put the secret into sources.secretsDirectory and the host into sources.allowHosts; it is asked again.',
  ),
  SOURCE_UNREACHABLE: define(
    true,
    'Check that the source answers; until then coverage shows what is missing, and it is asked again.',
  ),
  SOURCE_REFUSED: define(
    true,
    'Correct the query of the SLO, or the rights at the source; it is asked again from time to time.',
  ),
  SOURCE_PARTIAL: define(
    true,
    'The source knows only a part and says so in the message; nothing is counted until it answers whole.',
  ),
  SOURCE_TOO_LARGE: define(true, 'Aggregate in the query, so that it returns fewer series or rows.'),
  SOURCE_BAD_ANSWER: define(
    true,
    'Correct the query, so that it returns what docs/specs/sources.md says; it is asked again from time to time.',
  ),
  // synthetic transactions
  SYNTHETIC_UNSAFE_URL: define(false, 'Use https to a public host, or allow the host in synthetics.allowHosts.'),
  // api
  API_NOT_FOUND: define(
    false,
    'Check the name; the list that it would be in, such as GET /api/v1/slos, says what exists.',
  ),
  API_BAD_REQUEST: define(false, 'Correct the named parameters.'),
  API_UNAUTHENTICATED: define(false, 'Send Authorization: Bearer <token> with a token of auth.tokensFile.'),
  API_FORBIDDEN: define(
    false,
    'Open the viewer under the address that `ninefold up` prints, or name the host in viewer.url; other sites may not call.',
  ),
  API_METHOD_NOT_ALLOWED: define(false, 'Use a method of the Allow header; GET /api/v1/openapi.json lists them.'),
  API_NOT_READY: define(true, 'Ask /readyz again in a few seconds; the named part is not up yet.'),
  API_BODY_TOO_LARGE: define(false, 'Send less in one request.'),
  // notify
  NOTIFY_REJECTED: define(false, 'The receiver refused the page; its answer is in the notification journal.'),
  NOTIFY_UNREACHABLE: define(true, 'The page stays in the outbox and is tried again.'),
  NOTIFY_UNSAFE_URL: define(
    false,
    'The receiver address is not allowed; use https to a public host or allow it in notify.allowHosts.',
  ),
  // demo
  DEMO_SHOP_FAILED: define(false, 'The message holds what the process said last; start the demo again.'),
  DEMO_ROLE_FAILED: define(false, 'The log that the message names holds what the process said last.'),
  DEMO_HISTORY_REFUSED: define(false, 'The OTLP door refused the history; its answer is in the message.'),
  DEMO_MARKER_DAMAGED: define(false, 'Start over with `ninefold demo --fresh`.'),
  INTERNAL: define(false, 'Report this with the log lines around it.'),
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errorRegistry

/** An error of Ninefold's own: `code` from the registry, its `retryable` and `remedy`, and the `cause` that led to it. */
export class NinefoldError extends Error {
  override readonly name = 'NinefoldError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  get retryable(): boolean {
    return errorRegistry[this.code].retryable
  }

  get remedy(): string {
    return errorRegistry[this.code].remedy
  }
}

/** The value as a NinefoldError: itself, or wrapped as INTERNAL with the value as cause. */
export function asNinefoldError(error: unknown): NinefoldError {
  if (error instanceof NinefoldError) return error
  return new NinefoldError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error })
}

/** The errno code (`ENOSPC`, `EADDRINUSE`, …) of a system error, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return undefined
}
