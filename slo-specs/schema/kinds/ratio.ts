import { checkShape } from '../check-shape.ts'
import type { Definition } from '../definitions.ts'
import { parseAnyField, parseField } from '../filter/parse-filter.ts'
import type { FieldReference, Filter, Signal } from '../filter-model.ts'
import { layerNames } from '../layers.ts'
import { lookAlikeIn } from '../look-alikes.ts'
import { type Aggregate, type Ratio, type RatioSide, type RatioSignal, ratioSignals } from '../ratio-model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkAnnotationNames } from './annotations.ts'
import { asksValue, metricNames } from './measured.ts'
import { readFilterOver } from './ninefold-parts.ts'
import { ratioShape } from './ninefold-shapes.ts'
import { hashOf } from './revision.ts'

type Context = Pick<Resolving, 'catalogue' | 'report' | 'standard'>

/** A ratio with its filters and fields read; none after reporting what is wrong, or that a side cannot be worked out yet. */
export function readRatio(definition: Definition, context: Context): Ratio[] {
  checkAnnotationNames(definition, context)
  const { spec, metadata, at } = definition
  const shape = checkShape(ratioShape, spec, context.report)
  if (shape === undefined) return []
  const [numerator, denominator] = [spec.child('numerator'), spec.child('denominator')].map(
    side => side && readSide(side, metadata.name, context),
  )
  if (numerator === undefined || denominator === undefined) return []
  // Whatever order they are written in.
  const layers = layerNames.filter(name => shape.layers?.includes(name) ?? true)
  const includeSynthetic = shape.includeSynthetic ?? false
  return [
    {
      name: metadata.name,
      displayName: metadata.displayName ?? metadata.name,
      description: shape.description ?? '',
      unit: shape.unit ?? '',
      numerator,
      denominator,
      layers,
      includeSynthetic,
      revision: hashOf({
        format: 1,
        kind: 'Ratio',
        sides: [numerator, denominator].map(({ signal, filter, aggregate }) => [signal, filter.expression, aggregate]),
        layers,
        includeSynthetic,
      }),
      position: at.position,
    },
  ]
}

function readSide(side: YamlValue, ratio: string, context: Context): RatioSide | undefined {
  const [signalAt, filterAt, aggregateAt] = ['signal', 'filter', 'aggregate'].map(name => side.child(name))
  if (signalAt === undefined || filterAt === undefined || aggregateAt === undefined) return undefined
  const signal = signalAt.value as Signal
  const alike = lookAlikeIn(String(filterAt.value))
  if (alike !== undefined) context.report('SPEC_LOOK_ALIKE', filterAt.positionInText(alike.offset), alike.message)
  const filter = readFilterOver(filterAt, signal, context)
  const aggregate = readAggregate(aggregateAt, signal, context)
  if (!isCounted(signal)) {
    const message = `Ratio ${ratio} has no effect yet: no ${signal} are taken in, only ${ratioSignals.join(', ')}`
    context.report('SPEC_NO_EFFECT', signalAt.position, message)
    return undefined
  }
  if (filter === undefined || aggregate === undefined) return undefined
  if (signal === 'metrics' && !checkPoints(filter, filterAt, context)) return undefined
  return { signal, filter, aggregate, aggregateText: String(aggregateAt.value) }
}

/** Points are told apart by their metric; what they measured is for the aggregate. */
function checkPoints({ expression }: Filter, at: YamlValue, { report }: Context): boolean {
  const isNamed = metricNames(expression) !== undefined
  if (!isNamed) report('SPEC_METRIC_NAME', at.position, 'the filter names no metric: all metrics would be added up')
  if (asksValue(expression))
    report(
      'SPEC_METRIC_VALUE',
      at.position,
      'a filter of a ratio asks for no value: aggregate takes it, as in avg(value)',
    )
  return isNamed && !asksValue(expression)
}

function isCounted(signal: Signal): signal is RatioSignal {
  return ratioSignals.some(name => name === signal)
}

/** The shape has made sure of the form. */
function readAggregate(at: YamlValue, signal: Signal, { report }: Context): Aggregate | undefined {
  const written = String(at.value)
  if (written === 'count') return { function: 'count' }
  const [, name, level, text = ''] = /^(sum|uniq|avg|min|max|quantile)(?:\(([\d.]+)\))?\((.*)\)$/.exec(written) ?? []
  // Anything can be told apart; the others need a number.
  const field = name === 'uniq' ? parseAnyField(text, signal) : parseField(text, signal)
  if ('problem' in field) {
    report('SPEC_FILTER_TYPE', at.position, field.problem)
    return undefined
  }
  return aggregateOf(name, Number(level), field, () =>
    report('SPEC_WRONG_VALUE', at.position, 'a quantile is above 0 and below 1; the least value is min(x)'),
  )
}

function aggregateOf(
  name: string | undefined,
  level: number,
  field: FieldReference,
  refuseLevel: () => void,
): Aggregate | undefined {
  switch (name) {
    case 'sum':
    case 'uniq':
    case 'avg':
    case 'min':
    case 'max':
      return { function: name, field }
    case 'quantile':
      if (level > 0) return { function: name, field, level }
      refuseLevel()
  }
  return undefined
}
