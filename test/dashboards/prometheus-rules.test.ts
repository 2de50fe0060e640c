import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firing, openPromtool, type Promtool } from './promtool.ts'

/** The rules, judged by Prometheus' own tool. */

let promtool: Promtool
const deploy = (path: string) => new URL(`../../deploy/${path}`, import.meta.url).pathname

beforeAll(async () => {
  promtool = await openPromtool()
})
afterAll(() => promtool.close())

const burn = (window: string, values: string) => ({
  series: `slo_burn_rate{slo="checkout-availability",service="checkout",window="${window}"}`,
  values,
})

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
    const { code, said } = await promtool.run('check', 'rules', join(promtool.folder, 'rules.yaml'))
    expect(said).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  it('fire when both windows burn, and stay silent when only one does or neither', async () => {
    const silent = (long: string, short: string) => ({
      interval: '1m',
      input_series: [...alive, burn('1h', long), burn('5m', short), burn('6h', '0x60'), burn('30m', '0x60')],
      alert_rule_test: [expectation('SloErrorBudgetBurnsFast', '30m', [])],
    })
    const quiet = await promtool.testRules([silent('20x60', '1x60'), silent('1x60', '20x60'), silent('1x60', '1x60')])
    expect(quiet.said).toContain('SUCCESS')
    const burning = {
      ...silent('20x60', '20x60'),
      alert_rule_test: [expectation('SloErrorBudgetBurnsFast', '30m', [])],
    }
    const { code, said } = await promtool.testRules([burning])
    // promtool prints what it got where it expected nothing: the alert with its labels.
    expect(code).toBe(1)
    for (const [label, value] of Object.entries(fired.exp_labels)) expect(said).toContain(`${label}="${value}"`)
  })

  it('tell of silence as Ninefold does', async () => {
    const silence = (value: string) => ({
      series: 'slo_alert_firing{slo="checkout-availability",service="checkout",severity="no-data"}',
      values: `${value}x60`,
    })
    const labels = {
      slo: 'checkout-availability',
      service: 'checkout',
      severity: 'warning',
      ninefold_severity: 'no-data',
    }
    const { code, said } = await promtool.testRules([
      firing('SloNoData', '30m', [...alive, silence('1')], [labels]),
      firing('SloNoData', '30m', [...alive, silence('0')], []),
    ])
    expect(code, said).toBe(0)
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
    expect(await promtool.testRules([inLayer])).toMatchObject({ code: 0 })
  })
})

describe('the files in deploy/', () => {
  it('are a configuration to Prometheus', async () => {
    mkdirSync(join(promtool.folder, 'prometheus', 'rules'), { recursive: true })
    copyFileSync(deploy('prometheus/prometheus.yml'), join(promtool.folder, 'prometheus', 'prometheus.yml'))
    copyFileSync(
      join(promtool.folder, 'rules.yaml'),
      join(promtool.folder, 'prometheus', 'rules', 'ninefold.rules.yaml'),
    )
    const { code, said } = await promtool.run('check', 'config', join(promtool.folder, 'prometheus', 'prometheus.yml'))
    expect(said).toContain('SUCCESS')
    expect(code).toBe(0)
  })
})
