import type { Report } from './findings.ts'
import type { SourcePosition } from './model.ts'
import { suggestion } from './nearest-name.ts'

const openSloKinds = [
  'Service',
  'DataSource',
  'SLI',
  'SLO',
  'AlertPolicy',
  'AlertCondition',
  'AlertNotificationTarget',
] as const
export const ninefoldKinds = [
  'Ratio',
  'SyntheticTransaction',
  'Correction',
  'BurnLadder',
  'BudgetPolicy',
  'Journey',
  'Resource',
  'NotificationRoute',
] as const
export const kinds = [...openSloKinds, ...ninefoldKinds] as const
export type Kind = (typeof kinds)[number]
export type NinefoldKind = (typeof ninefoldKinds)[number]

/** The kinds of each group, all of major version 1. */
const groups: Readonly<Record<string, readonly Kind[]>> = { openslo: openSloKinds, 'ninefold.dev': ninefoldKinds }
const versions = Object.keys(groups).map(group => `${group}/v1`)

/**
 * The kinds that an apiVersion has. Of another major version nothing is known, so it is refused; a newer minor one (`openslo/v1.1`)
 * may only have added something, which would be told of as an unknown field.
 */
export function kindsOf(version: string, position: SourcePosition, report: Report): readonly Kind[] | undefined {
  const [, group = '', major = '', minor] = /^([a-z.]+)\/v(\d+)(?:\.(\d+))?$/.exec(version) ?? []
  const known = Object.hasOwn(groups, group) ? groups[group] : undefined
  if (known === undefined || major !== '1') {
    const message = `apiVersion ${version.slice(0, 80)} is not known${suggestion(version, versions)}`
    report('SPEC_API_VERSION', position, message)
    return undefined
  }
  if (minor !== undefined && Number(minor) > 0)
    report('SPEC_NEWER_VERSION', position, `${version} is newer than ${group}/v1, as which it is read`)
  return known
}
