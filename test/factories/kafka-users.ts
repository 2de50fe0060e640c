import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs'
import type { ExtraListener, KafkaCluster } from './kafka-broker.ts'
import { eventually } from './ninefold.ts'

const modules = 'org.apache.kafka.common.security'

/** What a broker needs to tell users of SCRAM-SHA-256 apart and to hold each to its rights; the plain listener may do everything. */
export function brokerWithUsers(users: Readonly<Record<string, string>>) {
  const listener: ExtraListener = {
    name: 'SASL',
    protocol: 'SASL_PLAINTEXT',
    properties: [
      'sasl.enabled.mechanisms=SCRAM-SHA-256',
      `scram-sha-256.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`,
    ],
  }
  return {
    extraListeners: [listener],
    properties: [
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users=User:ANONYMOUS',
    ],
    formatArguments: Object.entries(users).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-256=[name=${name},password=${password}]`,
    ]),
  }
}

const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
} as const
const resources = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP } as const

export interface Right {
  readonly user: string
  readonly operation: keyof typeof operations
  readonly on: keyof typeof resources
  readonly name: string
}

export interface KafkaUsers {
  /** In force when it resolves, as is what was taken away. */
  give(...rights: readonly Right[]): Promise<void>
  takeAway(...rights: readonly Right[]): Promise<void>
  /** From its next connection on. */
  changePassword(user: string, password: string): Promise<void>
}

export function kafkaUsers(kafka: KafkaCluster): KafkaUsers {
  const foreign = new Kafka({ brokers: [...kafka.addresses], logLevel: logLevel.NOTHING, clientId: 'administrator' })
  const admin = async (work: (client: ReturnType<Kafka['admin']>) => Promise<unknown>) => {
    const client = foreign.admin()
    await client.connect()
    await work(client).finally(() => client.disconnect())
  }
  const entryOf = ({ user, operation, on, name }: Right): AclEntry => ({
    principal: `User:${user}`,
    host: '*',
    operation: operations[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: resources[on],
    resourceName: name,
    resourcePatternType: ResourcePatternTypes.LITERAL,
  })
  /** The controller answers before the broker that refuses and allows has heard of the change. */
  const inForce = (client: ReturnType<Kafka['admin']>, rights: readonly Right[], count: number) =>
    eventually(
      () => Promise.all(rights.map(async right => (await client.describeAcls(entryOf(right))).resources.length)),
      found => found.every(length => length === count),
      60_000,
    )
  return {
    give: (...rights) =>
      admin(async client => {
        await client.createAcls({ acl: rights.map(entryOf) })
        await inForce(client, rights, 1)
      }),
    takeAway: (...rights) =>
      admin(async client => {
        await client.deleteAcls({ filters: rights.map(entryOf) })
        await inForce(client, rights, 0)
      }),
    changePassword: async (user, password) => {
      const change = `SCRAM-SHA-256=[password=${password}]`
      const entity = ['--entity-type', 'users', '--entity-name', user]
      await kafka.tool('kafka.admin.ConfigCommand', '--alter', '--add-config', change, ...entity)
    },
  }
}
