import { type Kind, kinds, kindsOf } from './api-version.ts'
import { checkShape } from './check-shape.ts'
import type { Report } from './findings.ts'
import { definitionShape, inlineShape, type Metadata } from './kinds/shapes.ts'
import { checkLabels } from './labels.ts'
import { lookAlikeIn } from './look-alikes.ts'
import { suggestion } from './nearest-name.ts'
import type { YamlValue } from './yaml-value.ts'

/** One definition, its outer shape checked; `spec` is checked by the reader of its kind. */
export interface Definition {
  readonly kind: Kind
  readonly metadata: Metadata
  readonly at: YamlValue
  readonly spec: YamlValue
}

/** All definitions by kind and name, for references. */
export type Catalogue = ReadonlyMap<Kind, ReadonlyMap<string, Definition>>

/** The definitions of a file's documents: each document is one, or a list of them. */
export function readDefinitions(roots: readonly YamlValue[], report: Report): Definition[] {
  return roots
    .flatMap(root => (Array.isArray(root.value) ? root.value.map((_, index) => root.child(index)) : [root]))
    .flatMap(root => {
      const definition = root === undefined ? undefined : readDefinition(root, report)
      return definition === undefined ? [] : [definition]
    })
}

function readDefinition(at: YamlValue, report: Report): Definition | undefined {
  if (typeof at.value !== 'object' || at.value === null || Array.isArray(at.value)) {
    report('SPEC_NOT_A_DEFINITION', at.position, 'this is not a map')
    return undefined
  }
  const known = kindOf(at, report)
  if (known === undefined) return undefined
  const shape = checkShape(definitionShape, at, report)
  const spec = specOf(at, report)
  if (shape !== undefined) checkLabels(at.child('metadata'), report)
  if (shape === undefined || spec === undefined || !isGoodName(known, at, shape.metadata, report)) return undefined
  return { kind: known, metadata: shape.metadata, at, spec }
}

/** The kind of a definition, when it is one that is read. */
function kindOf(at: YamlValue, report: Report): Kind | undefined {
  const version = at.child('apiVersion')
  const kind = at.child('kind')
  if (version === undefined && kind === undefined) {
    report('SPEC_NOT_A_DEFINITION', at.position, 'apiVersion and kind are missing')
    return undefined
  }
  for (const [name, value] of [['apiVersion', version] as const, ['kind', kind] as const]) {
    if (value === undefined) report('SPEC_MISSING_FIELD', at.position, `${name} is missing`)
    else if (typeof value.value !== 'string') report('SPEC_WRONG_TYPE', value.position, `${name} is a text`)
  }
  if (typeof version?.value !== 'string' || typeof kind?.value !== 'string') return undefined
  const possible = kindsOf(version.value, version.position, report)
  if (possible === undefined) return undefined
  const known = possible.find(name => name === kind.value)
  if (known !== undefined) return known
  const elsewhere = kinds.find(name => name === kind.value)
  const message =
    elsewhere === undefined
      ? `unknown kind ${kind.value.slice(0, 80)}${suggestion(kind.value, possible)}`
      : `${elsewhere} is not a kind of ${version.value}`
  report('SPEC_UNKNOWN_KIND', kind.position, message)
  return undefined
}

/** A definition written where a reference could be; undefined after reporting what is wrong. */
export function readInline(kind: Kind, at: YamlValue, report: Report): Definition | undefined {
  const shape = checkShape(inlineShape, at, report)
  const spec = specOf(at, report)
  if (shape !== undefined) checkLabels(at.child('metadata'), report)
  if (shape === undefined || spec === undefined) return undefined
  if (shape.kind !== undefined && shape.kind !== kind) {
    report(
      'SPEC_UNKNOWN_KIND',
      at.child('kind')?.position ?? at.position,
      `${shape.kind} stands where a ${kind} belongs`,
    )
    return undefined
  }
  return isGoodName(kind, at, shape.metadata, report) ? { kind, metadata: shape.metadata, at, spec } : undefined
}

function specOf(at: YamlValue, report: Report): YamlValue | undefined {
  const spec = at.child('spec')
  if (spec === undefined) report('SPEC_MISSING_FIELD', at.keyPosition, 'spec is missing')
  return spec
}

function isGoodName(kind: Kind, at: YamlValue, { name }: Metadata, report: Report): boolean {
  if (isName(kind, name)) return true
  const written = at.child('metadata')?.child('name')
  const alike = lookAlikeIn(name)
  const why = alike === undefined ? '' : `: ${alike.message}`
  const position = alike === undefined ? written?.position : written?.positionInText(alike.offset)
  report('SPEC_BAD_NAME', position ?? at.position, `${JSON.stringify(name.slice(0, 80))} is not a name${why}`)
  return false
}

/** Names of these kinds go no further than the files; the specification encourages to take these longer ones, too. */
const referredTo: readonly Kind[] = ['DataSource', 'SLI', 'AlertPolicy', 'AlertCondition', 'AlertNotificationTarget']

/** An RFC 1123 label as Kubernetes has them, or one with capitals and dots; of what is only referred to, more. */
export function isName(kind: Kind, name: string): boolean {
  return referredTo.includes(kind)
    ? name.length <= 255 && /^[A-Za-z0-9]([-.|/\\A-Za-z0-9]*[A-Za-z0-9])?$/.test(name)
    : name.length <= 63 && /^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$/.test(name)
}

/** Puts definitions in order by kind and name; the second of a name is reported and left out. */
export function catalogue(definitions: readonly Definition[], report: Report): Catalogue {
  const byKind = new Map<Kind, Map<string, Definition>>()
  for (const definition of definitions) {
    const { kind, metadata } = definition
    const named = byKind.get(kind) ?? new Map<string, Definition>()
    byKind.set(kind, named)
    const first = named.get(metadata.name)
    if (first === undefined) {
      named.set(metadata.name, definition)
      continue
    }
    const { file, line } = first.at.position
    const position = definition.at.child('metadata')?.child('name')?.position ?? definition.at.position
    report('SPEC_DUPLICATE_NAME', position, `${kind} ${metadata.name} is already defined in ${file}:${line}`)
  }
  return byKind
}

/** The definition that a name refers to; undefined after reporting that there is none. */
export function resolve(
  of: { kind: Kind; name: string; at: YamlValue | undefined },
  from: { catalogue: Catalogue; report: Report; fallback: YamlValue },
): Definition | undefined {
  const named = from.catalogue.get(of.kind) ?? new Map<string, Definition>()
  const found = named.get(of.name)
  if (found === undefined) {
    const message = `there is no ${of.kind} ${of.name}${suggestion(of.name, [...named.keys()])}`
    from.report('SPEC_MISSING_REFERENCE', of.at?.position ?? from.fallback.position, message)
  }
  return found
}
