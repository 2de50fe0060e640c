import { parseDurationSeconds } from '../../../lib/durations.ts'
import type { Definition } from '../definitions.ts'
import { type LayerName, layerNames } from '../layers.ts'
import type { TimeSlices } from '../model.ts'
import { suggestion } from '../nearest-name.ts'
import type { Resolving } from '../resolving.ts'

const prefix = 'ninefold.dev/'

/** The per-definition options, by kind. */
const known: Readonly<Record<string, readonly string[]>> = {
  SLO: ['layers', 'no-data', 'no-data-after', 'min-valid', 'expected-valid', 'runbook'],
  AlertPolicy: ['ladder'],
  AlertNotificationTarget: ['default'],
}

export interface SloOptions {
  readonly layers: readonly LayerName[]
  readonly noDataAfterSeconds: number | undefined
  readonly minValid: number
  /** What a slice without valid events is. */
  readonly noData: TimeSlices['noData']
  /** Valid events that somebody expects in a window; undefined when nobody says. */
  readonly expectedValid: number | undefined
  readonly runbook: string
}

/** The value of a `ninefold.dev/` annotation, if it is there. */
export function annotationOf(definition: Definition, name: string): string | undefined {
  return definition.metadata.annotations?.[`${prefix}${name}`]
}

/** Reports `ninefold.dev/` annotations that a definition of this kind does not have; those of others are left alone. */
export function checkAnnotationNames(definition: Definition, { report }: Pick<Resolving, 'report'>): void {
  const names = known[definition.kind] ?? []
  for (const key of Object.keys(definition.metadata.annotations ?? {})) {
    if (!key.startsWith(prefix)) continue
    const name = key.slice(prefix.length)
    const at = positionOf(definition, key, 'key')
    if (!names.includes(name))
      report('SPEC_ANNOTATION', at, `unknown annotation ${key} on ${definition.kind}${suggestion(name, names)}`)
  }
}

/** The options of an SLO; a wrong one is reported and its default taken. */
export function readSloOptions(slo: Definition, context: Resolving): SloOptions {
  checkAnnotationNames(slo, context)
  const refuse = (name: string, message: string) =>
    context.report('SPEC_ANNOTATION', positionOf(slo, `${prefix}${name}`, 'value'), message)
  return {
    layers: readLayers(annotationOf(slo, 'layers'), message => refuse('layers', message)),
    noDataAfterSeconds: readNoDataAfter(annotationOf(slo, 'no-data-after'), message =>
      refuse('no-data-after', message),
    ),
    minValid: readCount(annotationOf(slo, 'min-valid'), message => refuse('min-valid', message)) ?? 0,
    noData: readNoData(annotationOf(slo, 'no-data'), message => refuse('no-data', message)),
    expectedValid: readCount(annotationOf(slo, 'expected-valid'), message => refuse('expected-valid', message)),
    runbook: readRunbook(annotationOf(slo, 'runbook'), message => refuse('runbook', message)),
  }
}

type Refuse = (message: string) => void

function readLayers(text: string | undefined, refuse: Refuse): readonly LayerName[] {
  if (text === undefined || text.trim() === 'all') return layerNames
  if (text.trim() === 'none') return []
  const wanted = new Set<string>()
  for (const name of text.split(',').map(part => part.trim())) {
    if (layerNames.some(layer => layer === name)) wanted.add(name)
    else
      refuse(
        `${JSON.stringify(name)} is not a layer${suggestion(name, layerNames)}: ${layerNames.join(', ')}, all or none`,
      )
  }
  return layerNames.filter(name => wanted.has(name))
}

function readNoDataAfter(text: string | undefined, refuse: Refuse): number | undefined {
  if (text === undefined) return undefined
  if (text === 'never') return 0
  const seconds = parseDurationSeconds(text)
  if (seconds !== undefined && seconds > 0 && seconds % 60 === 0) return seconds
  refuse(`${JSON.stringify(text)} is neither a duration of whole minutes nor never`)
  return undefined
}

function readCount(text: string | undefined, refuse: Refuse): number | undefined {
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text)
  refuse(`${JSON.stringify(text)} is not a whole number of events`)
  return undefined
}

const noDataPolicies = ['ignore', 'good', 'bad'] as const

function readNoData(text: string | undefined, refuse: Refuse): TimeSlices['noData'] {
  const policy = noDataPolicies.find(name => name === (text ?? 'ignore'))
  if (policy === undefined)
    refuse(`no-data is one of ${noDataPolicies.join(', ')}${suggestion(text ?? '', noDataPolicies)}`)
  return policy ?? 'ignore'
}

/** It becomes a link in pages and notifications, so only web addresses are let through. */
function readRunbook(text: string | undefined, refuse: Refuse): string {
  if (text === undefined) return ''
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && text.length <= 2_000) return text
  refuse('a runbook is an http or https address of at most 2000 characters')
  return ''
}

function positionOf(definition: Definition, key: string, of: 'key' | 'value') {
  const at = definition.at.child('metadata')?.child('annotations')?.child(key)
  return (of === 'key' ? at?.keyPosition : at?.position) ?? definition.at.position
}
