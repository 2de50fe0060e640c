/** Ratios as YAML. */

export interface SideParts {
  readonly signal?: string
  readonly filter?: string
  readonly aggregate?: string
}

const side = ({ signal = 'traces', filter = '', aggregate = 'count' }: SideParts) =>
  `{signal: ${signal}, filter: ${JSON.stringify(filter)}, aggregate: ${JSON.stringify(aggregate)}}`

export function ratioText(name: string, numerator: SideParts, denominator: SideParts, more = ''): string {
  return `apiVersion: ninefold.dev/v1
kind: Ratio
metadata: {name: ${name}}
spec: {numerator: ${side(numerator)}, denominator: ${side(denominator)}${more === '' ? '' : `, ${more}`}}
`
}
