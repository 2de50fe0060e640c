import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildDashboards } from '../dashboards/build-dashboards.ts'
import { buildAlertmanagerConfig } from '../dashboards/rules/alertmanager.ts'
import { buildGrafanaAlerting } from '../dashboards/rules/grafana-alerting.ts'
import type { NotificationOptions } from '../dashboards/rules/incident.ts'
import { buildPrometheusRules } from '../dashboards/rules/prometheus-rules.ts'
import type { SpecSet } from '../slo-specs/schema/model.ts'
import type { LoadedConfig } from './config.ts'
import { configKeys } from './config-keys.ts'

export interface Generated {
  readonly files: readonly { readonly name: string; readonly text: string }[]
  /** What the specs say and the files do not; one sentence each. */
  readonly notes: readonly string[]
}

type Generator = (specs: SpecSet, config: LoadedConfig['config']) => Generated

/** Where containers find secrets. */
const usualKeyFile = '/run/secrets/pagerduty'

const dashboards: Generator = specs => ({
  files: buildDashboards(specs).map(({ fileName, json }) => ({
    name: fileName,
    text: `${JSON.stringify(json, null, 2)}\n`,
  })),
  notes: [],
})

const prometheus: Generator = specs => ({
  files: [{ name: 'ninefold.rules.yaml', text: buildPrometheusRules(specs) }],
  notes: [],
})

const alertmanager: Generator = (specs, config) => {
  const { text, notes } = buildAlertmanagerConfig(specs, notificationOptions(config))
  return { files: [{ name: 'alertmanager.yml', text }], notes }
}

const grafanaAlerting: Generator = (specs, config) => buildGrafanaAlerting(specs, notificationOptions(config))

function notificationOptions(config: LoadedConfig['config']): NotificationOptions {
  const { 'pagerduty.url': url, 'viewer.url': viewerUrl } = config
  const { 'pagerduty.routingKeysDirectory': folder, 'pagerduty.routingKeyFile': shared } = config
  const isOwn = url !== null && url !== configKeys['pagerduty.url'].fallback
  return {
    // As Ninefold reads them: a target's own key where there is one, else the one that all share.
    routingKeyFileOf: target => {
      const own = folder === null || target.includes('/') ? undefined : join(folder, target)
      return own !== undefined && (shared === null || existsSync(own)) ? own : (shared ?? usualKeyFile)
    },
    ...(isOwn ? { enqueueUrl: `${url.replace(/(\/v2\/enqueue)?\/?$/, '')}/v2/enqueue` } : {}),
    ...(viewerUrl === null ? {} : { viewerUrl }),
  }
}

export const generators: ReadonlyMap<string, Generator> = new Map([
  ['dashboards', dashboards],
  ['prometheus', prometheus],
  ['alertmanager', alertmanager],
  ['grafana-alerting', grafanaAlerting],
])
