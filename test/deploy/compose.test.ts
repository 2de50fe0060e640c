import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { commands } from '../../cli/commands/index.ts'
import { loadConfig } from '../../cli/config.ts'
import { isProcessRole, roleNames } from '../../cli/instance/role-names.ts'
import { buildDashboards } from '../../dashboards/build-dashboards.ts'
import { loadSpecs } from '../../slo-specs/schema/load.ts'
import { removeFolder } from '../factories/ninefold.ts'
import { realPart } from '../real-parts/install.ts'
import { type ComposeService, mountsOf, readCompose } from './compose-file.ts'

/** deploy/compose.yaml and every file that it mounts. Docker is not at hand: what each file is for reads it instead. */

const { services, secrets, volumes } = readCompose()
const root = fileURLToPath(new URL('../../', import.meta.url))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ninefold-compose-'))
})
afterAll(() => removeFolder(folder))

const serviceOf = (name: string): ComposeService => {
  const found = services[name]
  if (found === undefined) throw new Error(`there is no service ${name}`)
  return found
}
const variables = [...readFileSync(join(root, 'deploy/compose/example.env'), 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(
  match => match[1] ?? '',
)

/** What a container sees, below a folder of its own. @returns the path of one of its files. */
function unpack(name: string): (path: string) => string {
  const home = join(folder, name)
  for (const { source, target, isFile } of mountsOf(serviceOf(name)))
    if (isFile) {
      mkdirSync(dirname(join(home, target)), { recursive: true })
      cpSync(source, join(home, target), { recursive: true })
    }
  return path => join(home, path)
}

function run(program: string, args: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  return { status, said: stdout + stderr }
}

describe('the Compose file', () => {
  it('mounts only files that are there, read-only, and volumes and secrets that it names', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const { source, isFile, isReadOnly } of mountsOf(service)) {
        if (isFile) expect([existsSync(source), isReadOnly], `${name}: ${source}`).toEqual([true, true])
        else expect(Object.keys(volumes), name).toContain(source)
      }
      for (const secret of service.secrets) expect(Object.keys(secrets), name).toContain(secret)
      for (const needed of Object.keys(service.depends_on)) expect(Object.keys(services), name).toContain(needed)
    }
  })

  it('pins every image, publishes nothing beyond loopback, and keeps secrets out of itself', () => {
    for (const [name, { image, ports, environment }] of Object.entries(services)) {
      expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)?$/)
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
      for (const [key, value] of Object.entries(environment))
        if (/PASSWORD|TOKEN|KEY$/.test(key) && !/_FILE$/.test(key))
          expect(String(value), `${name} ${key}`).toMatch(/^\$\{[A-Z_]+:\?.+\}$/)
    }
  })

  it('asks for no variable that the example does not have', () => {
    const text = JSON.stringify(services)
    const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(match => match[1])
    const given = Object.values(secrets).map(({ environment }) => environment)
    expect([...new Set([...asked, ...given])].sort()).toEqual([...variables].sort())
  })

  it('begins the roles when the tables are made, and waits for what must answer first', () => {
    for (const role of roleNames)
      expect(serviceOf(role).depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        kafka: { condition: 'service_healthy' },
      })
    expect(serviceOf('migrate').depends_on).toEqual({ clickhouse: { condition: 'service_healthy' } })
  })
})

describe('a service of Ninefold', () => {
  const ours = Object.entries(services).filter(([, { image }]) => image.startsWith('ninefold:'))

  it('is there for every role, and for the tables', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['migrate', ...roleNames].sort())
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    for (const [, { image }] of ours) expect(image).toBe(`ninefold:${version}`)
  })

  it.each(ours)('%s has a command that parses and a configuration that loads', (name, service) => {
    const [verb = '', ...rest] = service.command ?? []
    const command = commands.find(each => each.name === verb)
    if (command === undefined) throw new Error(`ninefold has no verb ${verb}`)
    const text = { type: 'string' as const }
    const options = { ...Object.fromEntries(Object.entries(command.options)), config: text, specs: text }
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true, strict: true })
    if (verb === 'run') expect(positionals.map(isProcessRole)).toEqual([true])
    const at = unpack(name)
    const environment = Object.fromEntries(Object.entries(service.environment).map(([key, value]) => [key, `${value}`]))
    const { config } = loadConfig({ file: at(String(values.config)), environment, sets: [] })
    expect(config).toMatchObject({ bus: 'kafka:9092', store: 'http://clickhouse:8123', listen: '0.0.0.0' })
    // What is read from a file comes as a secret of this service.
    const files = Object.entries(config).flatMap(([key, value]) =>
      key.endsWith('File') && value ? [String(value)] : [],
    )
    const readable = name === 'migrate' ? files.filter(file => !file.endsWith('ninefold_token')) : files
    for (const file of readable) expect(service.secrets.map(secret => `/run/secrets/${secret}`)).toContain(file)
    if (values.specs !== undefined) expect(statSync(at(String(values.specs))).isDirectory()).toBe(true)
  })

  it('is healthy when it is ready, on the port of its metrics', () => {
    for (const role of roleNames) {
      const check = serviceOf(role).healthcheck
      if (check === undefined || 'disable' in check) throw new Error(`${role} has no check`)
      const at = unpack(role)
      const { config } = loadConfig({ file: at('/etc/ninefold/ninefold.yaml'), environment: {}, sets: [] })
      expect(check.test.join(' ')).toContain(`:${config['metrics.port']}/readyz`)
    }
  })

  it('is built from files that are there', () => {
    const { build } = serviceOf('ingest')
    const dockerfile = readFileSync(join(root, 'deploy', build?.context ?? '', build?.dockerfile ?? ''), 'utf8')
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(match => match[1]?.split(' ') ?? [])
    expect(copied).toContain('cli')
    for (const path of copied) expect(existsSync(join(root, path)), path).toBe(true)
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    for (const path of copied) expect(ignored).not.toContain(path)
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    expect(dockerfile).toContain(`FROM node:${dependencies.node}-`)
  })
})

