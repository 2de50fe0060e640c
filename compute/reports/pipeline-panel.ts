import type { Reader } from '../../store/client/store.ts'
import {
  arrivalsByStep,
  batchesByStep,
  deadLettersWithin,
  notificationsWithin,
} from '../../store/queries/pipeline-history.ts'
import type { PanelData, PanelReport } from './panel-report.ts'
import { bounded, column, rowLimit, series, time } from './panel-rows.ts'
import type { HistoryRange } from './reports.ts'

type PipelineKind = Extract<PanelReport['kind'], 'arrivals' | 'batches' | 'dead-letters' | 'notifications'>

/** What a panel about the pipeline shows: of series the steps in which something happened. */
export async function pipelinePanel(reader: Reader, kind: PipelineKind, range: HistoryRange): Promise<PanelData> {
  const { fromMs, toMs } = range
  const newest = { fromMs, toMs, limit: rowLimit }
  switch (kind) {
    case 'arrivals':
    case 'batches': {
      const query = kind === 'arrivals' ? arrivalsByStep : batchesByStep
      const rows = (await reader.query(query, { ...range })).map(({ at, label, count }) => [at * 1000, label, count])
      return series([time, column('label', 'text'), column(kind === 'arrivals' ? 'rows' : kind, 'count')], rows, range)
    }
    case 'dead-letters': {
      const columns = [column('When', 'time'), column('Topic', 'text'), column('Offset', 'count')]
      const texts = [column('Reason', 'text'), column('Message', 'text'), column('State', 'text')]
      const rows = await reader.query(deadLettersWithin, newest)
      const cells = rows.map(({ atMs, topic, offset, reason, message, state }) => [
        ...[atMs, topic, offset, reason, message, state],
      ])
      return bounded([...columns, ...texts], cells)
    }
    case 'notifications': {
      const texts = ['SLO', 'Severity', 'Action', 'State'].map(name => column(name, 'text'))
      const rows = await reader.query(notificationsWithin, newest)
      const cells = rows.map(({ atMs, slo, severity, action, state, attempts, lastError }) => [
        ...[atMs, slo, severity, action, state, attempts, lastError],
      ])
      return bounded(
        [column('When', 'time'), ...texts, column('Attempts', 'count'), column('Last error', 'text')],
        cells,
      )
    }
  }
}
