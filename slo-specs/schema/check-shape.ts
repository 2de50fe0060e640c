import { z } from 'zod'
import type { Report } from './findings.ts'
import { durationPattern } from './kinds/texts.ts'
import { suggestion } from './nearest-name.ts'
import type { YamlValue } from './yaml-value.ts'

type Path = readonly (string | number)[]

/**
 * The value as its shape says, or undefined after reporting everything that is wrong with it, each at its own position.
 */
export function checkShape<S extends z.ZodType>(shape: S, at: YamlValue, report: Report): z.output<S> | undefined {
  const result = shape.safeParse(at.value)
  if (result.success) return result.data
  for (const issue of result.error.issues) reportIssue(issue, shape, at, report)
  return undefined
}

function reportIssue(issue: z.core.$ZodIssue, shape: z.ZodType, root: YamlValue, report: Report): void {
  const path = issue.path.filter(part => typeof part !== 'symbol')
  const at = descend(root, path)
  const position = at?.position ?? root.position
  const name = path.at(-1) ?? 'this'
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = fieldNames(shape, path)
      for (const key of issue.keys) {
        const keyPosition = at?.child(key)?.keyPosition ?? root.position
        report('SPEC_UNKNOWN_FIELD', keyPosition, `unknown field ${shown(key)}${suggestion(key, known)}`)
      }
      break
    }
    case 'invalid_type':
      if (at !== undefined && typeof at.value === 'number' && !Number.isFinite(at.value))
        report('SPEC_NUMBER', position, `${name} is ${shown(at.source ?? 'not a number')}, which is no finite number`)
      else if (at !== undefined) report('SPEC_WRONG_TYPE', position, `${name} is ${expectation(issue.expected)}`)
      else report('SPEC_MISSING_FIELD', (descend(root, path.slice(0, -1)) ?? root).keyPosition, `${name} is missing`)
      break
    case 'invalid_union':
      report('SPEC_WRONG_TYPE', position, `${name} is ${alternatives(issue)}`)
      break
    case 'invalid_value': {
      const known = issue.values.map(String)
      report(
        'SPEC_WRONG_VALUE',
        position,
        `${name} is one of ${known.join(', ')}${suggestion(String(at?.value), known)}`,
      )
      break
    }
    case 'invalid_format': {
      const isDuration = 'pattern' in issue && issue.pattern === String(durationPattern)
      const written = JSON.stringify(shown(String(at?.value)))
      report(isDuration ? 'SPEC_DURATION' : 'SPEC_WRONG_VALUE', position, `${written} ${issue.message}`)
      break
    }
    case 'too_big':
      report(
        'SPEC_WRONG_VALUE',
        position,
        `${name} ${issue.origin === 'string' ? `is longer than ${issue.maximum} characters` : issue.message}`,
      )
      break
    default:
      report('SPEC_WRONG_VALUE', position, `${name}: ${issue.message}`)
  }
}

function descend(from: YamlValue, path: Path): YamlValue | undefined {
  let current: YamlValue | undefined = from
  for (const part of path) current = current?.child(part)
  return current
}

/** The fields that the shape has at a path; none where it is not an object there. */
function fieldNames(shape: z.ZodType, path: Path): string[] {
  let current: unknown = shape
  for (const part of path) {
    current = unwrapped(current)
    if (current instanceof z.ZodObject) current = current.shape[String(part)]
    else if (current instanceof z.ZodArray) current = current.element
    else return []
  }
  const found = unwrapped(current)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

function unwrapped(shape: unknown): unknown {
  return shape instanceof z.ZodOptional ? shape.unwrap() : shape
}

const expectations: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function expectation(type: string): string {
  return expectations[type] ?? `of type ${type}`
}

/** What a value could have been: each side of a union says what it expected. */
function alternatives({ errors }: z.core.$ZodIssueInvalidUnion): string {
  const expected = errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [expectation(first.expected)] : []))
  return [...new Set(expected)].join(' or ')
}

function shown(key: string): string {
  return key.length > 80 ? `${key.slice(0, 80)}…` : key
}
