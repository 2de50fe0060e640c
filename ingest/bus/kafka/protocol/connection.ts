import Connection from 'kafkajs/src/network/connection.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import { NinefoldError } from '../../../../lib/errors.ts'
import type { Logger } from '../../../../lib/logger.ts'
import { callError, connectError } from '../connection-errors.ts'
import type { KafkaConnectionOptions, KafkaSasl } from '../options.ts'
import type { Api } from './api.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** One connection to one broker. Answers come in the order of the calls, so what may wait long has a connection of its own. */
export interface BrokerConnection {
  readonly isOpen: boolean
  /** @throws BUS_UNREACHABLE, BUS_ACCESS_DENIED. */
  call<P, R>(api: Api<P, R>, params: P, timeoutMs?: number): Promise<R>
  /** Calls under way are rejected. */
  close(): Promise<void>
}

const connectTimeoutMs = 5000
const answerTimeoutMs = 15_000

const apiVersionsApi: Api<null, Record<number, { minVersion: number; maxVersion: number }>> = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  flexible: false,
  write: () => undefined,
  read: reader => {
    reader.int16()
    const known = reader.array(item => [item.int16(), { minVersion: item.int16(), maxVersion: item.int16() }] as const)
    return Object.fromEntries(known)
  },
}

/** Connects, authenticates and asks what the broker speaks. @throws BUS_UNREACHABLE, BUS_ACCESS_DENIED, BUS_TLS_REFUSED, BUS_BROKER_TOO_OLD. */
export async function openConnection(address: Address, options: KafkaConnectionOptions): Promise<BrokerConnection> {
  const { host, port } = address
  const connection = new Connection({
    host,
    port,
    logger: quietLogger(options.logger),
    socketFactory: createSocketFactory(),
    requestTimeout: answerTimeoutMs,
    connectionTimeout: connectTimeoutMs,
    enforceRequestTimeout: true,
    ssl: options.tls,
    sasl: saslOptions(options.sasl),
    clientId: options.clientId,
  })
  sparePointlessTimers(connection)
  try {
    await connection.connect()
    const versions = await send(connection, apiVersionsApi, null, connectTimeoutMs)
    refuseOldBroker(versions, `${host}:${port}`)
    connection.setVersions(versions)
    connection.setSupportAuthenticationProtocol(true)
    await connection.authenticate()
  } catch (error) {
    await close(connection)
    throw connectError(error, address, options)
  }
  // A broker that has answered understands us: what closes the connection then is something else.
  let answered = false
  return {
    get isOpen() {
      return connection.isConnected()
    },
    call: async (api, params, timeoutMs = answerTimeoutMs) => {
      try {
        const answer = await send(connection, api, params, timeoutMs)
        answered = true
        return answer
      } catch (error) {
        // Whatever it was: the answers on this connection can no longer be told apart for sure.
        void close(connection)
        throw callError(error, api.name, address, answered ? null : options)
      }
    },
    close: () => close(connection),
  }
}

async function close(connection: Connection): Promise<void> {
  connection.rejectRequests(new NinefoldError('BUS_CLOSED', 'the connection was closed'))
  await connection.disconnect()
}

function send<P, R>(connection: Connection, api: Api<P, R>, params: P, timeoutMs: number): Promise<R> {
  const writer = new WireWriter()
  if (api.flexible) writer.noTags()
  api.write(writer, params)
  const buffer = writer.finish()
  return connection.send<R>({
    request: {
      apiKey: api.key,
      apiVersion: api.version,
      apiName: api.name,
      encode: async () => ({ buf: buffer, buffer }),
    },
    response: {
      decode: async payload => {
        const reader = new WireReader(payload)
        if (api.flexible) reader.skipTags()
        return api.read(reader)
      },
      parse: async decoded => decoded,
    },
    requestTimeout: timeoutMs,
    logResponseError: false,
  })
}

/** Fetch by topic id, which all depends on, came with 3.1. */
function refuseOldBroker(versions: Readonly<Record<number, { readonly maxVersion: number }>>, broker: string): void {
  const fetch = 1
  const needed = 13
  if ((versions[fetch]?.maxVersion ?? 0) >= needed) return
  throw new NinefoldError('BUS_BROKER_TOO_OLD', `${broker} does not know Fetch ${needed}, which came with Kafka 3.1`)
}

function saslOptions(sasl: KafkaSasl | null): object | null {
  if (sasl === null) return null
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl }
  return { mechanism: sasl.mechanism, oauthBearerProvider: async () => ({ value: await sasl.token() }) }
}

/** kafkajs sets a timer with a negative delay after each answer, which Node 24 warns about; it is needed only when something waits. */
function sparePointlessTimers({ requestQueue }: Connection): void {
  const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue)
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) schedule()
  }
}

/** What kafkajs has to say is of use for finding faults only; its debug lines show what is sent and are dropped. */
function quietLogger(logger: Logger) {
  const silent = () => undefined
  const quiet = {
    namespace: () => quiet,
    info: silent,
    debug: silent,
    warn: (message: string) => logger.debug({ detail: message }, 'kafkajs'),
    error: (message: string) => logger.debug({ detail: message }, 'kafkajs'),
  }
  return quiet
}
