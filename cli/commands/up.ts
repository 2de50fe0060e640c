import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { createLogger } from '../../lib/logger.ts'
import type { Command } from '../command.ts'
import { packageVersion } from '../package-version.ts'
import { placeOptions } from '../place-options.ts'
import { nullIfAborted, untilAborted } from '../until-aborted.ts'

export const upCommand: Command = {
  name: 'up',
  summary: 'run every role in this process: OTLP in, SLOs out, nothing to install',
  usage: '[--specs DIR] [--data DIR] [--bus HOST:PORT] [--store URL] [--tables existing]',
  maxPositionals: 0,
  options: {
    ...placeOptions,
    tables: {
      type: 'string',
      about: 'existing: read telemetry tables that a Collector fills; existing+index: and index their time',
    },
  },
  examples: [
    { line: 'up', about: 'specs from slo-specs/services, data in .ninefold' },
    { line: 'up --specs my-slos --data /var/lib/ninefold', about: 'your own specs and data directory' },
    { line: 'up --set otlp.http.port=14318 --set log.level=debug', about: 'another port, more to read' },
  ],
  run: async ({ loadConfig, terminal, clock, signal, json }) => {
    const { config, origins } = loadConfig()
    // Without specs an instance takes telemetry in all the same; a folder that somebody named and that is not there is a mistake.
    if (origins.specs !== 'default' && !existsSync(config.specs)) {
      throw new NinefoldError('CONFIG_INVALID', `specs: there is no folder ${resolve(config.specs)}`)
    }
    // The engine's library is large: only verbs that run an instance load it.
    const { startInstance } = await import('../instance/instance.ts')
    const logger = createLogger({ level: config['log.level'] })
    const options = { config, clock, logger, version: packageVersion(), signal }
    const instance = await startInstance(options).catch(nullIfAborted(signal))
    if (instance === null) return 0
    const { otlpUrl, otlpGrpcUrl, apiUrl, metricsUrl } = instance
    if (json)
      terminal.out(
        JSON.stringify({
          otlp: otlpUrl,
          otlpGrpc: otlpGrpcUrl,
          viewer: apiUrl,
          api: `${apiUrl}/api/v1`,
          metrics: metricsUrl,
        }),
      )
    else {
      terminal.out(`viewer    ${apiUrl}`)
      if (otlpUrl !== null) terminal.out(`OTLP      ${otlpUrl}/v1/{traces,logs,metrics}`)
      if (otlpGrpcUrl !== null) terminal.out(`OTLP/gRPC ${otlpGrpcUrl}`)
      terminal.out(`API       ${apiUrl}/api/v1/openapi.json`)
      terminal.out(`metrics   ${metricsUrl}`)
      terminal.out('Ctrl-C stops it; what was acknowledged stays.')
    }
    await untilAborted(signal)
    await instance.stop('asked to stop')
    return 0
  },
}
