import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topics } from '../../../../ingest/bus/bus.ts'
import type { KafkaSasl, KafkaTls } from '../../../../ingest/bus/kafka/options.ts'
import { openKafkaProducer } from '../../../../ingest/bus/kafka/producer/kafka-producer.ts'
import { captureLogger } from '../../../factories/captured-logger.ts'
import { type Authority, makeAuthority } from '../../../factories/certificates.ts'
import { type KafkaCluster, startKafka } from '../../../factories/kafka-broker.ts'
import { kafkaOptions } from '../../../factories/kafka-bus.ts'
import { kafkaUsers } from '../../../factories/kafka-users.ts'
import { tracesPayload } from '../../otlp/sample-payloads.ts'

const password = 'correct horse battery staple'
const modules = 'org.apache.kafka.common.security'

let folder: string
let authority: Authority
let kafka: KafkaCluster
const captured = captureLogger()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-kafka-security-'))
  authority = makeAuthority(folder)
  const pem = (file: string) => ['ssl.keystore.type=PEM', `ssl.keystore.location=${file}`]
  const serverFile = authority.issue('right', 'IP:127.0.0.1')
  authority.issue('client', 'DNS:client')
  kafka = await startKafka({
    extraListeners: [
      {
        name: 'SASL',
        protocol: 'SASL_PLAINTEXT',
        properties: [
          'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
          `plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required user_ninefold="${password}" user_guest="${password}" user_writer="${password}";`,
          `scram-sha-256.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`,
          `scram-sha-512.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`,
          `oauthbearer.sasl.jaas.config=${modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="x";`,
        ],
      },
      { name: 'TLS', protocol: 'SSL', properties: pem(serverFile) },
      {
        name: 'SASLTLS',
        protocol: 'SASL_SSL',
        properties: [
          ...pem(serverFile),
          'sasl.enabled.mechanisms=SCRAM-SHA-256',
          `scram-sha-256.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`,
        ],
      },
      {
        name: 'CLIENTCERT',
        protocol: 'SSL',
        properties: [
          ...pem(serverFile),
          'ssl.client.auth=required',
          'ssl.truststore.type=PEM',
          `ssl.truststore.location=${authority.file}`,
        ],
      },
      { name: 'WRONGHOST', protocol: 'SSL', properties: pem(authority.issue('wrong', 'DNS:kafka.example.org')) },
    ],
    properties: [
      'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users=User:ANONYMOUS;User:ninefold;User:CN=client',
    ],
    formatArguments: [
      '--add-scram',
      `SCRAM-SHA-256=[name=ninefold,password=${password}]`,
      '--add-scram',
      `SCRAM-SHA-512=[name=ninefold,password=${password}]`,
    ],
  })
})
afterAll(async () => {
  await kafka.close()
  rmSync(folder, { recursive: true, force: true })
})

async function produceOne(
  listener: string,
  access: { readonly tls?: KafkaTls; readonly sasl?: KafkaSasl },
  deliveryTimeoutMs = 30_000,
) {
  const address = kafka.brokers[0]?.extraAddresses[listener] ?? ''
  const { producer, close } = await openKafkaProducer(
    kafkaOptions([address], {
      tls: access.tls ?? null,
      sasl: access.sasl ?? null,
      logger: captured.logger,
      deliveryTimeoutMs,
    }),
  )
  try {
    await producer.produce({ topic: 'otlp_spans', value: tracesPayload(1), receivedAtMs: Date.now(), source: 'test' })
  } finally {
    await close()
  }
}

