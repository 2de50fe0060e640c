import type { ConversionNote } from '../slo-specs/schema/convert/conversion.ts'

/** `file:line:column  message`, as findings are printed, for what another language has no words for. */
export function formatNote({ file, line, column, message }: ConversionNote): string {
  return `${file}:${line}:${column}  ${message}`
}
