import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { formatSpec } from '../../slo-specs/schema/format-spec.ts'
import { pages } from './pages.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** An SLO over a histogram, for what the guides say of those. */
const overHistogram = `apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout-p99}
spec:
  service: checkout
  indicator:
    metadata: {name: checkout-p99}
    spec:
      ratioMetric:
        good: {metricSource: {type: telemetry, spec: {signal: metrics, filter: value <= 0.25}}}
        total:
          metricSource:
            type: telemetry
            spec: {signal: metrics, filter: name == "http.server.request.duration" && service.name == "checkout"}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
`

const sloth = `version: prometheus/v1
service: shop
slos:
  - name: requests
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="shop",code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="shop"}[{{.window}}]))
    alerting: { name: ShopRequests, page_alert: {}, ticket_alert: {} }
`

const span = { name: 'POST /checkouts', kind: 'Server', resource: { 'service.name': 'checkout' }, attributes: {} }

/** What a page shows first, as `fmt` writes it. */
function firstSpecs(page: string): string {
  const text = pages.find(({ file }) => file === page)?.blocks.find(({ language }) => language === 'yaml')?.text ?? ''
  const formatted = formatSpec(text)
  if ('problem' in formatted) throw new Error(`${page}: ${formatted.problem}`)
  return formatted.text
}

/** A folder as the guides suppose it: specs of one's own, those of the demo, what is to be brought along. @returns its path. */
export function makeGuideFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-guides-'))
  const written = firstSpecs('README.md')
  const demo = globSync('slo-specs/services/**/*.yaml', { cwd: root })
  const files: Readonly<Record<string, string>> = {
    ...Object.fromEntries(demo.map(file => [`slos/${basename(file)}`, readFileSync(join(root, file), 'utf8')])),
    'slos/p99.yaml': overHistogram,
    'slos/visitors.yaml': firstSpecs('docs/specs/ratios.md'),
    'my-slos/checkout.yaml': written,
    'old/tickets.yaml': written.replaceAll('checkout', 'tickets'),
    'checkout.yaml': readFileSync(join(root, 'slo-specs/services/checkout/checkout.yaml'), 'utf8'),
    'sloth/shop.yml': sloth,
    'slos.yml': sloth,
    'span.json': JSON.stringify(span),
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  cpSync(join(root, 'slo-specs/services'), join(folder, 'slo-specs/services'), { recursive: true })
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  // What does not end by itself, or is about programs of others, is only read (commands.test.ts); migrations need a store that nobody has open.
  const launcher = `#!/bin/sh
case "$*" in up*|run*|demo*|migrate*|*api.url=*|"status -w"|"dead-letters show"*|"dead-letters replay"*) exit 0 ;; esac
'${join(root, 'ninefold')}' "$@" </dev/null
code=$?
echo "exit $code: ninefold $*" >&2
exit $code
`
  for (const name of ['ninefold', '../ninefold']) writeFileSync(join(bin, name), launcher, { mode: 0o755 })
  for (const name of ['npm', 'npx', 'docker', 'promtool', 'amtool', 'curl'])
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  return folder
}

/** The path on which that folder's programs come first. */
export const pathOf = (folder: string) => `${join(folder, 'bin')}:${process.env.PATH ?? ''}`
