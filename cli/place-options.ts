import type { CommandOption } from './command.ts'

/** For verbs that run something: where bus and store are, in short for `--set bus=…` and `--set store=…`. */
export const placeOptions = {
  bus: { type: 'string', about: 'Kafka brokers as host:port with commas between, instead of the embedded bus' },
  store: { type: 'string', about: 'URL of a ClickHouse server, instead of the embedded store' },
} as const satisfies Readonly<Record<string, CommandOption>>
