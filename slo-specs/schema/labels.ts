import type { Report } from './findings.ts'
import type { YamlValue } from './yaml-value.ts'

const longestName = 63
const longestPrefix = 253
const namePattern = /^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$/
const prefixPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Labels and annotations have the syntax of Kubernetes: keys both, values of labels only. */
export function checkLabels(metadata: YamlValue | undefined, report: Report): void {
  for (const part of ['labels', 'annotations'] as const) {
    const map = metadata?.child(part)
    for (const key of keysOf(map)) {
      const at = map?.child(key)
      if (at === undefined) continue
      const problem = keyProblem(key)
      if (problem !== undefined) report('SPEC_BAD_LABEL', at.keyPosition, `the key ${shown(key)} ${problem}`)
      if (part === 'labels') checkValues(at, report)
    }
  }
}

function keysOf(map: YamlValue | undefined): readonly string[] {
  return typeof map?.value === 'object' && map.value !== null ? Object.keys(map.value) : []
}

function checkValues(at: YamlValue, report: Report): void {
  const values = Array.isArray(at.value) ? at.value.map((_, index) => at.child(index)) : [at]
  for (const value of values) {
    if (typeof value?.value !== 'string' || value.value === '') continue
    if (value.value.length > longestName || !namePattern.test(value.value))
      report('SPEC_BAD_LABEL', value.position, `the value ${shown(value.value)} is not one that a label can have`)
  }
}

/** Is this a label that `checkLabels` has nothing to say of? */
export function isGoodLabel(key: string, value: string): boolean {
  return keyProblem(key) === undefined && (value === '' || (value.length <= longestName && namePattern.test(value)))
}

function keyProblem(key: string): string | undefined {
  const [name = '', prefix, ...more] = key.split('/').reverse()
  if (more.length > 0) return 'has more than one slash'
  if (prefix !== undefined && (prefix.length > longestPrefix || !prefixPattern.test(prefix)))
    return 'has a prefix that is not a DNS name'
  return name.length > longestName || !namePattern.test(name) ? 'is not one that a label can have' : undefined
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
