import { createHash } from 'node:crypto'
import type { Finding } from '../../lib/findings.ts'
import type { Kind } from './api-version.ts'
import { checkShape } from './check-shape.ts'
import { type Catalogue, catalogue, type Definition, readDefinitions } from './definitions.ts'
import { createCelShapes } from './filter/cel-shapes.ts'
import { writeFilter } from './filter/write-filter.ts'
import { collectFindings, type Report } from './findings.ts'
import { readCondition, readPolicy } from './kinds/alerts.ts'
import { checkAnnotationNames } from './kinds/annotations.ts'
import { readBudgetPolicies } from './kinds/budget-policy.ts'
import { readBurnLadder } from './kinds/burn-ladder.ts'
import { readCorrections } from './kinds/correction.ts'
import { type IndicatorRead, readIndicator } from './kinds/indicator.ts'
import { checkNinefold, kindsWithoutEffect } from './kinds/ninefold.ts'
import { readRoute } from './kinds/notification-route.ts'
import { readRatio } from './kinds/ratio.ts'
import { revisionOf as indicatorRevision } from './kinds/revision.ts'
import { dataSourceShape, serviceShape } from './kinds/shapes.ts'
import { readSlos } from './kinds/slo.ts'
import { readTransaction } from './kinds/synthetic-transaction.ts'
import { defaultTargetNames, isSendable, readTarget } from './kinds/targets.ts'
import type { Ladder } from './ladder.ts'
import type { NotificationTarget, Service, SpecSet } from './model.ts'
import type { Resolving } from './resolving.ts'
import { readYaml } from './yaml-documents.ts'
import type { YamlLimits } from './yaml-value.ts'

export interface SpecFile {
  /** As findings name it. */
  readonly file: string
  readonly text: string
}

export interface ParsedSpecs {
  /** Null when any finding is an error. */
  readonly specs: SpecSet | null
  /** In order of file and position. */
  readonly findings: readonly Finding[]
}

export interface ParseOptions {
  /** What an SLO without policies gets; policies may also name a BurnLadder. */
  readonly standard: Ladder
  readonly limits?: YamlLimits
  /** Problems met before parsing (files that cannot be read). */
  readonly earlier?: (report: Report) => void
}

export const defaultLimits: YamlLimits = { maxDepth: 32, maxValues: 200_000 }

/**
 * Reads a set of spec files that belong together. Pure; every problem of every file is reported at once.
 */
export function parseSpecs(files: readonly SpecFile[], options: ParseOptions): ParsedSpecs {
  const { report, sorted } = collectFindings()
  options.earlier?.(report)
  const definitions = files.flatMap(({ file, text }) => {
    const roots = readYaml(file, text, options.limits ?? defaultLimits, report)
    return readDefinitions(roots, report)
  })
  for (const { file } of files.filter(({ text }) => isEmpty(text)))
    report('SPEC_NO_DEFINITIONS', { file, line: 1, column: 1 }, 'the file has no definitions')
  const context = contextOf(catalogue(definitions, report), options, report)
  const specs = resolveAll(context, files)
  const findings = sorted()
  return { specs: findings.some(({ severity }) => severity === 'error') ? null : specs, findings }
}

