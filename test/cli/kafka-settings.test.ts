import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { metrics } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../cli/config.ts'
import { kafkaSettings, shardLeaseSettings } from '../../cli/instance/kafka-settings.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'

const around = { clock: systemClock, logger: silentLogger, meter: metrics.getMeter('test') }
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-kafka-settings-'))
  writeFileSync(join(folder, 'secret'), 'letmein\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const configOf = (...sets: string[]) => loadConfig({ environment: {}, sets }).config

it('reads brokers, topics and the password from its file', () => {
  const config = configOf(
    'bus=kafka-1:9092, kafka-2:9092',
    'kafka.sasl.mechanism=scram-sha-512',
    'kafka.sasl.username=ninefold',
    `kafka.sasl.passwordFile=${join(folder, 'secret')}`,
    'kafka.shards=4',
    'kafka.tls.enabled=yes',
  )
  expect(kafkaSettings(config, around)).toMatchObject({
    brokers: ['kafka-1:9092', 'kafka-2:9092'],
    groupId: 'ninefold-sink',
    createTopics: { partitions: 6, replicationFactor: -1 },
    tls: {},
    sasl: { mechanism: 'scram-sha-512', username: 'ninefold', password: 'letmein' },
    sessionTimeoutMs: 15_000,
  })
  expect(shardLeaseSettings(config, around)).toMatchObject({
    groupId: 'ninefold-compute',
    createTopics: { partitions: 4 },
  })
})

it('reads a token anew at each connection, and asks for no topics when it may not make any', async () => {
  const file = join(folder, 'token')
  writeFileSync(file, 'first')
  const config = configOf(
    'bus=k:1',
    'kafka.createTopics=no',
    'kafka.sasl.mechanism=oauthbearer',
    `kafka.sasl.tokenFile=${file}`,
  )
  const { sasl, createTopics } = kafkaSettings(config, around)
  expect(createTopics).toBeNull()
  if (sasl?.mechanism !== 'oauthbearer') throw new Error('another mechanism')
  expect(await sasl.token()).toBe('first')
  writeFileSync(file, 'second')
  expect(await sasl.token()).toBe('second')
})

it.each([
  [['bus=kafka'], 'bus takes `embedded` or Kafka brokers'],
  [['bus=user:secret@kafka:9092'], 'bus takes `embedded` or Kafka brokers'],
])('refuses %s', (sets, message) => {
  expect(() => configOf(...sets)).toThrow(message)
})

it('names the key that a mechanism needs', () => {
  const config = configOf('bus=k:1', 'kafka.sasl.mechanism=plain', 'kafka.sasl.username=ninefold')
  expect(() => kafkaSettings(config, around)).toThrow(
    'kafka.sasl.passwordFile is needed for kafka.sasl.mechanism plain',
  )
})

it.each([
  ['kafka.tls.certFile', 'kafka.tls.keyFile'],
  ['kafka.tls.keyFile', 'kafka.tls.certFile'],
])('asks for the other half of a certificate and its key: %s alone', (given, needed) => {
  const config = configOf('bus=k:1', 'kafka.tls.enabled=yes', `${given}=${join(folder, 'secret')}`)
  expect(() => kafkaSettings(config, around)).toThrow(`${needed} is needed beside ${given}`)
})