describe('what stands beside it', () => {
  it('is a configuration to Prometheus, with the rules that are mounted and every role to scrape', async () => {
    const at = unpack('prometheus')
    const { status, said } = run(await realPart('promtool'), ['check', 'config', at('/etc/prometheus/prometheus.yml')])
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringMatching(/SUCCESS: \d+ rules found/) })
    const { scrape_configs: jobs } = parse(readFileSync(at('/etc/prometheus/prometheus.yml'), 'utf8')) as {
      scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[]
    }
    expect(jobs[0]?.dns_sd_configs[0]).toMatchObject({ names: [...roleNames], port: 9464 })
  })

  it('is a configuration to Alertmanager', async () => {
    const at = unpack('alertmanager')
    const { status, said } = run(await realPart('amtool'), ['check-config', at('/etc/alertmanager/alertmanager.yml')])
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining('SUCCESS') })
    expect(serviceOf('alertmanager').secrets).toContain('pagerduty')
  })

  it('is a configuration to the Collector', async () => {
    const at = unpack('collector')
    const file = at('/etc/otelcol/config.yaml')
    const { status, said } = run(await realPart('otelcol'), ['validate', `--config=${file}`], { NINEFOLD_TOKEN: 'x' })
    expect({ status, said }).toEqual({ status: 0, said: '' })
    const { exporters } = parse(readFileSync(file, 'utf8')) as { exporters: { otlphttp: { endpoint: string } } }
    expect(exporters.otlphttp.endpoint).toBe('http://ingest:4318')
  })

  it('is what Grafana provisions: one data source, and every dashboard that is generated', async () => {
    const at = unpack('grafana')
    const datasources = z.strictObject({
      apiVersion: z.literal(1),
      datasources: z.tuple([
        z.strictObject({
          name: z.string(),
          type: z.literal('grafana-clickhouse-datasource'),
          uid: z.string(),
          access: z.literal('proxy'),
          isDefault: z.boolean(),
          jsonData: z.strictObject({
            host: z.literal('clickhouse'),
            port: z.literal(8123),
            protocol: z.literal('http'),
            username: z.literal('ninefold_reader'),
            defaultDatabase: z.literal('ninefold'),
          }),
          secureJsonData: z.strictObject({ password: z.literal('$CLICKHOUSE_READER_PASSWORD') }),
        }),
      ]),
    })
    const read = (path: string): unknown => parse(readFileSync(at(path), 'utf8'))
    datasources.parse(read('/etc/grafana/provisioning/datasources/clickhouse.yaml'))
    const { providers } = read('/etc/grafana/provisioning/dashboards/ninefold.yaml') as {
      providers: { type: string; options: { path: string } }[]
    }
    const home = providers[0]?.options.path ?? ''
    const mounted = mountsOf(serviceOf('grafana')).filter(({ target }) => target.startsWith(`${home}/`))
    expect(new Set(mounted.map(({ target }) => target)).size).toBe(mounted.length)
    const uids = mounted.map(({ source }) => (JSON.parse(readFileSync(source, 'utf8')) as { uid: string }).uid)
    const { specs } = await loadSpecs([join(root, 'slo-specs/services')])
    if (specs === null) throw new Error('the specs of the demo have errors')
    expect(uids.sort()).toEqual(
      buildDashboards(specs)
        .map(({ uid }) => uid)
        .sort(),
    )
  })

  it('lets in exactly the three users of ClickHouse that users.sql makes', () => {
    const at = unpack('clickhouse')
    const script = readFileSync(at('/docker-entrypoint-initdb.d/2-passwords.sh'), 'utf8')
    const made = readFileSync(at('/docker-entrypoint-initdb.d/1-users.sql'), 'utf8')
    const users = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(match => match[1]).sort()
    expect(users(script, /^let_in (\w+)/gm)).toEqual(users(made, /^CREATE USER IF NOT EXISTS (\w+)/gm))
    expect(run('sh', ['-n', at('/docker-entrypoint-initdb.d/2-passwords.sh')])).toEqual({ status: 0, said: '' })
  })
})
