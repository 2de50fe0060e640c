import type { Meter } from '@opentelemetry/api'
import type { Clock } from '../../../lib/clock.ts'
import type { Logger } from '../../../lib/logger.ts'
import type { Topic } from '../bus.ts'
import type { Compression } from './protocol/compression.ts'

/** PEM texts; what is left out is the machine's own. */
export interface KafkaTls {
  readonly ca?: string
  /** With `key`, for brokers that ask for a client certificate. */
  readonly cert?: string
  readonly key?: string
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: string
    }
  /** Asked at each connection, so that a file that is renewed in its place is read anew. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> }

export interface KafkaConnectionOptions {
  /** `host:port`, of which one that answers is enough. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls: KafkaTls | null
  readonly sasl: KafkaSasl | null
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
}

/** Topics that are missing are made with these; null leaves that to somebody else. −1 is the broker's default. */
export type NewTopics = { readonly partitions: number; readonly replicationFactor: number } | null

export interface KafkaProducerOptions extends KafkaConnectionOptions {
  /** Those that it may be asked to write to, so that it needs no rights on others; all when absent. */
  readonly topics?: readonly Topic[]
  readonly createTopics: NewTopics
  readonly compression: Compression
  /** At most the topics' `max.message.bytes`; a larger payload is split. */
  readonly maxMessageBytes: number
  /** Bytes accepted and not answered by the broker: beyond this, produce refuses with BUS_BACK_PRESSURE. */
  readonly maxInFlightBytes: number
  /** The longest that a record is tried before its sender is told that it was not kept. */
  readonly deliveryTimeoutMs: number
}

export interface KafkaConsumerOptions extends KafkaConnectionOptions {
  readonly createTopics: NewTopics
  readonly groupId: string
  /** Static membership: a process that comes back under the same name within the session gets its partitions back at once. */
  readonly instanceId: string | null
  /** A sink that is silent this long loses its partitions. */
  readonly sessionTimeoutMs: number
  /** Over all partitions held. */
  readonly maxBufferedBytes: number
}

export const defaultKafkaOptions = {
  compression: 'zstd',
  maxMessageBytes: 1_000_000,
  maxInFlightBytes: 128 * 1024 * 1024,
  deliveryTimeoutMs: 30_000,
  sessionTimeoutMs: 15_000,
  maxBufferedBytes: 128 * 1024 * 1024,
} as const
