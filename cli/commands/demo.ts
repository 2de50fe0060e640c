import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NinefoldError } from '../../lib/errors.ts'
import { createLogger, type Logger } from '../../lib/logger.ts'
import type { Command, CommandContext, Terminal } from '../command.ts'
import type { Config } from '../config-keys.ts'
import { describeBudget } from '../demo/budget-line.ts'
import { closingLines } from '../demo/closing-lines.ts'
import { type DemoSystem, demoLogFile, startDemoSystem } from '../demo/demo-system.ts'
import { prepareDataDirectory } from '../instance/data-directory.ts'
import { findInstance } from '../instance/running-instance.ts'
import { placeOptions } from '../place-options.ts'
import { untilAborted } from '../until-aborted.ts'

const defaultData = '.ninefold/demo'
const demoCpuShare = 0.3

/** The demo's own data directory, so that a later `up` starts clean; --data and the configuration are stronger. */
function dataDirectory(config: Config, isDefault: boolean): string {
  return resolve(isDefault ? defaultData : config.data)
}

/** A log that a person can leave alone: warnings and errors go to a file beside the data. */
function fileLogger(config: Config, data: string): Logger {
  const level = config['log.level'] === 'info' ? 'warn' : config['log.level']
  return createLogger({ level, file: demoLogFile(data) })
}

/** For a person a block of lines; as JSON one line, the only one on standard output. */
function printUrls(terminal: Terminal, system: DemoSystem, data: string, json: boolean): void {
  const { apiUrl, otlpUrl, metricsUrl, processes } = system
  const roles = processes === '' ? {} : { roles: processes }
  const urls = { viewer: apiUrl, otlp: otlpUrl, metrics: metricsUrl, data, ...roles }
  if (json) terminal.out(JSON.stringify(urls))
  else for (const line of ['', ...Object.entries(urls).map(addressLine), '']) terminal.out(line)
}

const addressLine = ([name, value]: [string, string]) => `  ${(name === 'otlp' ? 'OTLP' : name).padEnd(7)}  ${value}`

/** Redraws one line where a person looks; elsewhere says only the first and last. */
function progressLine(terminal: Terminal): { show(text: string): void; end(text: string): void } {
  return {
    show: text => {
      if (terminal.interactive) terminal.redraw(text)
    },
    end: text => {
      if (terminal.interactive) terminal.redraw('')
      terminal.out(text)
    },
  }
}

async function run(context: CommandContext): Promise<0> {
  const { loadConfig, configArguments, flags, json, clock, signal } = context
  // A program reads the addresses; the story is for who looks.
  const terminal: Terminal = json ? { ...context.terminal, out: context.terminal.note } : context.terminal
  const { config: base, origins } = loadConfig()
  const data = dataDirectory(base, origins.data === 'default')
  const running = findInstance(data)
  if (running !== undefined)
    throw new NinefoldError('DATA_DIR_LOCKED', `process ${running.pid} has the demo's data open: ${data}`)
  if (flags.fresh === true && base.bus !== 'embedded')
    throw new NinefoldError(
      'USAGE',
      '--fresh forgets a data directory; over Kafka use another database (store.database)',
    )
  if (flags.fresh === true) rmSync(data, { recursive: true, force: true })
  prepareDataDirectory(data)
  const logger = fileLogger(base, data)
  const [{ startPagerDutyStub }, { startShop }, { backfill, noteLivedTime }, { tellStory }] = await Promise.all([
    import('../demo/pagerduty-stub.ts'),
    import('../demo/shop.ts'),
    import('../demo/backfill.ts'),
    import('../demo/story.ts'),
  ])

  // The key opens nothing but the stub, and the stub takes nothing else.
  const routingKey = randomBytes(16).toString('hex')
  const keyFile = join(data, 'routing-key')
  writeFileSync(keyFile, `${routingKey}\n`, { mode: 0o600 })
  const pagerDuty = await startPagerDutyStub({ routingKey, clock })
  const config: Config = {
    ...base,
    data,
    'log.level': base['log.level'] === 'info' ? 'warn' : base['log.level'],
    'pagerduty.url': pagerDuty.url,
    'pagerduty.routingKeyFile': keyFile,
    'notify.allowHosts': [pagerDuty.host],
    // A month arrives within seconds, and the page is to come within a minute of the fault.
    'compute.cpuShare': Math.max(base['compute.cpuShare'], demoCpuShare),
  }
  const continued = existsSync(join(data, 'backfill.json'))
  terminal.out(
    continued
      ? 'Going on from the last run (--fresh starts over).'
      : 'Opening a small shop with thirty days behind it.',
  )
  const instance = await startDemoSystem({
    config,
    configArguments,
    clock,
    logger,
    logFile: demoLogFile(data),
    say: text => {
      if (!signal.aborted) terminal.note(text)
    },
  })
  const stops: (() => Promise<void>)[] = [() => pagerDuty.stop(), () => instance.stop()]
  try {
    printUrls(context.terminal, instance, data, json)
    const shop = await startShop({
      otlpEndpoint: instance.otlpUrl,
      compileCache: join(data, 'compile-cache'),
      onCrash: error => {
        if (!signal.aborted) terminal.note(`${error.code}  ${error.message} — ${error.remedy}`)
      },
    })
    stops.push(async () => {
      await shop.stop()
      for (const line of closingLines(shop, pagerDuty)) terminal.out(line)
    })
    const markerFile = join(data, 'backfill.json')
    const line = progressLine(terminal)
    const filled = await backfill({
      endpoint: instance.otlpUrl,
      markerFile,
      clock,
      signal,
      onProgress: ({ chunksDone, chunks, spans }) =>
        line.show(`filling the past: ${Math.floor((100 * chunksDone) / chunks)} %, ${spans} spans`),
    })
    line.end(
      filled.spans === 0
        ? 'The past is filled already.'
        : `The past is filled: ${filled.spans} spans, ${filled.logs} log records.`,
    )
    const noting = noteLivedTime({ markerFile, clock, signal })
    shop.open()
    await tellStory({
      shop,
      pagerDuty,
      describeBudget: () => describeBudget(instance.apiUrl, 'checkout-availability'),
      clock,
      print: text => terminal.out(text),
      signal,
    })
    await untilAborted(signal)
    await noting
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    terminal.out('closing the shop …')
    for (const stop of stops.reverse()) await stop()
  }
  return 0
}

export const demoCommand: Command = {
  name: 'demo',
  summary: 'up, plus a small instrumented shop that burns its error budget before your eyes',
  usage: '[--fresh] [--bus HOST:PORT --store URL]',
  maxPositionals: 0,
  options: { fresh: { type: 'boolean', about: 'forget the data of earlier demo runs first' }, ...placeOptions },
  examples: [
    { line: 'demo', about: `data in ${defaultData}; Ctrl-C stops everything, a second run goes on` },
    { line: 'demo --fresh', about: 'from the beginning' },
    { line: 'demo --bus kafka:9092 --store http://clickhouse:8123', about: 'the roles in four processes of their own' },
    { line: 'demo --set api.port=18080 --set otlp.http.port=14318', about: 'on other ports' },
  ],
  run,
}
