import { z } from 'zod'
import { int64 } from '../client/columns.ts'
import { correctedShapes } from './corrected-shapes.ts'
import { rowsOf } from './event-deliveries.ts'
import { metricCount, metricScan } from './metric-counts.ts'
import { type BoundStatement, layeredInsert, layerSql, type MinuteSelection, rawColumn } from './minute-selection.ts'
import { replacePlaceholders } from './placeholders.ts'
import {
  chunks,
  constantsJoin,
  membersAJoin,
  membersAScan,
  selectionParams,
  smallestJoin,
  timeCondition,
} from './raw-scans.ts'
import type { VerdictMember, VerdictShape } from './verdict-shapes.ts'

const anyParams = z.record(z.string(), z.unknown())

/**
 * Statements that compute the selected minutes of the shapes' members from raw events into `sli_minute`. No row passes through
 * JavaScript. Repeating one replaces what it wrote, provided `version` has grown.
 */
export function rollupMinutes(
  shapes: readonly VerdictShape[],
  selection: MinuteSelection,
  version: bigint,
): readonly BoundStatement[] {
  const joined: BoundStatement[] = []
  const rest = new Map<string, VerdictShape[]>()
  for (const shape of correctedShapes(shapes, selection)) {
    if (shape.metric !== undefined) {
      joined.push(metricScan(shape, shape.metric, selection, version))
      continue
    }
    if (shape.keys.length > 0 && shape.members.length >= smallestJoin) {
      for (const members of chunks(shape.members, membersAJoin))
        joined.push(joinScan({ ...shape, members }, selection, version))
      continue
    }
    const key = JSON.stringify([shape.source.signal, shape.layerColumns])
    const single = shape.members.map(member => ({ ...shape, members: [member] }))
    rest.set(key, [...(rest.get(key) ?? []), ...single])
  }
  const wide = [...rest.values()].flatMap(group =>
    chunks(group, membersAScan).map(verdicts => wideScan(verdicts, selection, version)),
  )
  return [...joined, ...wide]
}

function joinScan(shape: VerdictShape, selection: MinuteSelection, version: bigint): BoundStatement {
  const { source, members } = shape
  const layers = layerSql(shape.layerColumns)
  const { bind, joined, pruning, params } = constantsJoin(shape)
  const sql = `${layeredInsert}
SELECT {slos:Array(String)}[VerdictId], {revisions:Array(String)}[VerdictId], Minute, ${layers.stored},
  Good, Valid, {version:UInt64}
FROM (
  SELECT VerdictId, Minute, LayerHash${layers.tuple(layer => `Raw${layer}`)}, countIf(IsGood) AS Good, count() AS Valid
  FROM (
    SELECT c.MemberId AS VerdictId, toStartOfMinute(${source.time}) AS Minute, ${layers.hash} AS LayerHash${layers.carried},
      ${bind(shape.good)} AS IsGood
    FROM ${rowsOf(source, selection)} ${joined}
    WHERE ${timeCondition(source, selection)} AND ${pruning} AND (${bind(shape.residual)})
  )
  GROUP BY VerdictId, Minute, LayerHash
)`
  return {
    statement: { name: 'rollup-minutes-join', sql, params: anyParams },
    params: {
      ...selectionParams(selection),
      ...memberParams(members),
      ...params,
      version,
    },
  }
}

function memberParams(members: readonly VerdictMember[]) {
  return { slos: members.map(({ slo }) => slo), revisions: members.map(({ revision }) => revision) }
}

