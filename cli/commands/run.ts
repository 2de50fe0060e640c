import process from 'node:process'
import { NinefoldError } from '../../lib/errors.ts'
import { createLogger } from '../../lib/logger.ts'
import type { Command } from '../command.ts'
import { isProcessRole, processRoles } from '../instance/role-names.ts'
import { packageVersion } from '../package-version.ts'
import { placeOptions } from '../place-options.ts'
import { nullIfAborted, untilAborted } from '../until-aborted.ts'

export const runCommand: Command = {
  name: 'run',
  summary: 'one role in this process, over Kafka and a ClickHouse server; several of each may run side by side',
  usage: `${processRoles.join('|')} --bus HOST:PORT --store URL`,
  maxPositionals: 1,
  options: placeOptions,
  examples: [
    { line: 'run ingest --bus kafka:9092', about: 'takes OTLP in and puts it on the bus' },
    { line: 'run sink --config ninefold.yaml', about: 'from the bus into the store, exactly once' },
    { line: 'run compute --config ninefold.yaml', about: 'roll-ups, budgets and pages for its shards of the SLOs' },
    {
      line: 'run api --config ninefold.yaml --specs slos',
      about: 'API and viewer; puts the folder into force when it changes',
    },
    {
      line: 'run prober --bus kafka:9092 --store http://clickhouse:8123',
      about: 'runs synthetic transactions: one for each place that they are to come from',
    },
  ],
  run: async ({ positionals, loadConfig, terminal, clock, signal, json }) => {
    const [role, ...others] = positionals
    if (role === undefined || others.length > 0 || !isProcessRole(role))
      throw new NinefoldError('USAGE', `run takes one role: ${processRoles.join(', ')}`)
    const { config, origins } = loadConfig()
    // The engine's library is large: only verbs that run an instance load it.
    const { startRole } = await import('../instance/role-process.ts')
    const logger = createLogger({ level: config['log.level'] }).child({ role })
    const asked = AbortSignal.any([signal, parentGone()])
    const options = { config, origins, clock, logger, version: packageVersion(), signal: asked }
    const started = await startRole(role, options).catch(nullIfAborted(asked))
    if (started === null) return 0
    const { urls, metricsUrl, stop } = started
    const all = { ...urls, metrics: metricsUrl, ready: metricsUrl.replace(/metrics$/, 'readyz') }
    if (json) terminal.out(JSON.stringify({ role, ...all }))
    else for (const [name, url] of Object.entries(all)) terminal.out(`${name.padEnd(8)}  ${url}`)
    await untilAborted(asked)
    await stop('asked to stop')
    return 0
  },
}

/** A process that was started with a channel to its parent ends with it, however that one ends. */
function parentGone(): AbortSignal {
  const gone = new AbortController()
  if (process.connected) process.once('disconnect', () => gone.abort())
  return gone.signal
}
