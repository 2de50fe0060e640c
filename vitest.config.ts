import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Whether the suite, or a file of the tests that it imports, opens a store without saying over which connection. */
function opensAnyStore(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || !file.startsWith('test/') || !existsSync(file)) return false
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  if (/\bstoreConnections\b|\bconnection: '/.test(text)) return false
  if (/\bopenStoreUnderTest\(/.test(text)) return true
  const imported = [...text.matchAll(/ from '(\.[^']+\.ts)'/g)].map(([, path = '']) => join(dirname(file), path))
  return imported.some(path => !path.startsWith('test/factories/') && opensAnyStore(path, seen))
}

const onCluster = [
  'test/ingest/sink/sink.test.ts',
  'test/compute/jobs/spec-desk.test.ts',
  'test/compute/reports/reports.test.ts',
  'test/dashboards/queries.test.ts',
]

export default defineConfig({
  test: {
    exclude: ['test/bench/**'],
    // One process a file: an embedded engine opens one data directory a process.
    pool: 'forks',
    // More than processors: much of the time real parts are waited for. With two a third of the processors stood idle.
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: { name: 'embedded', include: ['test/**/*.test.ts'], provide: { storeConnection: 'embedded' } },
      },
      {
        extends: true,
        test: {
          name: 'http',
          include: globSync('test/**/*.test.ts').filter(file => opensAnyStore(file)),
          provide: { storeConnection: 'http' },
        },
      },
      // What is special about a cluster is where rows go and how they are found again: by the sink, the roll-ups, reports and boards.
      { extends: true, test: { name: 'cluster', include: onCluster, provide: { storeConnection: 'cluster' } } },
    ],
  },
})
