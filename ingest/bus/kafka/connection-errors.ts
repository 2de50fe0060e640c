import { errnoOf, NinefoldError } from '../../../lib/errors.ts'
import type { KafkaConnectionOptions } from './options.ts'
import { brokerErrorName, brokerErrors } from './protocol/error-codes.ts'

interface Address {
  readonly host: string
  readonly port: number
}

/** OpenSSL's and Node's codes for a certificate that is not accepted. */
const certificateCodes = /^(ERR_TLS_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_|UNABLE_TO_)/
const tlsCodes = /^(ERR_SSL_|EPROTO)/
/** Alerts by which a broker says what it thinks of our certificate, or of having none (RFC 8446, 6.2). */
const ownCertificateCodes = /_ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

/** Why there is no connection, and which key to look at. The password is never part of it. */
export function connectError(error: unknown, { host, port }: Address, options: KafkaConnectionOptions): NinefoldError {
  if (error instanceof NinefoldError) return error
  const broker = `${host}:${port}`
  const code = errnoOf(error) ?? ''
  const from = { cause: error }
  if (nameOf(error) === 'KafkaJSSASLAuthenticationError') {
    const sasl = options.sasl
    const who = sasl === null || sasl.mechanism === 'oauthbearer' ? 'the token of kafka.sasl.tokenFile' : sasl.username
    const message = `${broker} does not accept ${who} (kafka.sasl.mechanism ${sasl?.mechanism}): ${text(error)}`
    return new NinefoldError('BUS_ACCESS_DENIED', message, from)
  }
  if (certificateCodes.test(code)) {
    return new NinefoldError(
      'BUS_TLS_REFUSED',
      `the certificate of ${broker} is not accepted (${code}): ${text(error)}`,
      from,
    )
  }
  if (ownCertificateCodes.test(code)) {
    const told =
      options.tls?.cert === undefined
        ? 'asks for a certificate (kafka.tls.certFile, kafka.tls.keyFile)'
        : 'does not accept the certificate of kafka.tls.certFile'
    return new NinefoldError('BUS_TLS_REFUSED', `${broker} ${told}: ${code}`, from)
  }
  if (tlsCodes.test(code)) {
    return new NinefoldError('BUS_TLS_REFUSED', `${broker} does not speak TLS as we do (${code})`, from)
  }
  return new NinefoldError('BUS_UNREACHABLE', `${broker}: ${text(error)}${hintOf(error, options)}`, from)
}

/** A broker that does not understand us says nothing: it closes the connection or waits. */
function hintOf(error: unknown, { tls, sasl }: KafkaConnectionOptions): string {
  if (errnoOf(error) === 'ECONNREFUSED' || errnoOf(error) === 'ENOTFOUND') return ''
  if (tls !== null) return '; does this port speak TLS?'
  return sasl === null ? '; does this port ask for TLS or SASL?' : '; does this port ask for TLS?'
}

/**
 * A call that had no answer: the connection broke, was too slow, or the answer made no sense.
 * @param options null when the broker has answered before on this connection.
 */
export function callError(
  error: unknown,
  api: string,
  { host, port }: Address,
  options: KafkaConnectionOptions | null,
): NinefoldError {
  if (error instanceof NinefoldError) return error
  const closed = nameOf(error) === 'KafkaJSConnectionClosedError'
  const hint = closed && options !== null ? hintOf(error, options) : ''
  return new NinefoldError('BUS_UNREACHABLE', `${api} to ${host}:${port}: ${text(error)}${hint}`, { cause: error })
}

const denied = new Set<number>([
  brokerErrors.topicAuthorizationFailed,
  brokerErrors.groupAuthorizationFailed,
  brokerErrors.clusterAuthorizationFailed,
])

/**
 * An error code of the broker's answer as ours.
 * @param what the operation and its object, e.g. `Write on topic otlp_spans`: what an ACL would have to allow.
 */
export function brokerError(code: number, what: string): NinefoldError {
  const details = { brokerError: code }
  if (denied.has(code)) return new NinefoldError('BUS_ACCESS_DENIED', `the broker does not allow ${what}`, { details })
  if (code === brokerErrors.unknownTopicOrPartition) {
    return new NinefoldError('BUS_TOPIC_MISSING', `${what}: the topic or partition does not exist`, { details })
  }
  return new NinefoldError('BUS_BROKER_ERROR', `${what}: the broker answered ${brokerErrorName(code)}`, { details })
}

/** Whether what keeps us from the brokers now is another thing than before: that is told at once, the same only now and then. */
export function isNewFailure(former: NinefoldError | null, failure: NinefoldError): boolean {
  const kindOf = ({ code, details }: NinefoldError) => `${code} ${details.brokerError ?? ''}`
  return former === null || kindOf(former) !== kindOf(failure)
}
