import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { buildPrometheusRules } from '../../dashboards/rules/prometheus-rules.ts'
import { realPart } from '../real-parts/install.ts'
import { demoSpecs } from './generated-files.ts'

/** The rules, judged by Prometheus' own tool. */

let promtool: string
let folder: string
const deploy = (path: string) => new URL(`../../deploy/${path}`, import.meta.url).pathname

beforeAll(async () => {
  promtool = await realPart('promtool')
  folder = mkdtempSync(join(tmpdir(), 'ninefold-rules-'))
  writeFileSync(join(folder, 'rules.yaml'), buildPrometheusRules(await demoSpecs()))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(program: string, ...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise(resolve => {
    execFile(program, args, (error, out, err) => resolve({ code: error === null ? 0 : 1, said: out + err }))
  })
}

const burn = (window: string, values: string) => ({
  series: `slo_burn_rate{slo="checkout-availability",service="checkout",window="${window}"}`,
  values,
})

async function testRules(tests: readonly unknown[]): Promise<{ code: number; said: string }> {
  writeFileSync(join(folder, 'test.yaml'), stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }))
  return run(promtool, 'test', 'rules', join(folder, 'test.yaml'))
}

const alive = [
  { series: 'slo_objective_ratio{slo="checkout-availability",service="checkout"}', values: '0.999x60' },
  { series: 'ninefold_tick_seconds_count', values: '0+30x60' },
]
const expectation = (alertname: string, at: string, exp_alerts: readonly unknown[]) => ({
  eval_time: at,
  alertname,
  exp_alerts,
})
const fired = {
  exp_labels: { slo: 'checkout-availability', service: 'checkout', severity: 'critical', ninefold_severity: 'page' },
  exp_annotations: expect.anything(),
}

describe('the Prometheus rules', () => {
  it('are rules to Prometheus', async () => {
    const { code, said } = await run(promtool, 'check', 'rules', join(folder, 'rules.yaml'))
    expect(said).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  it('fire when both windows burn, and stay silent when only one does or neither', async () => {
    const silent = (long: string, short: string) => ({
      interval: '1m',
      input_series: [...alive, burn('1h', long), burn('5m', short), burn('6h', '0x60'), burn('30m', '0x60')],
      alert_rule_test: [expectation('SloErrorBudgetBurnsFast', '30m', [])],
    })
    const quiet = await testRules([silent('20x60', '1x60'), silent('1x60', '20x60'), silent('1x60', '1x60')])
    expect(quiet.said).toContain('SUCCESS')
    const burning = {
      ...silent('20x60', '20x60'),
      alert_rule_test: [expectation('SloErrorBudgetBurnsFast', '30m', [])],
    }
    const { code, said } = await testRules([burning])
    // promtool prints what it got where it expected nothing: the alert with its labels.
    expect(code).toBe(1)
    for (const [label, value] of Object.entries(fired.exp_labels)) expect(said).toContain(`${label}="${value}"`)
  })

  it('judge an SLO as a whole, however one of its layers burns', async () => {
    const zone = (window: string) => ({
      series: `slo_burn_rate{slo="checkout-availability",service="checkout",window="${window}",layer="availability_zone",layer_value="b"}`,
      values: '50x60',
    })
    const inLayer = {
      interval: '1m',
      input_series: [...alive, burn('1h', '2x60'), burn('5m', '2x60'), zone('1h'), zone('5m')],
      alert_rule_test: [expectation('SloErrorBudgetBurnsFast', '30m', [])],
      promql_expr_test: [
        {
          expr: 'service:slo_burn_rate:max{window="1h"}',
          eval_time: '30m',
          exp_samples: [{ labels: 'service:slo_burn_rate:max{service="checkout",window="1h"}', value: 2 }],
        },
      ],
    }
    expect(await testRules([inLayer])).toMatchObject({ code: 0 })
  })

  it('notice that Ninefold itself is gone or stands still, and always send the sign of life', async () => {
    const gone = {
      interval: '1m',
      input_series: [],
      alert_rule_test: [expectation('NinefoldDown', '3m', [])],
    }
    expect((await testRules([gone])).code).toBe(0)
    expect((await testRules([{ ...gone, alert_rule_test: [expectation('NinefoldDown', '10m', [])] }])).said).toContain(
      'NinefoldDown',
    )
    const still = {
      interval: '1m',
      input_series: [alive[0], { series: 'ninefold_tick_seconds_count', values: '100x60' }],
      alert_rule_test: [expectation('NinefoldEvaluationStalled', '20m', [])],
    }
    expect((await testRules([still])).said).toContain('NinefoldEvaluationStalled')
    expect((await testRules([{ ...still, input_series: alive }])).code).toBe(0)
    expect(
      (await testRules([{ ...gone, alert_rule_test: [expectation('NinefoldWatchdog', '1m', [])] }])).said,
    ).toContain('NinefoldWatchdog')
  })
})

describe('the files in deploy/', () => {
  it('are a configuration to Prometheus', async () => {
    mkdirSync(join(folder, 'prometheus', 'rules'), { recursive: true })
    copyFileSync(deploy('prometheus/prometheus.yml'), join(folder, 'prometheus', 'prometheus.yml'))
    copyFileSync(join(folder, 'rules.yaml'), join(folder, 'prometheus', 'rules', 'ninefold.rules.yaml'))
    const { code, said } = await run(promtool, 'check', 'config', join(folder, 'prometheus', 'prometheus.yml'))
    expect(said).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  it('are a configuration to Alertmanager', async () => {
    const amtool = await realPart('amtool')
    const { code, said } = await run(amtool, 'check-config', deploy('alertmanager/alertmanager.yml'))
    expect(said).toContain('SUCCESS')
    expect(code).toBe(0)
  })
})
