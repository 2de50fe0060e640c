import { Document } from 'yaml'
import { formatSpec } from '../format-spec.ts'
import type { PlainDefinition } from './conversion.ts'

/** Definitions as one file in the canonical form of `fmt`. */
export function writeDefinitions(definitions: readonly PlainDefinition[]): string {
  const text = definitions
    .map(definition => new Document(definition, { aliasDuplicateObjects: false }).toString({ lineWidth: 120 }))
    .join('---\n')
  const formatted = formatSpec(text)
  return 'text' in formatted ? formatted.text : text
}