/** A token as the broker's development validator takes it. */
function unsecuredToken(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const seconds = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: seconds, exp: seconds + 600 })}.`
}

describe('SASL', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    '%s lets us in with the right password',
    async mechanism => {
      await produceOne('SASL', { sasl: { mechanism, username: 'ninefold', password } })
    },
  )

  it('oauthbearer lets us in with a token', async () => {
    await produceOne('SASL', { sasl: { mechanism: 'oauthbearer', token: async () => unsecuredToken('ninefold') } })
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    '%s names the user and key when the password is wrong, and never the password',
    async mechanism => {
      const sasl = { mechanism, username: 'ninefold', password: 'not this one' }
      const refusal = await produceOne('SASL', { sasl }).catch((error: Error) => error)
      expect(refusal).toMatchObject({
        code: 'BUS_ACCESS_DENIED',
        message: expect.stringMatching(
          new RegExp(`does not accept ninefold \\(kafka\\.sasl\\.mechanism ${mechanism}\\)`),
        ),
        remedy: expect.stringContaining('kafka.sasl.*'),
      })
      expect(captured.text() + String(refusal)).not.toContain('not this one')
    },
  )

  it('names the operation and the topic when an ACL is missing', async () => {
    const sasl = { mechanism: 'plain', username: 'guest', password } as const
    await expect(produceOne('SASL', { sasl })).rejects.toMatchObject({
      code: 'BUS_ACCESS_DENIED',
      message: 'the broker does not allow Describe on topic otlp_spans',
    })
  })

  it('names the right to write and the topic, whether none may be written to or only others', async () => {
    const sasl = { mechanism: 'plain', username: 'writer', password } as const
    const users = kafkaUsers(kafka)
    const right = (operation: 'Describe' | 'Write', name: string) =>
      ({ user: 'writer', operation, on: 'topic', name }) as const
    await users.give(...Object.values(topics).map(name => right('Describe', name)))
    await expect(produceOne('SASL', { sasl })).rejects.toMatchObject({
      code: 'BUS_ACCESS_DENIED',
      message: expect.stringContaining('the broker does not allow Write on topic otlp_spans'),
    })
    await users.give(right('Write', 'otlp_logs'))
    await expect(produceOne('SASL', { sasl })).rejects.toMatchObject({
      code: 'BUS_ACCESS_DENIED',
      message: 'the broker does not allow Write on topic otlp_spans',
      remedy: expect.stringContaining('the ACL that the message names'),
    })
    await users.give(right('Write', 'otlp_spans'))
    await produceOne('SASL', { sasl })
  })

  it('lets us in over TLS, and tells a wrong password there from a certificate', async () => {
    const tls = { ca: authority.certificate }
    const sasl = { mechanism: 'scram-sha-256', username: 'ninefold', password } as const
    await produceOne('SASLTLS', { tls, sasl })
    await expect(produceOne('SASLTLS', { tls, sasl: { ...sasl, password: 'not this one' } })).rejects.toMatchObject({
      code: 'BUS_ACCESS_DENIED',
      message: expect.stringContaining('does not accept ninefold (kafka.sasl.mechanism scram-sha-256)'),
    })
    await expect(produceOne('SASLTLS', { tls: {}, sasl })).rejects.toMatchObject({ code: 'BUS_TLS_REFUSED' })
  })

  it('asks whether the port wants it when nothing is sent', async () => {
    await expect(produceOne('SASL', {}, 100)).rejects.toMatchObject({
      code: 'BUS_UNREACHABLE',
      message: expect.stringContaining('does this port ask for TLS or SASL?'),
    })
  })
})

describe('TLS', () => {
  it('trusts the named authority', async () => {
    await produceOne('TLS', { tls: { ca: authority.certificate } })
  })

  it.each([
    ['an authority that is not named', 'TLS', {}, /is not accepted \((UNABLE|SELF)/],
    [
      'a certificate for another host',
      'WRONGHOST',
      'ours',
      /of 127\.0\.0\.1:\d+ is not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    ],
  ] as const)('refuses %s', async (_, listener, trust, message) => {
    const tls = trust === 'ours' ? { ca: authority.certificate } : trust
    await expect(produceOne(listener, { tls })).rejects.toMatchObject({
      code: 'BUS_TLS_REFUSED',
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('kafka.tls.caFile'),
    })
  })

  it('shows a certificate of ours where the broker asks for one, and names the keys when there is none', async () => {
    const tls = { ca: authority.certificate }
    await produceOne('CLIENTCERT', { tls: { ...tls, ...authority.read('client') } })
    await expect(produceOne('CLIENTCERT', { tls })).rejects.toMatchObject({
      code: 'BUS_TLS_REFUSED',
      message: expect.stringContaining('asks for a certificate (kafka.tls.certFile, kafka.tls.keyFile)'),
    })
  })

  it('asks whether the port speaks it when the broker does not answer', async () => {
    await expect(produceOne('SASL', { tls: { ca: authority.certificate } }, 100)).rejects.toMatchObject({
      code: 'BUS_UNREACHABLE',
      message: expect.stringContaining('does this port speak TLS?'),
    })
  })
})
