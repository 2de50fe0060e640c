import { z } from 'zod'
import { rowsOf } from './event-deliveries.ts'
import { metricPoints, pointSource } from './metric-points.ts'
import { type BoundStatement, layerSql, type MinuteSelection } from './minute-selection.ts'
import { replacePlaceholders } from './placeholders.ts'
import type { SideMember, SideShape } from './ratio-sides.ts'
import { finishedRow, finishedStates, ratioColumns, sideStates } from './ratio-states.ts'
import {
  chunks,
  constantsJoin,
  membersAJoin,
  membersAScan,
  selectionParams,
  smallestJoin,
  timeCondition,
} from './raw-scans.ts'

const anyParams = z.record(z.string(), z.unknown())

/**
 * Statements that work the selected minutes of sides of ratios out of raw events into `ratio_minute`, as `rollupMinutes` does for SLOs:
 * repeating one replaces what it wrote, provided `version` has grown.
 */
export function ratioMinutes(
  shapes: readonly SideShape[],
  selection: MinuteSelection,
  version: bigint,
): readonly BoundStatement[] {
  return hitsOf(shapes, selection).map(hits => insertHits(hits, selection, version))
}

/** Reads that put the selected minutes of sides together from raw events, without layers and without storing anything. */
export function sideTotals(shapes: readonly SideShape[], selection: MinuteSelection, levels: readonly number[]) {
  return hitsOf(shapes, selection).map(({ sql: hits, params, members }) => {
    const sql = `SELECT SideId AS member, ${finishedStates(levels)}
FROM (
  SELECT SideId, ${sideStates}
  FROM (
${hits}
  )
  GROUP BY SideId
)
GROUP BY member`
    const row = finishedRow.extend({ member: z.number() })
    return {
      query: { name: 'side-totals', sql, params: anyParams, row },
      params: { ...selectionParams(selection), ...params },
      members,
    }
  })
}

function hitsOf(shapes: readonly SideShape[], selection: MinuteSelection): readonly Hits[] {
  const joined: Hits[] = []
  const rest = new Map<string, SideShape[]>()
  for (const shape of shapes) {
    if (shape.source !== pointSource && shape.keys.length > 0 && shape.members.length >= smallestJoin) {
      for (const members of chunks(shape.members, membersAJoin))
        joined.push(joinedHits({ ...shape, members }, selection))
      continue
    }
    const key = JSON.stringify([shape.source.signal, shape.layerColumns])
    const single = shape.members.map(member => ({ ...shape, members: [member] }))
    rest.set(key, [...(rest.get(key) ?? []), ...single])
  }
  const wide = [...rest.values()].flatMap(group =>
    chunks(group, membersAScan).flatMap(sides => {
      const [first] = sides
      return first === undefined ? [] : [wideHits(sides, first, selection)]
    }),
  )
  return [...joined, ...wide]
}

/** A read with one row for each event and side that it belongs to: SideId, Minute, the layer tuple, and what is measured. */
interface Hits {
  readonly sql: string
  readonly params: Record<string, unknown>
  readonly members: readonly SideMember[]
  readonly layerColumns: readonly string[]
}

function insertHits(hits: Hits, selection: MinuteSelection, version: bigint): BoundStatement {
  const layers = layerSql(hits.layerColumns)
  const sql = `INSERT INTO ratio_minute (${[...ratioColumns('Minute'), 'Version'].join(', ')})
SELECT {ratios:Array(String)}[SideId], {revisions:Array(String)}[SideId], {sides:Array(String)}[SideId], Minute, ${layers.stored},
  Events, Numbers, Total, Least, Most, Distinct, Sketch, {version:UInt64}
FROM (
  SELECT SideId, Minute, LayerHash${layers.tuple(layer => `Raw${layer}`)}, ${sideStates}
  FROM (
${hits.sql}
  )
  GROUP BY SideId, Minute, LayerHash
)`
  const params = {
    ...selectionParams(selection),
    ...hits.params,
    ratios: hits.members.map(({ ratio }) => ratio),
    revisions: hits.members.map(({ revision }) => revision),
    sides: hits.members.map(({ side }) => side),
    version,
  }
  return { statement: { name: 'ratio-minutes', sql, params: anyParams }, params }
}

/** Many sides of one shape: each event meets only those that its constants belong to. */
function joinedHits(shape: SideShape, selection: MinuteSelection): Hits {
  const { source, measure, members } = shape
  const layers = layerSql(shape.layerColumns)
  const { bind, joined, pruning, params } = constantsJoin(shape)
  const sql = `    SELECT c.MemberId AS SideId, toStartOfMinute(${source.time}) AS Minute, ${layers.hash} AS LayerHash${layers.carried},
      ${bind(measure.number)} AS Number, ${bind(measure.text)} AS Text, ${bind(measure.measured)} AS Measured
    FROM ${rowsOf(source, selection)} ${joined}
    WHERE ${timeCondition(source, selection)} AND ${pruning} AND (${bind(shape.residual)})`
  return { sql, params, members, layerColumns: shape.layerColumns }
}

/** Few sides each: one pass over the events, in which an event becomes a row for each side that it belongs to. */
function wideHits(sides: readonly SideShape[], { source, layerColumns }: SideShape, selection: MinuteSelection): Hits {
  const layers = layerSql(layerColumns)
  const params: Record<string, unknown> = {}
  const asked = sides.map((side, at) => {
    const constants = side.members[0]?.constants ?? []
    for (const [index, name] of side.names.entries()) params[`s${at}n${index}`] = name
    for (const [index, { value }] of constants.entries()) params[`s${at}c${index}`] = value
    const bind = (sql: string) =>
      replacePlaceholders(sql, (kind, index, type) => `{s${at}${kind === 'name' ? 'n' : 'c'}${index}:${type}}`)
    const keys = side.keys.map(({ sql, constant }) => `${bind(sql)} = {s${at}c${constant}:String}`)
    const { number, text, measured } = side.measure
    return {
      condition: [...keys, `(${bind(side.residual)})`].join(' AND '),
      measured: `${bind(number)}, ${bind(text)}, ${bind(measured)}`,
    }
  })
  const hits = asked.map(({ condition, measured }, at) => `(if(${condition}, ${at + 1}, 0), ${measured})`)
  const carried = layers.kept.map(layer => `, Raw${layer}`).join('')
  const wanted = asked.map(({ condition }) => `(${condition})`).join(' OR ')
  const sql = `    SELECT Hit.1 AS SideId, Minute, LayerHash${carried}, Hit.2 AS Number, Hit.3 AS Text, Hit.4 AS Measured
    FROM (
      SELECT toStartOfMinute(${source.time}) AS Minute, ${layers.hash} AS LayerHash${layers.carried},
        arrayJoin(arrayFilter(hit -> hit.1 > 0, [
        ${hits.join(',\n        ')}])) AS Hit
      FROM ${source === pointSource ? metricPoints(`(${wanted})`, layerColumns) : rowsOf(source, selection)}
      WHERE ${timeCondition(source, selection)} AND (${wanted})
    )`
  return { sql, params, members: sides.flatMap(({ members }) => members), layerColumns }
}