/** Each verdict is a pair of counters of one pass over the events; what it counted becomes rows at the end. */
function wideScan(verdicts: readonly VerdictShape[], selection: MinuteSelection, version: bigint): BoundStatement {
  const [first] = verdicts
  if (first === undefined) throw new RangeError('a scan needs a verdict')
  const layers = layerSql(first.layerColumns)
  const { counters, pruning, params } = countersOf(verdicts)
  const { source } = first
  const sql = `${layeredInsert}
SELECT {slos:Array(String)}[VerdictId], {revisions:Array(String)}[VerdictId], Minute, ${layers.stored},
  GoodCounts[VerdictId], ValidCounts[VerdictId], {version:UInt64}
FROM (
  SELECT toStartOfMinute(${source.time}) AS Minute, ${layers.hash} AS LayerHash${layers.tuple(rawColumn)},
    [${counters.map(({ valid }) => valid).join(',\n      ')}] AS ValidCounts,
    [${counters.map(({ good }) => good).join(',\n      ')}] AS GoodCounts
  FROM ${rowsOf(source, selection)}
  WHERE ${timeCondition(source, selection)}${pruning}
  GROUP BY Minute, LayerHash
)
ARRAY JOIN arrayEnumerate(ValidCounts) AS VerdictId
WHERE ValidCounts[VerdictId] > 0`
  const members = verdicts.flatMap(verdict => verdict.members)
  return {
    statement: { name: 'rollup-minutes-scan', sql, params: anyParams },
    params: { ...selectionParams(selection), ...memberParams(members), ...params, version },
  }
}

/** A pair of counters for the (only) member of each verdict, and the condition that leaves out what none of them asks for. */
export function countersOf(verdicts: readonly VerdictShape[]) {
  const params: Record<string, unknown> = {}
  const counters = verdicts.map((verdict, at) => {
    const constants = verdict.members[0]?.constants ?? []
    for (const [index, name] of verdict.names.entries()) params[`v${at}n${index}`] = name
    for (const [index, { value }] of constants.entries()) params[`v${at}c${index}`] = value
    const bind = (sql: string) =>
      replacePlaceholders(sql, (kind, index, type) => `{v${at}${kind === 'name' ? 'n' : 'c'}${index}:${type}}`)
    const keys = verdict.keys.map(({ sql, constant }) => `${bind(sql)} = {v${at}c${constant}:String}`)
    const valid = [...keys, `(${bind(verdict.residual)})`].join(' AND ')
    const pruning = keys.length === 0 ? undefined : `(${keys.join(' AND ')})`
    return { pruning, valid: `countIf(${valid})`, good: `countIf(${valid} AND (${bind(verdict.good)}))` }
  })
  // When every verdict asks for some value of a key, the primary key leaves out the rest.
  const asked = counters.flatMap(({ pruning }) => pruning ?? [])
  return { counters, pruning: asked.length === counters.length ? ` AND (${asked.join(' OR ')})` : '', params }
}

const minuteRow = z.object({ minute: z.number(), good: z.array(int64), valid: z.array(int64) })

/**
 * Reads that count the selected minutes of the shapes' members from raw events, without layers and without storing anything: one row a
 * minute with events, one entry a member in the order of `members`.
 */
export function countMinutes(verdicts: readonly VerdictShape[], selection: MinuteSelection) {
  const shapes = correctedShapes(verdicts, selection)
  const bySignal = new Map<string, VerdictShape[]>()
  const metrics = shapes.flatMap(shape =>
    shape.metric === undefined ? [] : metricCount(shape, shape.metric, selection),
  )
  for (const shape of shapes.filter(({ metric }) => metric === undefined)) {
    const single = shape.members.map(member => ({ ...shape, members: [member] }))
    bySignal.set(shape.source.signal, [...(bySignal.get(shape.source.signal) ?? []), ...single])
  }
  const events = [...bySignal.values()].flatMap(group =>
    chunks(group, membersAScan).map(verdicts => countScan(verdicts, selection)),
  )
  return [...metrics, ...events]
}

function countScan(verdicts: readonly VerdictShape[], selection: MinuteSelection) {
  const [first] = verdicts
  if (first === undefined) throw new RangeError('a scan needs a verdict')
  const { source } = first
  const { counters, pruning, params } = countersOf(verdicts)
  const sql = `SELECT toUnixTimestamp(toStartOfMinute(${source.time})) AS minute,
  [${counters.map(({ valid }) => valid).join(',\n    ')}] AS valid,
  [${counters.map(({ good }) => good).join(',\n    ')}] AS good
FROM ${rowsOf(source, selection)}
WHERE ${timeCondition(source, selection)}${pruning}
GROUP BY minute ORDER BY minute`
  return {
    query: { name: 'count-minutes', sql, params: anyParams, row: minuteRow },
    params: { ...selectionParams(selection), ...params },
    members: verdicts.flatMap(verdict => verdict.members),
  }
}
