import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { createLogger } from '../../lib/logger.ts'
import type { Store } from '../../store/client/store.ts'
import type { MigrationState, SchemaStatus } from '../../store/migrations/migration-status.ts'
import type { Command, CommandContext, ExitCode, Terminal } from '../command.ts'
import type { Config } from '../config-keys.ts'
import { findInstance } from '../instance/running-instance.ts'

type Action = (store: Store, config: Config, context: CommandContext) => Promise<ExitCode>

const line = ({ number, name, state, appliedAtMs }: MigrationState) =>
  [
    String(number).padStart(3, '0'),
    name.padEnd(20),
    state.padEnd(8),
    appliedAtMs === null ? '' : new Date(appliedAtMs).toISOString(),
  ]
    .join('  ')
    .trimEnd()

const needed = ({ migrations, differences }: SchemaStatus) =>
  differences.length > 0 || migrations.some(({ state }) => state !== 'applied')

const status: Action = async (store, _config, { terminal, json }) => {
  const { readSchemaStatus } = await import('../../store/migrations/migration-status.ts')
  const schema = await readSchemaStatus(store.reader, store.cluster)
  if (json) terminal.out(JSON.stringify(schema, null, 2))
  else {
    for (const migration of schema.migrations) terminal.out(line(migration))
    for (const difference of schema.differences) terminal.out(difference)
  }
  return needed(schema) ? 1 : 0
}

const dump: Action = async (store, _config, { terminal, json }) => {
  const { dumpSchema } = await import('../../store/migrations/schema-dump.ts')
  const schema = await dumpSchema(store.reader)
  terminal.out(json ? JSON.stringify({ schema }) : schema.trimEnd())
  return 0
}

const move =
  (direction: 'up' | 'down'): Action =>
  async (store, config, { terminal, json, clock, flags, signal }) => {
    const { migrateStore } = await import('../../store/migrations/migrate-store.ts')
    const { readSchemaStatus } = await import('../../store/migrations/migration-status.ts')
    const { applyRetention } = await import('../../store/migrations/retention.ts')
    const { existingTables, retentionOf } = await import('../instance/store-settings.ts')
    const before = await readSchemaStatus(store.reader, store.cluster)
    const numbers = before.migrations.map(({ number }) => number)
    const newest = before.migrations.filter(({ appliedAtMs }) => appliedAtMs !== null).at(-1)?.number ?? 0
    const previous = numbers.filter(number => number < newest).at(-1) ?? 0
    const target = readTarget(flags.to, numbers) ?? (direction === 'up' ? undefined : previous)
    if (target !== undefined && (direction === 'up' ? target < newest : target > newest))
      throw new NinefoldError('USAGE', `the store is at ${newest}: ${target} is not ${direction} from there`)
    const logger = createLogger({ level: config['log.level'] })
    const ran = await migrateStore(store, {
      clock,
      logger,
      signal,
      hasOwnTelemetry: existingTables(config) === null,
      dropData: flags['drop-data'] === true,
      ...(target === undefined ? {} : { target }),
    })
    // Who may alter tables says how long they keep rows, so that nobody who runs later needs that right.
    if (direction === 'up' && target === undefined)
      await applyRetention(store.writer, retentionOf(config), store.cluster)
    report(ran, before, terminal, json)
    return 0
  }

function report(ran: readonly number[], before: SchemaStatus, terminal: Terminal, json: boolean): void {
  if (json) terminal.out(JSON.stringify({ ran }))
  else if (ran.length === 0) terminal.out('nothing to do')
  else
    for (const number of ran) terminal.out(`${number < 0 ? 'undone ' : 'applied'}  ${nameOf(before, Math.abs(number))}`)
}

function nameOf({ migrations }: SchemaStatus, number: number): string {
  const name = migrations.find(migration => migration.number === number)?.name ?? ''
  return `${String(number).padStart(3, '0')}_${name}`
}

function readTarget(given: unknown, numbers: readonly number[]): number | undefined {
  if (given === undefined) return undefined
  const target = Number(given)
  if (given !== '' && (target === 0 || numbers.includes(target))) return target
  throw new NinefoldError('USAGE', `--to takes 0 or the number of a migration, ${numbers[0]} to ${numbers.at(-1)}`)
}

const actions = new Map<string, Action>([
  ['status', status],
  ['up', move('up')],
  ['down', move('down')],
  ['dump', dump],
])

export const migrateCommand: Command = {
  name: 'migrate',
  summary: "the store's schema: where it stands, forward, back one version, as SQL",
  usage: 'status | up | down | dump',
  maxPositionals: 1,
  options: {
    to: { type: 'string', about: 'number of the migration to go to (up: the newest, down: one back)' },
    'drop-data': { type: 'boolean', about: 'down even where tables that hold rows go' },
  },
  examples: [
    { line: 'migrate status', about: 'exit 1 when something is to be done or somebody changed a column' },
    { line: 'migrate up --config ninefold.yaml', about: 'as a user that may; `up` then needs no such rights' },
    { line: 'migrate down', about: 'one version back, before an older ninefold is started' },
    { line: 'migrate dump', about: 'the schema as the engine prints it' },
  ],
  run: async context => {
    const [name = 'status', ...more] = context.positionals
    const action = actions.get(name)
    if (action === undefined || more.length > 0)
      throw new NinefoldError('USAGE', 'migrate takes status, up, down or dump')
    const { config } = context.loadConfig()
    const data = resolve(config.data)
    if (config.store === 'embedded' && name !== 'up' && !existsSync(join(data, 'store')))
      throw new NinefoldError('NOT_RUNNING', `there is no data in ${data}`)
    const running = config.store === 'embedded' ? findInstance(data) : undefined
    if (running !== undefined)
      throw new NinefoldError('DATA_DIR_LOCKED', `process ${running.pid} has the data directory ${data} open`)
    const { createStore } = await import('../../store/client/create-store.ts')
    const { storeLocation } = await import('../instance/store-settings.ts')
    const store = await createStore(storeLocation(config, data))
    try {
      return await action(store, config, context)
    } finally {
      await store.close()
    }
  },
}
