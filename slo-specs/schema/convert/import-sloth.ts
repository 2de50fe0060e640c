import { checkShape } from '../check-shape.ts'
import { parseDecimal } from '../decimal.ts'
import { collectFindings, type Report } from '../findings.ts'
import { isGoodLabel } from '../labels.ts'
import type { Ladder } from '../ladder.ts'
import { defaultLimits, type SpecFile } from '../parse-specs.ts'
import { readYaml } from '../yaml-documents.ts'
import type { YamlValue } from '../yaml-value.ts'
import { asName, type Conversion, type ConversionNote, type PlainDefinition } from './conversion.ts'
import { minuteQuery, minuteRatio } from './promql-window.ts'
import { policyDefinitions, policyName, type SlothAlerts } from './sloth-ladders.ts'
import { kubernetesShape, prometheusShape, type SlothService, type SlothSlo } from './sloth-shapes.ts'

export interface SlothOptions {
  readonly standard: Ladder
  /** Sloth's `--default-slo-period`: it is not in its files. */
  readonly period: '30d' | '28d'
  /** Address of the Prometheus that Sloth's rules run in. */
  readonly prometheus: string
}

interface Importing extends SlothOptions {
  readonly report: Report
  readonly note: (at: YamlValue, message: string) => void
  readonly policies: Map<string, SlothAlerts>
  readonly names: Set<string>
}

/**
 * Sloth's SLOs (`prometheus/v1`, or the Kubernetes kind) as OpenSLO definitions: same objective, window and burn-rate thresholds. What has
 * no counterpart is told of, each with its place; an SLO whose events cannot be asked for is a finding and left out.
 */
export function importSloth(files: readonly SpecFile[], options: SlothOptions): Conversion {
  const { report, sorted } = collectFindings()
  const notes: ConversionNote[] = []
  const context: Importing = {
    ...options,
    report,
    note: ({ position }, message) => void notes.push({ ...position, message }),
    policies: new Map(),
    names: new Set(),
  }
  const definitions = files.flatMap(({ file, text }) =>
    readYaml(file, text, defaultLimits, report).flatMap(root => importRoot(root, context)),
  )
  const policies = [...context.policies.values()].flatMap(alerts => policyDefinitions(alerts, options.standard))
  const source = definitions.length === 0 ? [] : [dataSource(options)]
  return { definitions: [...source, ...unique(definitions), ...policies], notes, findings: sorted() }
}

/** Sloth's queries are asked of the Prometheus that its rules are loaded into. */
function dataSource({ prometheus: url }: SlothOptions): PlainDefinition {
  const spec = { type: 'prometheus', connectionDetails: { url } }
  return { apiVersion: 'openslo/v1', kind: 'DataSource', metadata: { name: 'prometheus' }, spec }
}

/** One Service, however many files speak of it. */
function unique(definitions: readonly PlainDefinition[]): PlainDefinition[] {
  const services = new Set<unknown>()
  return definitions.filter(({ kind, metadata }) => {
    if (kind !== 'Service') return true
    const isFirst = !services.has(metadata.name)
    services.add(metadata.name)
    return isFirst
  })
}

function importRoot(root: YamlValue, context: Importing): PlainDefinition[] {
  if (root.child('version') !== undefined) {
    const read = checkShape(prometheusShape, root, context.report)
    return read === undefined ? [] : importService(read, root, context)
  }
  if (root.child('kind')?.value === 'PrometheusServiceLevel') {
    const read = checkShape(kubernetesShape, root, context.report)
    const spec = root.child('spec')
    if (read === undefined || spec === undefined) return []
    context.note(root.child('metadata') ?? root, 'the metadata of the Kubernetes object is left out')
    return importService(read.spec, spec, context)
  }
  const message = 'this is neither prometheus/v1 nor a PrometheusServiceLevel of Sloth'
  context.report('SPEC_NOT_A_DEFINITION', root.position, message)
  return []
}

function importService(read: SlothService, at: YamlValue, context: Importing): PlainDefinition[] {
  const service = asName(read.service)
  const serviceAt = at.child('service') ?? at
  if (service === undefined) {
    context.report('SPEC_BAD_NAME', serviceAt.position, `${JSON.stringify(read.service)} is not a name`)
    return []
  }
  if (service !== read.service) context.note(serviceAt, `the service ${read.service} is called ${service}`)
  if (read.sloPlugins !== undefined)
    context.note(at.child('slo_plugins') ?? at.child('sloPlugins') ?? at, 'SLO plugins are left out')
  const slos = read.slos.flatMap((slo, index) => {
    const place = at.child('slos')?.child(index) ?? at
    const labels = importLabels({ ...read.labels, ...slo.labels }, place, context)
    return importSlo({ ...slo, labels }, service, place, context)
  })
  return [{ apiVersion: 'openslo/v1', kind: 'Service', metadata: { name: service }, spec: {} }, ...slos]
}

