import { isIP } from 'node:net'
import { formatDuration, parseDurationSeconds } from '../lib/durations.ts'
import type { layerNames } from '../slo-specs/schema/layers.ts'

/** How one configuration value is read from text or YAML: the value, or a sentence that says what was expected. */
type Parse<T> = (input: unknown) => { readonly value: T } | { readonly expected: string }

export interface ConfigKey<T> {
  readonly fallback: T
  readonly about: string
  readonly parse: Parse<T>
  /** Kept in seconds, written as `30d`. */
  readonly isDuration: boolean
}

const expected = (what: string) => ({ expected: what })

const key =
  <T>(parse: Parse<T>, isDuration = false) =>
  (fallback: T, about: string): ConfigKey<T> => ({ fallback, about, parse, isDuration })

const text = key<string>(input =>
  typeof input === 'string' && input.length > 0 ? { value: input } : expected('a text that is not empty'),
)

const optionalText = key<string | null>(input =>
  input === null || typeof input === 'string' ? { value: input || null } : expected('a text'),
)

/** Stands in statements, in backticks and in the path of the coordinator. */
const clusterName = key<string | null>(input => {
  if (input === null || input === '') return { value: null }
  return typeof input === 'string' && /^[\w.-]+$/.test(input)
    ? { value: input }
    : expected('a name of letters, digits, `_`, `-` and `.`')
})

const wholeNumber = (min: number, max: number) =>
  key<number>(input => {
    const value = typeof input === 'string' && /^\d+$/.test(input.trim()) ? Number(input) : input
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return { value }
    return expected(`a whole number from ${min} to ${max}`)
  })

const port = wholeNumber(0, 65_535)
const bytes = wholeNumber(1024, 1024 ** 4)

const fraction = key<number>(input => {
  const value = typeof input === 'string' ? Number(input) : input
  return typeof value === 'number' && value > 0 && value <= 1 ? { value } : expected('a number above 0 and at most 1')
})

const address = key<string>(input =>
  typeof input === 'string' && (isIP(input) > 0 || input === 'localhost')
    ? { value: input }
    : expected('an IP address, e.g. 127.0.0.1'),
)

/** An address that is shown and logged, so that no credentials may stand in it. */
const url = key<string | null>(input => {
  if (input === null || input === '') return { value: null }
  if (typeof input !== 'string' || !URL.canParse(input)) return expected('a URL, e.g. https://slo.example.org')
  const { protocol, username, password } = new URL(input)
  if (!/^https?:$/.test(protocol)) return expected('an http or https URL')
  if (username !== '' || password !== '') return expected('a URL without user and password')
  return { value: input.replace(/\/$/, '') }
})

/** Credentials stay out of it: the URL is shown in messages. */
const storeAddress = key<string>(input => {
  if (input === 'embedded') return { value: input }
  const given = typeof input === 'string' && URL.canParse(input) ? new URL(input) : undefined
  if (given === undefined || !/^https?:$/.test(given.protocol))
    return expected('`embedded` or the http(s) URL of a ClickHouse server, e.g. http://clickhouse:8123')
  if (given.username !== '' || given.password !== '')
    return expected('a URL without user and password; they go into store.username and store.passwordFile')
  return { value: String(input).replace(/\/$/, '') }
})

/** Each broker may be asked first; one that answers is enough. */
const busAddress = key<string>(input => {
  const list = typeof input === 'string' ? input.split(',').map(item => item.trim()) : []
  const known = input === 'embedded' || (list.length > 0 && list.every(item => /^[^\s/@]+:\d{1,5}$/.test(item)))
  return known ? { value: list.join(',') } : expected('`embedded` or Kafka brokers as host:port, comma separated')
})

const texts = key<readonly string[]>(input => {
  const list = typeof input === 'string' ? input.split(',').map(item => item.trim()) : input
  if (Array.isArray(list) && list.every(item => typeof item === 'string'))
    return { value: list.filter(item => item !== '') }
  return expected('a list of texts (comma separated in the environment and in --set)')
})

/** `name=value`, as OTEL_RESOURCE_ATTRIBUTES has them. */
const attributes = key<readonly string[]>(input => {
  const list = typeof input === 'string' ? input.split(',').map(item => item.trim()) : input
  if (Array.isArray(list) && list.every(item => typeof item === 'string' && /^([^=\s]{1,100}=.{1,200})?$/.test(item)))
    return { value: list.filter(item => item !== '') }
  return expected('a list of name=value, e.g. cloud.region=eu-west-1')
})

const durationSeconds = key<number>(input => {
  const value = typeof input === 'string' ? parseDurationSeconds(input) : undefined
  return value === undefined || value === 0 ? expected('a duration such as 30d, 12h or 10m') : { value }
}, true)

const oneOf = <const T extends string>(...choices: readonly T[]) =>
  key<T>(input => {
    const found = choices.find(choice => choice === input)
    return found === undefined ? expected(`one of ${choices.join(', ')}`) : { value: found }
  })

