import { z } from 'zod'
import { checkShape } from '../check-shape.ts'
import { collectFindings, type Report } from '../findings.ts'
import { metadataShape } from '../kinds/shapes.ts'
import { defaultLimits, type SpecFile } from '../parse-specs.ts'
import { readYaml } from '../yaml-documents.ts'
import type { YamlValue } from '../yaml-value.ts'
import type { Conversion, ConversionNote, PlainDefinition } from './conversion.ts'

/** OpenSLO as it was before v1 (openslo/v1alpha): windows in units, one query an indicator, ratios below objectives. */
const query = z.strictObject({ source: z.string(), queryType: z.string().optional(), query: z.string() })
const calendar = z.strictObject({ startTime: z.string(), timeZone: z.string() })
const window = z.strictObject({
  unit: z.enum(['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month', 'Quarter', 'Year']),
  count: z.number().int().min(1),
  isRolling: z.boolean().optional(),
  calendar: calendar.optional(),
})
const ratio = z.strictObject({ incremental: z.boolean().optional(), good: query, total: query })
const objective = z.strictObject({
  displayName: z.string().optional(),
  op: z.string().optional(),
  value: z.number().optional(),
  target: z.number(),
  timeSliceTarget: z.number().optional(),
  timeSliceWindow: z.string().optional(),
  ratioMetrics: ratio.optional(),
})
const alphaSlo = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('SLO'),
  metadata: metadataShape,
  spec: z.strictObject({
    description: z.string().optional(),
    service: z.string(),
    indicator: z.strictObject({ thresholdMetric: query }).optional(),
    timeWindows: z.array(window),
    budgetingMethod: z.string(),
    objectives: z.array(objective).min(1),
  }),
})
type Query = z.output<typeof query>
type Objective = z.output<typeof objective>

const alphaVersion = 'openslo/v1alpha'
const units = { Second: 's', Minute: 'm', Hour: 'h', Day: 'd', Week: 'w', Month: 'M', Quarter: 'Q', Year: 'Y' } as const

interface Importing {
  readonly report: Report
  readonly note: (at: YamlValue, message: string) => void
}

/** OpenSLO definitions of other tools: those of v1alpha become v1, types of sources are spelt as here. What they mean is for `validate`. */
export function importOpenSlo(files: readonly SpecFile[]): Conversion {
  const { report, sorted } = collectFindings()
  const notes: ConversionNote[] = []
  const context: Importing = { report, note: ({ position }, message) => void notes.push({ ...position, message }) }
  const definitions = files.flatMap(({ file, text }) =>
    readYaml(file, text, defaultLimits, report).flatMap(root => {
      const items = Array.isArray(root.value) ? root.value.flatMap((_, index) => root.child(index) ?? []) : [root]
      return items.flatMap(item => importDefinition(item, context))
    }),
  )
  return { definitions, notes, findings: sorted() }
}

function importDefinition(at: YamlValue, context: Importing): PlainDefinition[] {
  const version = at.child('apiVersion')?.value
  if (version === alphaVersion && at.child('kind')?.value === 'SLO') return importAlpha(at, context)
  const { value } = at
  if (typeof version !== 'string' || !isDefinition(value)) {
    context.report('SPEC_NOT_A_DEFINITION', at.position, 'apiVersion, kind, metadata and spec are not all there')
    return []
  }
  const apiVersion = version === alphaVersion ? 'openslo/v1' : version
  return [spelled({ ...value, apiVersion }, at, context)]
}

function isDefinition(value: unknown): value is PlainDefinition {
  const map = z.record(z.string(), z.unknown())
  return z.object({ kind: z.string(), metadata: map, spec: map }).safeParse(value).success
}

/** `type: Prometheus` is `prometheus` here. */
function spelled(definition: PlainDefinition, at: YamlValue, { note }: Importing): PlainDefinition {
  const found = new Set<string>()
  const text = JSON.stringify(definition, (key, value: unknown) => {
    if (key !== 'type' || typeof value !== 'string' || value === value.toLowerCase()) return value
    found.add(value)
    return value.toLowerCase()
  })
  for (const type of found) note(at, `the source type ${type} is written ${type.toLowerCase()}`)
  return JSON.parse(text) as PlainDefinition
}

function importAlpha(at: YamlValue, context: Importing): PlainDefinition[] {
  const read = checkShape(alphaSlo, at, context.report)
  if (read === undefined) return []
  const { indicator, timeWindows, objectives, ...spec } = read.spec
  const { name } = read.metadata
  for (const { queryType, source } of queriesOf(indicator?.thresholdMetric, objectives))
    if (queryType !== undefined)
      context.note(at, `queryType ${queryType} is left out: a source of type ${source} says it`)
  const threshold = indicator && { metadata: { name }, spec: { thresholdMetric: sourceOf(indicator.thresholdMetric) } }
  return [
    {
      apiVersion: 'openslo/v1',
      kind: 'SLO',
      metadata: read.metadata,
      spec: {
        ...spec,
        ...(threshold === undefined ? {} : { indicator: threshold }),
        timeWindow: timeWindows.map(({ unit, count, ...rest }) => ({ duration: `${count}${units[unit]}`, ...rest })),
        objectives: objectives.map((each, index) => importObjective(each, `${name}-${index + 1}`)),
      },
    },
  ]
}

function queriesOf(threshold: Query | undefined, objectives: readonly Objective[]): Query[] {
  const ratios = objectives.flatMap(({ ratioMetrics }) => ratioMetrics ?? [])
  return [threshold ?? [], ...ratios.flatMap(({ good, total }) => [good, total])].flat()
}

function importObjective({ ratioMetrics, ...rest }: Objective, name: string) {
  if (ratioMetrics === undefined) return rest
  const { incremental, good, total } = ratioMetrics
  const counter = incremental === undefined ? {} : { counter: incremental }
  const ratioMetric = { ...counter, good: sourceOf(good), total: sourceOf(total) }
  return { ...rest, indicator: { metadata: { name }, spec: { ratioMetric } } }
}

function sourceOf({ source, query: text }: Query) {
  return { metricSource: { type: source.toLowerCase(), spec: { query: text } } }
}
