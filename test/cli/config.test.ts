import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../cli/config.ts'
import { configKeys, configNames, environmentName, writtenValue } from '../../cli/config-keys.ts'
import { NinefoldError } from '../../lib/errors.ts'
import { configPage, configPageFile } from './config-page.ts'

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'ninefold-config-')), 'ninefold.yaml')
  writeFileSync(file, text)
  return file
}

function problemsOf(load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof NinefoldError && error.code === 'CONFIG_INVALID') return error.message.split('\n')
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('is the defaults when nothing is said', () => {
    const { config, origins } = loadConfig({ environment: {}, sets: [] })
    expect(config['otlp.http.port']).toBe(4318)
    expect(config.listen).toBe('127.0.0.1')
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']))
  })

  it('lets the environment win over the file and --set over both, and remembers where each value came from', () => {
    const file = fileWith('otlp:\n  http:\n    port: 1\napi.port: 2\nmetrics:\n  port: 3\n')
    const { config, origins } = loadConfig({
      file,
      environment: { NINEFOLD_API_PORT: '20', NINEFOLD_METRICS_PORT: '30', PATH: '/bin' },
      sets: ['metrics.port=300'],
    })
    expect([config['otlp.http.port'], config['api.port'], config['metrics.port']]).toEqual([1, 20, 300])
    expect(origins['otlp.http.port']).toEqual({ file, line: 3 })
    expect(origins['api.port']).toEqual({ environment: 'NINEFOLD_API_PORT' })
    expect(origins['metrics.port']).toBe('flag')
  })

  it('takes `store: embedded` and keys below store alike', () => {
    const file = fileWith('store: http://127.0.0.1:8123\nstore.username: writer\n')
    const { config } = loadConfig({ file, environment: {}, sets: [] })
    expect([config.store, config['store.username']]).toEqual(['http://127.0.0.1:8123', 'writer'])
  })

  it('reports every unknown key and wrong value at once, each with its position', () => {
    const file = fileWith('otlp:\n  http:\n    prot: 1\n  maxBodyBytes: many\nlisten: everywhere\n')
    const problems = problemsOf(() =>
      loadConfig({ file, environment: { NINEFOLD_APY_PORT: '1' }, sets: ['nonsense', 'compute.cpuShare=7'] }),
    )
    expect(problems).toHaveLength(6)
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringContaining(
          `${file}:3:5  CONFIG_UNKNOWN_KEY  unknown key otlp.http.prot — Did you mean otlp.http.port?`,
        ),
        expect.stringContaining(`${file}:4:3  CONFIG_WRONG_VALUE  otlp.maxBodyBytes takes a whole number`),
        expect.stringContaining(`${file}:5:1  CONFIG_WRONG_VALUE  listen takes an IP address`),
        expect.stringContaining('environment NINEFOLD_APY_PORT:1:1  CONFIG_UNKNOWN_KEY'),
        expect.stringContaining('--set:1:1  CONFIG_WRONG_VALUE  "nonsense" is not path=value'),
        expect.stringContaining('--set:2:1  CONFIG_WRONG_VALUE  compute.cpuShare takes a number'),
      ]),
    )
  })

  it('takes no credentials in a URL, which is shown and logged, and does not repeat them', () => {
    const urls = ['viewer.url=https://user:hush@slo.example', 'pagerduty.url=https://hush@events.example']
    const problems = problemsOf(() => loadConfig({ environment: {}, sets: [...urls, 'store=http://u:hush@db:8123'] }))
    expect(problems).toHaveLength(3)
    for (const problem of problems) expect(problem).toMatch(/takes a URL without user and password/)
    expect(problems.join()).not.toContain('hush')
  })

  it('takes addresses without the slash at their end, so that paths are put behind them as they are', () => {
    const { config } = loadConfig({
      environment: {},
      sets: ['viewer.url=https://slo.example.org/', 'store=http://db:8123/'],
    })
    expect(config).toMatchObject({ 'viewer.url': 'https://slo.example.org', store: 'http://db:8123' })
  })

  it.each(configNames)('takes the default of %s as it is shown', name => {
    const { fallback, parse } = configKeys[name]
    expect(parse(writtenValue(name, fallback))).toEqual({ value: fallback })
  })

  it('has every key on its page (else run test/cli/write-config-page.ts)', () => {
    expect(readFileSync(configPageFile, 'utf8')).toBe(configPage())
  })

  it('names the line of broken YAML and of a duplicate key', () => {
    expect(problemsOf(() => loadConfig({ file: fileWith('a: [1\nb: 2\n'), environment: {}, sets: [] }))[0]).toMatch(
      /:\d+:\d+ {2}CONFIG_YAML/,
    )
    expect(
      problemsOf(() =>
        loadConfig({ file: fileWith('listen: 127.0.0.1\nlisten: 127.0.0.1\n'), environment: {}, sets: [] }),
      )[0],
    ).toMatch(/:2:1 {2}CONFIG_YAML/)
  })

  it('says which file cannot be read', () => {
    expect(problemsOf(() => loadConfig({ file: '/nowhere/ninefold.yaml', environment: {}, sets: [] }))[0]).toContain(
      '/nowhere/ninefold.yaml cannot be read',
    )
  })

  it('has one environment variable for each key and no two keys share one', () => {
    expect(new Set(configNames.map(environmentName)).size).toBe(configNames.length)
    expect(environmentName('pagerduty.routingKeyFile')).toBe('NINEFOLD_PAGERDUTY_ROUTING_KEY_FILE')
  })
})