/** Where each layer is read from: the first attribute that is present wins. */
const defaultLayerSources: Readonly<Record<(typeof layerNames)[number], readonly string[]>> = {
  region: ['cloud.region'],
  availability_zone: ['cloud.availability_zone'],
  cluster: ['k8s.cluster.name'],
  node: ['k8s.node.name', 'host.name'],
  pod: ['k8s.pod.name'],
  container: ['k8s.container.name'],
  process: ['process.executable.name'],
  component: ['db.system.name', 'db.system', 'messaging.system', 'peer.service'],
  service: ['service.name'],
  environment: ['deployment.environment.name'],
}

const MiB = 1024 * 1024
const GiB = 1024 * MiB
const daySeconds = 86_400

/** Every key there is, by its public name. */
export const configKeys = {
  data: text('.ninefold', 'Directory of the embedded bus and store.'),
  specs: text('slo-specs/services', 'Directory of the SLO specs.'),
  listen: address('127.0.0.1', 'Address that every port binds to. Beyond loopback, auth.tokensFile is needed.'),
  bus: busAddress('embedded', '`embedded`, or Kafka brokers, e.g. kafka-1:9092,kafka-2:9092.'),
  'kafka.groupId': text('ninefold', 'Prefix of the consumer groups: its sinks are `ninefold-sink`.'),
  'kafka.instanceId': optionalText(
    null,
    'Name of this process in its groups; one that comes back under it gets its partitions back at once.',
  ),
  'kafka.sessionTimeout': durationSeconds(15, 'A process that is silent this long loses its partitions and shards.'),
  'kafka.createTopics': oneOf('yes', 'no')('yes', 'Whether topics that are missing are made.'),
  'kafka.partitions': wholeNumber(1, 10_000)(6, 'Partitions of a telemetry topic that is made.'),
  'kafka.shards': wholeNumber(1, 1000)(12, 'Shards of the SLOs: partitions of `ninefold_shards` when it is made.'),
  'kafka.replicationFactor': wholeNumber(0, 100)(0, "Replicas of a topic that is made; 0 is the broker's default."),
  'kafka.compression': oneOf('none', 'gzip', 'zstd')('zstd', 'How record batches are compressed.'),
  'kafka.maxMessageBytes': bytes(1_000_000, "At most the topics' max.message.bytes; larger payloads are split."),
  'kafka.maxInFlightBytes': bytes(128 * MiB, 'Bytes that brokers have not answered for, beyond which senders get 503.'),
  'kafka.maxBufferedBytes': bytes(128 * MiB, 'Bytes that a sink reads ahead.'),
  'kafka.deliveryTimeout': durationSeconds(30, 'How long a payload is tried before its sender is told to keep it.'),
  'kafka.tls.enabled': oneOf('yes', 'no')('no', 'Whether connections to the brokers are encrypted.'),
  'kafka.tls.caFile': optionalText(null, 'PEM file of the authorities that sign brokers; without it the usual ones.'),
  'kafka.tls.certFile': optionalText(null, 'PEM file of our certificate, where brokers ask for one.'),
  'kafka.tls.keyFile': optionalText(null, 'PEM file of the key of kafka.tls.certFile.'),
  'kafka.sasl.mechanism': oneOf(
    'none',
    'plain',
    'scram-sha-256',
    'scram-sha-512',
    'oauthbearer',
  )('none', 'How we log in to the brokers.'),
  'kafka.sasl.username': optionalText(null, 'User for plain and scram-*.'),
  'kafka.sasl.passwordFile': optionalText(null, 'File that holds the password of kafka.sasl.username.'),
  'kafka.sasl.tokenFile': optionalText(null, 'File that holds the token for oauthbearer, read at each connection.'),
  store: storeAddress('embedded', '`embedded`, or the URL of a ClickHouse server, e.g. http://clickhouse:8123.'),
  'store.username': text('default', 'ClickHouse user when `store` is a URL.'),
  'store.passwordFile': optionalText(null, 'File that holds the password of store.username.'),
  'store.readerUsername': optionalText(null, 'ClickHouse user of API and viewer; store.username when left out.'),
  'store.readerPasswordFile': optionalText(null, 'File that holds the password of store.readerUsername.'),
  'store.database': text('default', 'ClickHouse database when `store` is a URL.'),
  'store.tables': oneOf(
    'own',
    'existing',
    'existing+index',
  )(
    'own',
    'Whose telemetry tables are read: our own, or existing ones that a Collector fills, which may be given an index or not.',
  ),
  'store.tablesDatabase': text('default', 'ClickHouse database of existing telemetry tables.'),
  'store.cluster': clusterName(
    null,
    'Name of the cluster (remote_servers) that the tables are spread over; one server when left out.',
  ),
  'auth.tokensFile': optionalText(null, 'File with one bearer token a line, for OTLP and API.'),
  'otlp.http.port': port(4318, 'OTLP/HTTP port.'),
  'otlp.grpc.port': port(4317, 'OTLP/gRPC port.'),
  'otlp.maxBodyBytes': bytes(16 * MiB, 'Largest OTLP request body as sent.'),
  'otlp.maxDecompressedBytes': bytes(64 * MiB, 'Largest OTLP request body after decompression.'),
  'otlp.maxBytesInFlight': bytes(256 * MiB, 'Bytes of requests being worked on before 429.'),
  'otlp.maxLagBytes': bytes(
    4 * GiB,
    'Bytes of the embedded log that the sink may be behind before 503; over Kafka nothing: see docs/guides/kafka.md.',
  ),
  'otlp.corsOrigins': texts([], 'Browser origins that may send OTLP, e.g. https://shop.example.org.'),
  'api.port': port(8080, 'API and viewer port.'),
  'api.url': url(null, 'API of an instance elsewhere, which commands then ask instead of one on this machine.'),
  'metrics.port': port(9464, 'Prometheus metrics port.'),
  'viewer.url': url(null, 'Address under which people reach the viewer; links in pages use it.'),
  'pagerduty.url': url('https://events.pagerduty.com', 'Base address of the PagerDuty Events API v2.'),
  'pagerduty.routingKeyFile': optionalText(
    null,
    'File that holds the PagerDuty routing key; without one nothing is paged.',
  ),
  'pagerduty.routingKeysDirectory': optionalText(
    null,
    'Folder with routing keys of single targets, each in a file of its name; the others share routingKeyFile.',
  ),
  'notify.allowHosts': texts([], 'Receiver hosts allowed although they are not public, e.g. 127.0.0.1.'),
  'sources.allowHosts': texts([], 'Hosts of data sources allowed although not public, e.g. prometheus:9090.'),
  'sources.secretsDirectory': optionalText(null, 'Folder with a file for each secret that a DataSource names.'),
  'synthetics.allowHosts': texts(
    [],
    'Hosts that synthetic transactions may ask although not public or not https, e.g. shop:8080.',
  ),
  'synthetics.resourceAttributes': attributes(
    [],
    'Resource attributes of the place that synthetic transactions run in, e.g. cloud.region=eu-west-1.',
  ),
  'retention.raw': durationSeconds(35 * daySeconds, 'How long raw telemetry is kept.'),
  'retention.sliMinute': durationSeconds(100 * daySeconds, 'How long per-minute roll-ups are kept.'),
  'retention.sliHour': durationSeconds(400 * daySeconds, 'How long per-hour roll-ups are kept.'),
  'retention.sliDay': durationSeconds(1825 * daySeconds, 'How long per-day roll-ups are kept.'),
  'retention.busSeconds': durationSeconds(daySeconds, 'How long the embedded bus keeps what the sink has stored.'),
  'retention.busBytes': bytes(2 * GiB, 'Bytes of stored records that the embedded bus keeps.'),
  'compute.cpuShare': fraction(0.1, "Share of the machine's processors that evaluation may use."),
  'log.level': oneOf(
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
    'silent',
  )('info', 'Least severe log line written.'),
  'layers.region': texts(defaultLayerSources.region, 'Attributes of the layer, first present wins.'),
  'layers.availability_zone': texts(
    defaultLayerSources.availability_zone,
    'Attributes of the layer, first present wins.',
  ),
  'layers.cluster': texts(defaultLayerSources.cluster, 'Attributes of the layer, first present wins.'),
  'layers.node': texts(defaultLayerSources.node, 'Attributes of the layer, first present wins.'),
  'layers.pod': texts(defaultLayerSources.pod, 'Attributes of the layer, first present wins.'),
  'layers.container': texts(defaultLayerSources.container, 'Attributes of the layer, first present wins.'),
  'layers.process': texts(defaultLayerSources.process, 'Attributes of the layer, first present wins.'),
  'layers.component': texts(defaultLayerSources.component, 'Attributes of the layer, first present wins.'),
  'layers.environment': texts(defaultLayerSources.environment, 'Attributes of the layer, first present wins.'),
} as const satisfies Readonly<Record<string, ConfigKey<unknown>>>

export type ConfigName = keyof typeof configKeys

type ValueOf<K> = K extends ConfigKey<infer T> ? T : never

/** The one strict typed value that everything is composed from. */
export type Config = { readonly [K in ConfigName]: ValueOf<(typeof configKeys)[K]> }

export const configNames = Object.keys(configKeys).filter((name): name is ConfigName => name in configKeys)

/** A value as one writes it into a configuration: what is shown can be given back. */
export function writtenValue(name: ConfigName, value: Config[ConfigName]): Config[ConfigName] {
  return configKeys[name].isDuration && typeof value === 'number' ? formatDuration(value) : value
}

/** `otlp.http.port` → `NINEFOLD_OTLP_HTTP_PORT`, `pagerduty.routingKeyFile` → `NINEFOLD_PAGERDUTY_ROUTING_KEY_FILE`. */
export function environmentName(name: ConfigName): string {
  return `NINEFOLD_${name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`
}
