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
  return {
    give: (...rights) => admin(client => client.createAcls({ acl: rights.map(entryOf) })),
    takeAway: (...rights) => admin(client => client.deleteAcls({ filters: rights.map(entryOf) })),
    changePassword: async (user, password) => {
      const change = `SCRAM-SHA-256=[password=${password}]`
      const entity = ['--entity-type', 'users', '--entity-name', user]
      await kafka.tool('kafka.admin.ConfigCommand', '--alter', '--add-config', change, ...entity)
    },
  }
}
