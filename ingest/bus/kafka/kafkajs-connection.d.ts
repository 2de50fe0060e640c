/**
 * The part of kafkajs 2.2.4 that is used: one connection with its framing, request queue, TLS and SASL. The version is pinned exactly, and
 * the project is at rest, so that its inside does not move (docs/decisions/0007-kafka.md says why not its producer and consumer).
 */
declare module 'kafkajs/src/network/connection.js' {
  interface EncodedRequest {
    readonly buf: Buffer
    readonly buffer: Buffer
  }
  interface Call<R> {
    readonly request: {
      readonly apiKey: number
      readonly apiVersion: number
      readonly apiName: string
      readonly encode: () => Promise<EncodedRequest>
    }
    readonly response: {
      readonly decode: (payload: Buffer) => Promise<R>
      readonly parse: (decoded: R) => Promise<R>
    }
    readonly requestTimeout?: number
    readonly logResponseError?: boolean
  }
  interface ConnectionLogger {
    namespace(): ConnectionLogger
    info(message: string, extra?: object): void
    error(message: string, extra?: object): void
    warn(message: string, extra?: object): void
    debug(message: string, extra?: object): void
  }
  class Connection {
    readonly requestQueue: {
      readonly pending: readonly unknown[]
      readonly throttledUntil: number
      scheduleCheckPendingRequests(): void
    }
    constructor(options: {
      readonly host: string
      readonly port: number
      readonly logger: ConnectionLogger
      readonly socketFactory: unknown
      readonly requestTimeout: number
      readonly connectionTimeout: number
      readonly enforceRequestTimeout: boolean
      readonly ssl: object | null
      readonly sasl: object | null
      readonly clientId: string
    })
    connect(): Promise<boolean>
    disconnect(): Promise<boolean>
    authenticate(): Promise<void>
    isConnected(): boolean
    setVersions(versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>): void
    setSupportAuthenticationProtocol(supported: boolean): void
    rejectRequests(error: Error): void
    send<R>(call: Call<R>): Promise<R>
  }
  export = Connection
}

declare module 'kafkajs/src/network/socketFactory.js' {
  function createSocketFactory(): unknown
  export = createSocketFactory
}
