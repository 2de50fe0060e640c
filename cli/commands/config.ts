import type { Command } from '../command.ts'
import type { ConfigOrigin } from '../config.ts'
import { configKeys, configNames, environmentName, writtenValue } from '../config-keys.ts'

function describeOrigin(origin: ConfigOrigin): string {
  if (typeof origin === 'string') return origin
  return 'file' in origin ? `${origin.file}:${origin.line}` : origin.environment
}

export const configCommand: Command = {
  name: 'config',
  summary: 'show the configuration in force and where each value came from',
  usage: '--print',
  maxPositionals: 0,
  options: { print: { type: 'boolean', about: 'print every key, its value and its origin (the default)' } },
  examples: [
    { line: 'config --print', about: 'all keys with their values' },
    { line: 'config --print --set otlp.http.port=14318 --json', about: 'the same as JSON, one value changed' },
  ],
  run: async ({ json, terminal, loadConfig }) => {
    const { config, origins } = loadConfig()
    const rows = configNames.map(name => ({
      name,
      // Nothing secret is among them: secrets live in files, of which only the path is a value.
      value: writtenValue(name, config[name]),
      origin: describeOrigin(origins[name]),
      environment: environmentName(name),
      about: configKeys[name].about,
    }))
    if (json) {
      terminal.out(JSON.stringify(rows, null, 2))
      return 0
    }
    const width = Math.max(...rows.map(row => row.name.length))
    const valueWidth = Math.min(44, Math.max(...rows.map(row => JSON.stringify(row.value).length)))
    for (const row of rows) {
      terminal.out(`${row.name.padEnd(width)}  ${JSON.stringify(row.value).padEnd(valueWidth)}  ${row.origin}`)
    }
    return 0
  },
}
