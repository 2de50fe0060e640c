import { arrivalsOverTime, batchDelay, deadLetterTable, notificationTable } from '../panels/sql.ts'
import type { Board } from './board.ts'

/** Does the pipeline itself do its work? */
export function pipelineHealth(): Board {
  return {
    uid: 'ninefold-pipeline',
    title: 'Ninefold / Pipeline',
    description: 'What arrives, how it is stored, what could not be, and who was told.',
    variables: [],
    panels: [
      {
        draw: 'timeseries',
        id: 1,
        title: 'Events stored',
        description: 'Rows by the minute of the event, per signal.',
        unit: 'short',
        sql: arrivalsOverTime,
        at: { x: 0, y: 0, w: 12, h: 8 },
        report: { kind: 'arrivals' },
      },
      {
        draw: 'timeseries',
        id: 2,
        title: 'Batches',
        description: 'Batches stored by the sink, per topic.',
        unit: 'short',
        sql: batchDelay,
        at: { x: 12, y: 0, w: 12, h: 8 },
        report: { kind: 'batches' },
      },
      {
        draw: 'table',
        id: 3,
        title: 'Dead letters',
        description: 'Payloads that could not become rows, with the reason.',
        unit: 'short',
        sql: deadLetterTable,
        at: { x: 0, y: 8, w: 24, h: 8 },
        report: { kind: 'dead-letters' },
      },
      {
        draw: 'table',
        id: 4,
        title: 'Notifications',
        description: 'What was sent to whom, and how it went.',
        unit: 'short',
        sql: notificationTable,
        at: { x: 0, y: 16, w: 24, h: 8 },
        report: { kind: 'notifications' },
      },
    ],
  }
}
