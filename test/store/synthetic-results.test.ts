import { expect, it } from 'vitest'
import { readMigrations, splitStatements } from '../../store/migrations/migration-files.ts'
import { syntheticResultsSelect } from '../../store/tables/synthetic-results.ts'

it('runs of synthetic transactions read the same in our own tables and in those of others', () => {
  const statements = readMigrations().flatMap(({ up }) => splitStatements(up))
  expect(statements).toContain(`CREATE VIEW synthetic_results AS\n${syntheticResultsSelect}`)
})
