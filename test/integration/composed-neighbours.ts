import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { mountsOf, readCompose } from '../deploy/compose-file.ts'
import { startCollectorOf } from '../factories/collector.ts'
import { freePorts } from '../factories/ninefold.ts'
import { startPrometheusOf } from '../factories/prometheus.ts'
import type { ComposedRoles } from './composed-roles.ts'

/** What stands beside the roles in deploy/compose.yaml: real programs with the files that are mounted there. */

const { services } = readCompose()
function mountedAt(service: string, target: string): string {
  const mount = (services[service] === undefined ? [] : mountsOf(services[service])).find(
    each => each.target === target,
  )
  if (mount === undefined) throw new Error(`${service} mounts nothing at ${target}`)
  return mount.source
}

/** Sends to the second ingest. @returns where it takes OTLP/HTTP. */
export async function startComposedCollector({ ingests, token }: ComposedRoles) {
  const [http = 0, grpc = 0] = await freePorts(2)
  const { close } = await startCollectorOf(mountedAt('collector', '/etc/otelcol/config.yaml'), {
    sets: [
      `receivers.otlp.protocols.http.endpoint=127.0.0.1:${http}`,
      `receivers.otlp.protocols.grpc.endpoint=127.0.0.1:${grpc}`,
      `exporters.otlphttp.endpoint=${ingests[1].url}`,
    ],
    environment: { NINEFOLD_TOKEN: token },
  })
  return { url: `http://127.0.0.1:${http}`, close }
}

const config = z.looseObject({ scrape_configs: z.tuple([z.looseObject({ dns_sd_configs: z.unknown() })]) })
const vector = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})
const ruleGroups = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(z.unknown()) })) })
type RuleGroups = z.output<typeof ruleGroups>
const sizesOf = ({ groups }: RuleGroups) => groups.map(({ name, rules }) => `${name}: ${rules.length} rules`).sort()

/** Scrapes every role, each second. Their names, which the file has looked up in the DNS of the containers, are given with the addresses. */
export async function startComposedPrometheus({ all, folder }: ComposedRoles) {
  const home = join(folder, 'prometheus')
  const rulesFile = join(home, 'rules', 'ninefold.rules.yaml')
  mkdirSync(dirname(rulesFile), { recursive: true })
  cpSync(mountedAt('prometheus', '/etc/prometheus/rules/ninefold.rules.yaml'), rulesFile)
  const composed = config.parse(parse(readFileSync(mountedAt('prometheus', '/etc/prometheus/prometheus.yml'), 'utf8')))
  const [{ dns_sd_configs: _, ...job }] = composed.scrape_configs
  const targets = all.map(({ role, metricsUrl }) => ({
    targets: [new URL(metricsUrl).host],
    labels: { __meta_dns_name: role },
  }))
  const scrape = [{ ...job, scrape_interval: '1s', static_configs: targets }]
  writeFileSync(join(home, 'prometheus.yml'), stringify({ ...composed, scrape_configs: scrape }))
  const { url, close } = await startPrometheusOf(join(home, 'prometheus.yml'), home)
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`)).json()
  return {
    /** Value by that label, of what an expression is now. */
    query: async (expression: string, label: string): Promise<Record<string, string>> => {
      const { data } = vector.parse(await ask(`query?query=${encodeURIComponent(expression)}`))
      return Object.fromEntries(data.result.map(({ metric, value }) => [metric[label] ?? '', value[1]]))
    },
    /** Groups that are in force, and those that the file has. */
    ruleGroups: async () => {
      const { data } = z.object({ data: ruleGroups }).parse(await ask('rules'))
      return { inForce: sizesOf(data), written: sizesOf(ruleGroups.parse(parse(readFileSync(rulesFile, 'utf8')))) }
    },
    close,
  }
}
