/** One rule of a Prometheus rule group, by Prometheus' own names. */
export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly keep_firing_for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** A text of somebody's in an annotation, whose own double braces are no template. */
export function untemplated(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}')
}
