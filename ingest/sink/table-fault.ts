import { NinefoldError } from '../../lib/errors.ts'
import { readColumnDifferences } from '../../store/migrations/migration-status.ts'
import type { SinkPartition } from './sink-parts.ts'

/**
 * What an insert failed of when the payloads pass by themselves: then the table is to blame, and where its columns are not what they should
 * be, that is said. @returns STORE_SCHEMA_MISMATCH with table, column and both types, or the error as it is.
 */
export async function asTableFault({ parts, inserts }: SinkPartition, error: NinefoldError): Promise<NinefoldError> {
  const differences = await readColumnDifferences(parts.writer, [...new Set(inserts.map(({ table }) => table))])
  if (differences.length === 0) return error
  return new NinefoldError('STORE_SCHEMA_MISMATCH', `${differences.join('; ')} (${error.message})`, { cause: error })
}
