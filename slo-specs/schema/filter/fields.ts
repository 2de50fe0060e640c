import type { FieldReference, Signal } from '../model.ts'
import type { CelExpression } from './cel-syntax.ts'

type Intrinsic = Extract<FieldReference, { scope: 'intrinsic' }>['name']

interface IntrinsicDefinition {
  readonly signals: readonly Signal[]
  /** Types of constants that it may be compared with. */
  readonly types: readonly ('string' | 'number' | 'boolean' | 'duration')[]
  /** The only texts that it can be, where that is known; compared without regard to case. */
  readonly words?: readonly string[]
}

/** Names that mean a column of the event itself. An attribute of the same name is written `attributes["name"]`. */
export const intrinsics: Readonly<Record<Intrinsic, IntrinsicDefinition>> = {
  name: { signals: ['traces', 'logs', 'metrics', 'synthetics'], types: ['string'] },
  kind: {
    signals: ['traces'],
    types: ['string'],
    words: ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'],
  },
  status: { signals: ['traces', 'synthetics'], types: ['string'], words: ['Unset', 'Ok', 'Error'] },
  duration: { signals: ['traces', 'synthetics'], types: ['duration'] },
  severity: {
    signals: ['logs'],
    types: ['string', 'number'],
    words: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'],
  },
  body: { signals: ['logs'], types: ['string'] },
  synthetic: { signals: ['traces', 'logs', 'metrics', 'synthetics', 'events'], types: ['boolean'] },
  value: { signals: ['metrics'], types: ['number'] },
}

const longestName = 256

export type FieldRead =
  | { readonly field: FieldReference }
  /** Not a field at all; perhaps a constant. */
  | { readonly field: null }
  | { readonly field: undefined; readonly problem: string }

/** The field that an expression names: `http.route`, `resource["x"]`, `attributes.x`, or an intrinsic. */
export function readField(expression: CelExpression): FieldRead {
  const { exprKind } = expression
  if (exprKind.case === 'callExpr' && exprKind.value.function === '_[_]') return readIndexed(exprKind.value.args)
  const path = dottedPath(expression)
  if (path === undefined) return { field: null }
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    if (isIntrinsic(first)) return { field: { scope: 'intrinsic', name: first } }
    if (first === 'resource' || first === 'attributes')
      return { field: undefined, problem: `${first} is a map: name an attribute of it, ${first}["…"]` }
    return named('any', first)
  }
  if (first === 'resource') return named('resource', rest.join('.'))
  if (first === 'attributes') return named('attribute', rest.join('.'))
  return named('any', path.join('.'))
}

function named(scope: 'any' | 'resource' | 'attribute', name: string): FieldRead {
  if (name.length > longestName || name === '' || name.includes('\0'))
    return { field: undefined, problem: `an attribute name has 1 to ${longestName} characters, none of them NUL` }
  return { field: { scope, name } }
}

function isIntrinsic(name: string): name is Intrinsic {
  return Object.hasOwn(intrinsics, name)
}

function readIndexed([map, key]: readonly CelExpression[]): FieldRead {
  const mapName = map?.exprKind.case === 'identExpr' ? map.exprKind.value.name : undefined
  const name = key?.exprKind.case === 'constExpr' ? key.exprKind.value.constantKind : undefined
  if (mapName !== 'resource' && mapName !== 'attributes')
    return { field: undefined, problem: 'only resource["…"] and attributes["…"] take brackets' }
  if (name?.case !== 'stringValue') return { field: undefined, problem: `${mapName}[…] takes a text` }
  return named(mapName === 'resource' ? 'resource' : 'attribute', name.value)
}

/** The names of `a.b.c`, or undefined when something else than a name is among them. Iterative: a chain may be long. */
function dottedPath(expression: CelExpression): string[] | undefined {
  const names: string[] = []
  let current: CelExpression | undefined = expression
  while (current?.exprKind.case === 'selectExpr') {
    names.push(current.exprKind.value.field)
    current = current.exprKind.value.operand
  }
  if (current?.exprKind.case !== 'identExpr') return undefined
  return [...names, current.exprKind.value.name].reverse()
}

/** How a field is written in a message. */
export function fieldText(field: FieldReference): string {
  if (field.scope === 'resource') return `resource["${field.name}"]`
  return field.scope === 'attribute' ? `attributes["${field.name}"]` : field.name
}

/** Why a field cannot be asked of a signal, or undefined. */
export function missingIn(field: FieldReference, signal: Signal): string | undefined {
  if (field.scope !== 'intrinsic' || intrinsics[field.name].signals.includes(signal)) return undefined
  return `${field.name} is of ${list(intrinsics[field.name].signals)}, not of ${signal}; an attribute of that name is attributes["${field.name}"]`
}

/** `a`, `a and b`, `a, b and c`. */
function list(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
