import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { BoardPanel } from '../panels/panels.ts'

/** A dashboard before it is drawn for Grafana. */
export interface Board {
  /** Stable: links refer to it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Beside that of the data source. */
  readonly variables: readonly Builder<VariableModel>[]
  readonly panels: readonly BoardPanel[]
}
