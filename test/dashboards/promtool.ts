import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { buildPrometheusRules } from '../../dashboards/rules/prometheus-rules.ts'
import { realPart } from '../real-parts/install.ts'
import { demoSpecs } from './generated-files.ts'

export interface Series {
  readonly series: string
  /** In promtool's own notation: `0x60`, `1+2x60`, `_x30`. */
  readonly values: string
}

export interface Promtool {
  readonly folder: string
  /** `rules.yaml` in the folder: the rules of the demo's specs. */
  run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }>
  /** Runs unit tests of the rules, in promtool's own format. */
  testRules(tests: readonly unknown[]): Promise<{ readonly code: number; readonly said: string }>
  close(): void
}

/** Prometheus' own tool over the rules. */
export async function openPromtool(): Promise<Promtool> {
  const program = await realPart('promtool')
  const folder = mkdtempSync(join(tmpdir(), 'ninefold-rules-'))
  writeFileSync(join(folder, 'rules.yaml'), buildPrometheusRules(await demoSpecs()))
  const run: Promtool['run'] = (...args) => runProgram(program, ...args)
  return {
    folder,
    run,
    testRules: tests => {
      const file = join(folder, 'test.yaml')
      writeFileSync(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }))
      return run('test', 'rules', file)
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export function runProgram(program: string, ...args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise(resolve => {
    execFile(program, args, (error, out, err) => resolve({ code: error === null ? 0 : 1, said: out + err }))
  })
}

/** A test that exactly these alerts of the name fire at that time. */
export function firing(
  alert: string,
  at: string,
  input_series: readonly Series[],
  labels: readonly Readonly<Record<string, string>>[],
) {
  const exp_samples = labels.map(own => {
    const all = { alertname: alert, alertstate: 'firing', ...own }
    const inside = Object.entries(all).map(([name, value]) => `${name}="${value}"`)
    return { labels: `ALERTS{${inside.join(', ')}}`, value: 1 }
  })
  const expr = `ALERTS{alertname="${alert}", alertstate="firing"}`
  return { interval: '1m', input_series, promql_expr_test: [{ expr, eval_time: at, exp_samples }] }
}
