import { NinefoldError } from '../../../lib/errors.ts'
import { brokerError } from './connection-errors.ts'
import type { KafkaConnectionOptions, NewTopics } from './options.ts'
import type { Api } from './protocol/api.ts'
import { type Address, type BrokerConnection, openConnection } from './protocol/connection.ts'
import { brokerErrors } from './protocol/error-codes.ts'
import { findCoordinatorApi } from './protocol/group.ts'
import { createTopicsApi, metadataApi } from './protocol/metadata.ts'

/** What a connection is for: calls that wait long must not hold up others. */
type Purpose = 'calls' | 'fetch' | 'join'

export interface TopicLayout {
  readonly id: string
  /** Leader's node id by partition; −1 while there is none. */
  readonly leaders: readonly number[]
}

/** The brokers, who leads what, and a connection to each, opened when it is needed and again after it broke. */
export interface Cluster {
  /** As last read; topics that do not exist are absent. */
  topics(): ReadonlyMap<string, TopicLayout>
  /** Reads the layout anew. @throws BUS_UNREACHABLE, BUS_ACCESS_DENIED, BUS_TLS_REFUSED. */
  refresh(): Promise<void>
  /** Makes those of the topics that do not exist. @throws BUS_ACCESS_DENIED, BUS_BROKER_ERROR. */
  createMissing(topics: NewTopics): Promise<void>
  leaderOf(topic: string, partition: number): number
  callNode<P, R>(nodeId: number, api: Api<P, R>, params: P, options?: CallOptions): Promise<R>
  /** The group's coordinator is found anew after `forgetCoordinator`. */
  callCoordinator<P, R>(groupId: string, api: Api<P, R>, params: P, options?: CallOptions): Promise<R>
  forgetCoordinator(): void
  callAny<P, R>(api: Api<P, R>, params: P): Promise<R>
  /** A join that waits for other members is given up. */
  interruptJoin(): void
  close(): Promise<void>
}

export interface CallOptions {
  readonly purpose?: Purpose
  readonly timeoutMs?: number
}

interface Layout {
  readonly brokers: ReadonlyMap<number, Address>
  readonly controllerId: number
  readonly topics: ReadonlyMap<string, TopicLayout>
}

function parseAddress(broker: string): Address {
  const match = /^\[?([^\]]+)\]?:(\d+)$/.exec(broker)
  if (match?.[1] === undefined) throw new NinefoldError('CONFIG_INVALID', `bus: "${broker}" is not host:port`)
  return { host: match[1], port: Number(match[2]) }
}

/** @param names the topics of interest. */
export function createCluster(names: readonly string[], options: KafkaConnectionOptions): Cluster {
  const seeds = options.brokers.map(parseAddress)
  const connections = new Map<string, Promise<BrokerConnection>>()
  let layout: Layout = { brokers: new Map(), controllerId: -1, topics: new Map() }
  let coordinator: Promise<{ readonly nodeId: number; readonly address: Address }> | undefined
  let closed = false
  let turn = 0

  const connect = async (address: Address, purpose: Purpose): Promise<BrokerConnection> => {
    if (closed) throw new NinefoldError('BUS_CLOSED', 'the connections to Kafka are closed')
    const key = `${purpose} ${address.host}:${address.port}`
    const known = connections.get(key)
    if (known !== undefined) {
      const connection = await known.catch(() => undefined)
      if (connection?.isOpen === true) return connection
      // The first to notice clears it; others find the one opened since.
      if (connections.get(key) === known) connections.delete(key)
    }
    const opening = connections.get(key) ?? openConnection(address, options)
    connections.set(key, opening)
    return opening
  }

  /** Known brokers and the configured ones, each time from another, until one answers. */
  const callAny: Cluster['callAny'] = async (api, params) => {
    const addresses = [...layout.brokers.values(), ...seeds]
    let failure: unknown
    for (let tries = 0; tries < addresses.length; tries++) {
      const address = addresses[turn++ % addresses.length]
      if (address === undefined) break
      try {
        return await (await connect(address, 'calls')).call(api, params)
      } catch (error) {
        failure = preferTelling(failure, error)
      }
    }
    throw failure
  }

  const addressOf = (nodeId: number): Address => {
    const address = layout.brokers.get(nodeId)
    if (address === undefined) throw new NinefoldError('BUS_UNREACHABLE', `no broker with the id ${nodeId} is known`)
    return address
  }

  const findCoordinator = async (groupId: string) => {
    const found = await callAny(findCoordinatorApi, groupId)
    if (found.error !== brokerErrors.none) throw brokerError(found.error, `Read on group ${groupId}`)
    return { nodeId: found.nodeId, address: { host: found.host, port: found.port } }
  }

  const readLayout = async () => {
    const found = await callAny(metadataApi, names)
    const topics = new Map<string, TopicLayout>()
    for (const topic of found.topics) {
      if (topic.error === brokerErrors.topicAuthorizationFailed) {
        throw brokerError(topic.error, `Describe on topic ${topic.name}`)
      }
      if (topic.error !== brokerErrors.none) continue
      const leaders: number[] = []
      for (const { partition, leader } of topic.partitions) leaders[partition] = leader
      topics.set(topic.name, { id: topic.id, leaders })
    }
    layout = {
      brokers: new Map(found.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }])),
      controllerId: found.controllerId,
      topics,
    }
  }

  let reading: Promise<void> | undefined
  /** Those who ask at once get one answer. */
  const refresh = (): Promise<void> => {
    reading ??= readLayout().finally(() => {
      reading = undefined
    })
    return reading
  }

  const createMissing = async (created: NewTopics) => {
    const missing = names.filter(name => !layout.topics.has(name))
    if (created === null || missing.length === 0) return
    const controller = await connect(addressOf(layout.controllerId), 'calls')
    const results = await controller.call(
      createTopicsApi,
      missing.map(name => ({ name, ...created })),
    )
    for (const { name, error, message } of results) {
      if (error === brokerErrors.none || error === brokerErrors.topicAlreadyExists) continue
      const denial = brokerError(error, `Create on topic ${name}`)
      throw new NinefoldError(denial.code, `${denial.message}${message === '' ? '' : ` (${message})`}`)
    }
    await refresh()
  }

  return {
    topics: () => layout.topics,
    refresh,
    createMissing,
    leaderOf: (topic, partition) => layout.topics.get(topic)?.leaders[partition] ?? -1,
    callNode: async (nodeId, api, params, { purpose = 'calls', timeoutMs } = {}) =>
      (await connect(addressOf(nodeId), purpose)).call(api, params, timeoutMs),
    callCoordinator: async (groupId, api, params, { purpose = 'calls', timeoutMs } = {}) => {
      coordinator ??= findCoordinator(groupId)
      try {
        const { address } = await coordinator
        return await (await connect(address, purpose)).call(api, params, timeoutMs)
      } catch (error) {
        coordinator = undefined
        throw error
      }
    },
    forgetCoordinator: () => {
      coordinator = undefined
    },
    callAny,
    interruptJoin: () => {
      for (const [key, opening] of connections) {
        if (key.startsWith('join ')) void opening.then(connection => connection.close()).catch(() => undefined)
      }
    },
    close: async () => {
      closed = true
      await Promise.all([...connections.values()].map(async opening => (await opening.catch(() => undefined))?.close()))
      connections.clear()
    },
  }
}

/** Of the failures of several brokers the one that says what to change, not the one of a broker that is down. */
function preferTelling(former: unknown, error: unknown): unknown {
  const tells = former instanceof NinefoldError && former.code !== 'BUS_UNREACHABLE'
  return tells ? former : error
}