/** Only comments, document marks and white space. */
function isEmpty(text: string): boolean {
  return text.split('\n').every(line => /^\s*(#.*|---.*|\.\.\.\s*)?$/.test(line))
}

function contextOf(all: Catalogue, options: ParseOptions, report: Report): Resolving {
  const targets = new Map<string, NotificationTarget>()
  const definitions = definitionsOf(all, 'AlertNotificationTarget')
  const own = definitionsOf(all, 'BurnLadder').flatMap(
    definition => readBurnLadder(definition, options.standard, report) ?? [],
  )
  const ladders = [options.standard, ...own]
  const defaultTargets: string[] = []
  const base = {
    catalogue: all,
    report,
    ladders: new Map(ladders.map(ladder => [ladder.name, ladder])),
    standard: options.standard,
    targets,
    filters: new Map(),
    shapes: createCelShapes(),
    defaultTargets,
    routes: [],
    budgetPolicies: new Map(),
  }
  const context: Resolving = {
    ...base,
    corrections: readCorrections(definitionsOf(all, 'Correction'), base),
  }
  for (const definition of definitions) {
    const target = readTarget(definition, context)
    if (target !== undefined) targets.set(target.name, target)
  }
  defaultTargets.push(...defaultTargetNames(definitions, targets))
  // Routes name targets, so these come first.
  const routes = definitionsOf(all, 'NotificationRoute').flatMap(definition => readRoute(definition, context))
  const budgetPolicies = readBudgetPolicies(definitionsOf(all, 'BudgetPolicy'), context)
  return { ...context, routes, budgetPolicies }
}

function resolveAll(context: Resolving, files: readonly SpecFile[]): SpecSet {
  const { catalogue: all, report } = context
  const services = definitionsOf(all, 'Service').flatMap(definition => readService(definition, context))
  const slos = readSlos(definitionsOf(all, 'SLO'), context)
  const ratios = definitionsOf(all, 'Ratio').flatMap(definition => readRatio(definition, context))
  const transactions = definitionsOf(all, 'SyntheticTransaction').flatMap(each => readTransaction(each, context))
  checkUnreferenced(context)
  for (const definition of definitionsOf(all, 'DataSource')) checkShape(dataSourceShape, definition.spec, report)
  for (const kind of kindsWithoutEffect)
    for (const definition of definitionsOf(all, kind)) checkNinefold(kind, definition, context)
  const declared = new Set(services.map(({ name }) => name))
  for (const { service, position } of slos) {
    if (declared.has(service)) continue
    declared.add(service)
    services.push({ name: service, displayName: service, description: '', position })
  }
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  const targets = [...context.targets.values()].sort(byName)
  const unsendable = targets.filter(target => !isSendable(target))
  return {
    slos: slos.sort(byName),
    ratios: ratios.sort(byName),
    services: services.sort(byName),
    targets: targets.filter(isSendable),
    ...(context.defaultTargets.length === 0 ? {} : { defaultTargets: context.defaultTargets }),
    ...(unsendable.length === 0 ? {} : { unsendableTargets: unsendable }),
    ...(transactions.length === 0 ? {} : { transactions: transactions.sort(byName) }),
    revision: revisionOf(files),
  }
}

/** What no SLO refers to is checked as well: a problem shows before somebody depends on it. Findings are unique. */
function checkUnreferenced(context: Resolving): void {
  const anyWindowSeconds = 86_400
  const counted = new Map<string, Definition>()
  for (const definition of definitionsOf(context.catalogue, 'SLI')) {
    const read = readIndicator(definition, undefined, context)
    const key = read && countingKey(read)
    const other = key === undefined ? undefined : counted.get(key)
    if (other !== undefined) {
      const message = `${definition.metadata.name} counts exactly what ${other.metadata.name} counts`
      context.report(
        'SPEC_DUPLICATE_SLI',
        definition.at.child('metadata')?.child('name')?.position ?? definition.at.position,
        message,
      )
    } else if (key !== undefined) counted.set(key, definition)
  }
  for (const definition of definitionsOf(context.catalogue, 'AlertCondition')) readCondition(definition, [], context)
  for (const definition of definitionsOf(context.catalogue, 'AlertPolicy'))
    readPolicy(definition, anyWindowSeconds, context)
}

function readService(definition: Definition, context: Resolving): Service[] {
  checkAnnotationNames(definition, context)
  const shape = checkShape(serviceShape, definition.spec, context.report)
  if (shape === undefined) return []
  const { name, displayName } = definition.metadata
  return [
    { name, displayName: displayName ?? name, description: shape.description ?? '', position: definition.at.position },
  ]
}

function definitionsOf(all: Catalogue, kind: Kind): Definition[] {
  return [...(all.get(kind)?.values() ?? [])]
}

/** The same for indicators that count the same events with the same verdicts, whatever they are called. */
function countingKey(read: IndicatorRead): string {
  if (read.kind === 'ratio' || read.kind === 'queried') return indicatorRevision(read, [])
  if (read.kind === 'queried-threshold') return JSON.stringify([read.source, read.query, read.layerLabels])
  const { signal, total, field } = read
  return JSON.stringify([signal, writeFilter(total.expression), field])
}

/** Of the contents, whatever the files are called and in whatever order they come. */
function revisionOf(files: readonly SpecFile[]): string {
  const digests = files.map(({ text }) => createHash('sha256').update(text).digest('hex')).sort()
  return createHash('sha256').update(digests.join('\n')).digest('hex').slice(0, 16)
}
