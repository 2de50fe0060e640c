import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const project = new URL('../../', import.meta.url).pathname
const cruiser = join(project, 'node_modules/.bin/depcruise')

/** A project of the given files, checked with our own law; the names of the rules it breaks. */
function brokenRules(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'ninefold-law-'))
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const folders = [...new Set(Object.keys(files).map(name => name.split('/')[0] ?? ''))]
  const args = ['--config', join(project, '.dependency-cruiser.mjs'), '--output-type', 'json', ...folders]
  return new Promise((resolve, reject) => {
    execFile(cruiser, args, { cwd: root, maxBuffer: 1e8 }, (error, stdout) => {
      if (stdout === '') return reject(error)
      const { summary } = JSON.parse(stdout) as {
        summary: { violations: { rule: { name: string; severity: string } }[] }
      }
      expect(new Set(summary.violations.map(({ rule }) => rule.severity))).toEqual(
        summary.violations.length > 0 ? new Set(['error']) : new Set(),
      )
      resolve([...new Set(summary.violations.map(({ rule }) => rule.name))].sort())
    })
  })
}

describe('the import law', () => {
  it('lets arrows run downwards', async () => {
    const files = {
      'lib/clock.ts': 'export const now = () => 0',
      'store/client/client.ts': "import { createClient } from '@clickhouse/client'\nexport const c = createClient",
      'compute/jobs/tick.ts':
        "import { c } from '../../store/client/client.ts'\nimport { now } from '../../lib/clock.ts'\nexport const t = [c, now]",
    }
    expect(await brokenRules(files)).toEqual([])
  })

  it('sees a type-only import that points upwards, which only a parser of TypeScript can', async () => {
    const files = {
      'cli/config.ts': 'export interface Config { a: string }',
      'lib/clock.ts': "import type { Config } from '../cli/config.ts'\nexport const now = (config: Config) => config.a",
    }
    expect(await brokenRules(files)).toEqual(['lib-imports'])
  })

  it('keeps ingest and compute, collectors and sink, api and store apart', async () => {
    const value = 'export const a = 1'
    const using = (path: string) => `import { a } from '${path}'\nexport const b = a`
    const files = {
      'compute/jobs/a.ts': value,
      'ingest/sink/a.ts': value,
      'store/client/a.ts': value,
      'ingest/bus/b.ts': using('../../compute/jobs/a.ts'),
      'ingest/otlp/b.ts': using('../sink/a.ts'),
      'api/routes/b.ts': using('../../store/client/a.ts'),
    }
    expect(await brokenRules(files)).toEqual(['api-imports', 'ingest-bus-imports', 'ingest-otlp-imports'])
  })

  it('keeps each driver in its folder and cycles out', async () => {
    const files = {
      'api/a.ts': "import { createClient } from '@clickhouse/client'\nexport const a = createClient",
      'compute/jobs/a.ts': "import express from 'express'\nexport const a = express",
      'lib/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
      'lib/b.ts': "import { a } from './a.ts'\nexport const b = () => a",
    }
    expect(await brokenRules(files)).toEqual(['clickhouse-only-in-store', 'express-only-at-the-doors', 'no-cycles'])
  })
})