function importLabels(labels: Readonly<Record<string, string>>, at: YamlValue, { note }: Importing) {
  const good = Object.entries(labels).filter(([key, value]) => isGoodLabel(key, value))
  const bad = Object.keys(labels).filter(key => !isGoodLabel(key, labels[key] ?? ''))
  if (bad.length > 0)
    note(at.child('labels') ?? at, `labels that Kubernetes would not take are left out: ${bad.join(', ')}`)
  return Object.fromEntries(good)
}

function importSlo(slo: SlothSlo, service: string, at: YamlValue, context: Importing): PlainDefinition[] {
  const written = `${service}-${slo.name}`
  const name = asName(written)
  const indicator = importSli(slo, at, context)
  if (indicator === undefined || name === undefined || !isGoodObjective(at, context)) return []
  if (context.names.has(name)) {
    context.report('SPEC_DUPLICATE_NAME', at.child('name')?.position ?? at.position, `there is an SLO ${name} already`)
    return []
  }
  context.names.add(name)
  if (name !== written) context.note(at.child('name') ?? at, `the SLO ${written} is called ${name}`)
  if (slo.plugins !== undefined) context.note(at.child('plugins') ?? at, 'SLO plugins are left out')
  const { alerting = {} } = slo
  const alerts = { page: alerting.pageAlert?.disable !== true, ticket: alerting.ticketAlert?.disable !== true }
  const policy = policyName(alerts)
  if (policy !== undefined) context.policies.set(policy, alerts)
  const runbook = importAlerting(slo, at, context)
  return [
    {
      apiVersion: 'openslo/v1',
      kind: 'SLO',
      metadata: {
        name,
        ...(Object.keys(slo.labels ?? {}).length === 0 ? {} : { labels: slo.labels }),
        ...(runbook === undefined ? {} : { annotations: { 'ninefold.dev/runbook': runbook } }),
      },
      spec: {
        ...(slo.description === undefined ? {} : { description: slo.description }),
        service,
        indicator: { metadata: { name }, spec: { ratioMetric: indicator } },
        timeWindow: [{ duration: context.period, isRolling: true }],
        budgetingMethod: 'Occurrences',
        objectives: [{ targetPercent: slo.objective }],
        ...(policy !== undefined ? { alertPolicies: [policy] } : alerts.page ? {} : { alertPolicies: [] }),
      },
    },
  ]
}

function isGoodObjective(at: YamlValue, { report }: Importing): boolean {
  const objective = at.child('objective')
  const decimal = parseDecimal(objective?.source ?? '')
  if (decimal !== undefined && decimal.numerator >= 0n && decimal.numerator < decimal.denominator * 100n) return true
  const message = `an objective of ${objective?.source ?? 'this'} % is not from 0 to below 100`
  report('SPEC_OBJECTIVE', objective?.position ?? at.position, message)
  return false
}

const source = (query: string) => ({ metricSource: { metricSourceRef: 'prometheus', spec: { query } } })

function importSli({ sli }: SlothSlo, at: YamlValue, { report }: Importing) {
  const place = at.child('sli') ?? at
  const { events, raw } = sli
  if (events !== undefined) {
    const [bad, total] = [minuteQuery(events.errorQuery), minuteQuery(events.totalQuery)]
    if (bad !== undefined && total !== undefined) return { bad: source(bad), total: source(total) }
  } else if (raw !== undefined) {
    const ratio = minuteRatio(raw.errorRatioQuery)
    if (ratio !== undefined) return { rawType: 'failure', raw: source(ratio) }
  } else {
    const what = sli.plugin === undefined ? 'an SLI without events and raw' : `the SLI plugin ${sli.plugin.id}`
    report('SPEC_UNSUPPORTED', place.position, `${what} cannot be carried over`)
    return undefined
  }
  report(
    'SPEC_UNSUPPORTED',
    place.position,
    'a query without {{.window}}, or with other templates, cannot be carried over',
  )
  return undefined
}

/** Pages say what burns themselves; of annotations the runbook is kept. */
function importAlerting({ alerting }: SlothSlo, at: YamlValue, { note }: Importing): string | undefined {
  if (alerting === undefined) return undefined
  const place = at.child('alerting') ?? at
  const annotations = alerting.annotations ?? {}
  const key = ['runbook', 'runbook_url'].find(name => URL.parse(annotations[name] ?? '')?.protocol.startsWith('http'))
  const { pageAlert = {}, ticketAlert = {} } = alerting
  const left = [
    ...(alerting.name === undefined ? [] : [`the name ${alerting.name}`]),
    ...Object.keys(annotations)
      .filter(name => name !== key)
      .map(name => `the annotation ${name}`),
    ...[alerting.labels, pageAlert.labels, ticketAlert.labels].flatMap(labels =>
      Object.keys(labels ?? {}).map(name => `the label ${name}`),
    ),
    ...[pageAlert.annotations, ticketAlert.annotations].flatMap(texts =>
      Object.keys(texts ?? {}).map(name => `the annotation ${name}`),
    ),
  ]
  if (left.length > 0)
    note(
      place,
      `of the alerts is left out: ${[...new Set(left)].join(', ')}; whom they tell is up to notificationTargets`,
    )
  return key === undefined ? undefined : annotations[key]
}
