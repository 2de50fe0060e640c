import type { SyntheticTransaction } from '../../../slo-specs/schema/transaction-model.ts'
import { parseGood, service } from '../../slo-specs/parse.ts'

/** A transaction as its YAML is read. @param steps YAML of the list, one line a step. */
export function transactionOf(
  steps: readonly string[],
  { name = 'buy', schedule = '{ every: 1m, timeout: 10s }' } = {},
): SyntheticTransaction {
  const text = `apiVersion: ninefold.dev/v1
kind: SyntheticTransaction
metadata: { name: ${name} }
spec:
  service: shop
  schedule: ${schedule}
  steps:
${steps.map(step => `    - ${step}`).join('\n')}
`
  const [transaction] = parseGood(service, text).transactions ?? []
  if (transaction === undefined) throw new Error('there is no transaction')
  return transaction
}
