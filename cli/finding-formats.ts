import type { Finding } from '../lib/findings.ts'
import { formatFinding } from '../lib/findings.ts'
import { findingRegistry } from '../slo-specs/schema/finding-codes.ts'

/** What `validate` found out, for whoever reads it. */
export interface Validation {
  /** Null when an error leaves no set. */
  readonly slos: number | null
  readonly services: number
  readonly revision: string | null
  readonly findings: readonly Finding[]
}

/** Renders a validation; each format is one text without a line break at its end. */
export const findingFormats = { text: asText, json: asJson, sarif: asSarif, github: asGithub } as const
export type FindingFormat = keyof typeof findingFormats

/** One line a finding, and a last line with the counts. */
function asText(validation: Validation): string {
  return [...validation.findings.map(formatFinding), summary(validation)].join('\n')
}

function summary({ slos, services, findings }: Validation): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const found = slos === null ? '' : `${slos} SLOs of ${services} services, `
  return `${found}${errors} errors, ${findings.length - errors} warnings`
}

function asJson({ slos, revision, findings }: Validation): string {
  return JSON.stringify({ slos, revision, findings }, null, 2)
}

/** SARIF 2.1.0 (OASIS), as code-scanning services take it; only the rules that were broken are listed. */
function asSarif({ findings }: Validation): string {
  const broken = [...new Set(findings.map(({ code }) => code))].sort()
  const rules = broken.map(id => ({ id, help: { text: remedyOf(id) } }))
  const results = findings.map(({ code, severity, message, remedy, file, line, column }) => ({
    ruleId: code,
    ruleIndex: broken.indexOf(code),
    level: severity,
    message: { text: `${message} — ${remedy}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  }))
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json'
  const driver = { name: 'ninefold', rules }
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results }
  return JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, null, 2)
}

function remedyOf(code: string): string {
  const known: Readonly<Record<string, { readonly remedy: string }>> = findingRegistry
  return known[code]?.remedy ?? ''
}

/** Workflow commands, which become annotations on a pull request; the last line is for the log. */
function asGithub(validation: Validation): string {
  const lines = validation.findings.map(({ severity, file, line, column, code, message, remedy }) => {
    const properties = Object.entries({ file, line, col: column, title: code })
    const written = properties.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(',')
    return `::${severity} ${written}::${escapeData(`${message} — ${remedy}`)}`
  })
  return [...lines, summary(validation)].join('\n')
}

/** A line break would end the command, and what follows could be a command of somebody else's choosing. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
