import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** One request of Kafka's protocol in the one version that is spoken; brokers from 3.1 on know all of them. */
export interface Api<P, R> {
  readonly name: string
  readonly key: number
  readonly version: number
  /** Flexible versions have tagged fields, also in the headers. */
  readonly flexible: boolean
  write(writer: WireWriter, params: P): void
  read(reader: WireReader): R
}
