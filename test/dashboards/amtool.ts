import { expect } from 'vitest'
import { realPart } from '../real-parts/install.ts'
import { runProgram } from './promtool.ts'

/** Alertmanager's own tool. */
export const amtool = async (...args: readonly string[]) => runProgram(await realPart('amtool'), ...args)

/** Names of the receivers that a configuration tells of an alert, in its order. */
export async function receiversOf(file: string, labels: Readonly<Record<string, string>>): Promise<string[]> {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  const { code, said } = await amtool('config', 'routes', 'test', `--config.file=${file}`, ...words)
  expect(code, said).toBe(0)
  const [line = ''] = said.split('\n').filter(each => each !== '' && !each.startsWith('Warning:'))
  return line.split(',')
}
