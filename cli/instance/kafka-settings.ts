import type { Meter } from '@opentelemetry/api'
import type {
  KafkaConnectionOptions,
  KafkaConsumerOptions,
  KafkaProducerOptions,
  KafkaSasl,
  KafkaTls,
} from '../../ingest/bus/kafka/options.ts'
import type { ShardLeaseOptions } from '../../ingest/bus/kafka/shard-lease.ts'
import type { Clock } from '../../lib/clock.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { readSecretFile } from '../config.ts'
import type { Config, ConfigName } from '../config-keys.ts'

interface Surroundings {
  readonly clock: Clock
  readonly logger: Logger
  readonly meter: Meter
}

/** The configuration's words for Kafka. @throws CONFIG_INVALID naming the key that is missing. */
export function kafkaSettings(config: Config, surroundings: Surroundings): KafkaProducerOptions & KafkaConsumerOptions {
  return {
    ...connectionSettings(config, surroundings),
    ...membershipSettings(config),
    groupId: `${config['kafka.groupId']}-sink`,
    createTopics: newTopics(config, 'kafka.partitions'),
    compression: config['kafka.compression'],
    maxMessageBytes: config['kafka.maxMessageBytes'],
    maxInFlightBytes: config['kafka.maxInFlightBytes'],
    maxBufferedBytes: config['kafka.maxBufferedBytes'],
    deliveryTimeoutMs: config['kafka.deliveryTimeout'] * 1000,
  }
}

/** For `openShardLease`. @throws CONFIG_INVALID naming the key that is missing. */
export function shardLeaseSettings(config: Config, surroundings: Surroundings): ShardLeaseOptions {
  return {
    ...connectionSettings(config, surroundings),
    ...membershipSettings(config),
    groupId: `${config['kafka.groupId']}-compute`,
    createTopics: newTopics(config, 'kafka.shards'),
  }
}

function membershipSettings(config: Config) {
  return { instanceId: config['kafka.instanceId'], sessionTimeoutMs: config['kafka.sessionTimeout'] * 1000 }
}

function connectionSettings(config: Config, surroundings: Surroundings): KafkaConnectionOptions {
  const brokers = config.bus.split(',')
  return { ...surroundings, brokers, clientId: 'ninefold', tls: tlsSettings(config), sasl: saslSettings(config) }
}

function newTopics(config: Config, partitions: 'kafka.partitions' | 'kafka.shards') {
  if (config['kafka.createTopics'] === 'no') return null
  const replicationFactor = config['kafka.replicationFactor']
  return { partitions: config[partitions], replicationFactor: replicationFactor === 0 ? -1 : replicationFactor }
}

const pairs = [
  ['kafka.tls.certFile', 'kafka.tls.keyFile'],
  ['kafka.tls.keyFile', 'kafka.tls.certFile'],
] as const

function tlsSettings(config: Config): KafkaTls | null {
  if (config['kafka.tls.enabled'] === 'no') return null
  for (const [name, other] of pairs) {
    if (config[name] === null || config[other] !== null) continue
    throw new NinefoldError('CONFIG_INVALID', `${other} is needed beside ${name}: a certificate is shown with its key`)
  }
  const read = (name: 'kafka.tls.caFile' | 'kafka.tls.certFile' | 'kafka.tls.keyFile') => {
    const file = config[name]
    return file === null ? undefined : readSecretFile(name, file)
  }
  const [ca, cert, key] = [read('kafka.tls.caFile'), read('kafka.tls.certFile'), read('kafka.tls.keyFile')]
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

function saslSettings(config: Config): KafkaSasl | null {
  const mechanism = config['kafka.sasl.mechanism']
  if (mechanism === 'none') return null
  if (mechanism === 'oauthbearer') {
    const file = needed(config, 'kafka.sasl.tokenFile', mechanism)
    return { mechanism, token: async () => readSecretFile('kafka.sasl.tokenFile', file) }
  }
  const username = needed(config, 'kafka.sasl.username', mechanism)
  const passwordFile = needed(config, 'kafka.sasl.passwordFile', mechanism)
  return { mechanism, username, password: readSecretFile('kafka.sasl.passwordFile', passwordFile) }
}

function needed<const N extends ConfigName>(config: Config, name: N, mechanism: string): string {
  const value = config[name]
  if (typeof value === 'string' && value !== '') return value
  throw new NinefoldError('CONFIG_INVALID', `${name} is needed for kafka.sasl.mechanism ${mechanism}`)
}
