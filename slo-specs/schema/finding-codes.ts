/**
 * The one registry of findings in specs. A code is public: it is printed, served by the API and explained in
 * docs/errors-specs.md (a test holds both equal, and has a bad and a good sample file for each).
 */
export interface FindingDefinition {
  readonly severity: 'error' | 'warning'
  /** One sentence that says what to do. */
  readonly remedy: string
}

const error = (remedy: string): FindingDefinition => ({ severity: 'error', remedy })
const warning = (remedy: string): FindingDefinition => ({ severity: 'warning', remedy })

export const findingRegistry = {
  // files
  SPEC_FILE_UNREADABLE: error('Check that the path exists, is a file or folder, and may be read.'),
  SPEC_SYMLINK_LOOP: error('Remove the symbolic link that leads back to itself or to a folder above it.'),
  SPEC_TOO_LARGE: error(
    'Split the specs into smaller files or folders; generated specs are best written one file an SLO.',
  ),
  SPEC_NOT_UTF8: error('Save the file as UTF-8.'),
  SPEC_NO_DEFINITIONS: warning('Write at least one definition into it, or remove it from the specs.'),
  // YAML
  SPEC_YAML_SYNTAX: error('Correct the YAML at this position.'),
  SPEC_YAML_TAB: error('Indent with spaces; YAML does not take tabs.'),
  SPEC_DUPLICATE_KEY: error('Keep one of the two; YAML would silently take only one.'),
  SPEC_ALIAS_BOMB: error('Write the repeated parts out, or as definitions of their own that are referred to by name.'),
  SPEC_NESTED_TOO_DEEP: error('Flatten it; no definition needs so many levels.'),
  // shape
  SPEC_NOT_A_DEFINITION: error('A definition is a map with apiVersion, kind, metadata and spec.'),
  SPEC_UNKNOWN_KIND: error(
    'Use a kind of openslo/v1 (SLO, SLI, Service, …) or of ninefold.dev/v1; docs/specs lists them with examples.',
  ),
  SPEC_API_VERSION: error('Use openslo/v1 or ninefold.dev/v1; `ninefold import` converts other formats.'),
  SPEC_NEWER_VERSION: warning('Write v1, or update Ninefold; what this version does not know is told of as an error.'),
  SPEC_UNKNOWN_FIELD: error('Remove the field, or correct its name.'),
  SPEC_MISSING_FIELD: error('Add the field.'),
  SPEC_WRONG_TYPE: error('Give a value of the type named; quote texts that look like numbers or booleans.'),
  SPEC_WRONG_VALUE: error('Use one of the values that the message names.'),
  SPEC_BAD_NAME: error(
    'Use at most 63 letters, digits, hyphens and dots, beginning and ending with a letter or digit.',
  ),
  SPEC_LOOK_ALIKE: warning('Write it in plain letters; what looks alike does not match.'),
  SPEC_BAD_LABEL: error(
    'Use the syntax of Kubernetes: an optional prefix and a slash, then at most 63 letters, digits, hyphens, dots and underscores.',
  ),
  SPEC_ANNOTATION: error('Correct the ninefold.dev annotation; docs/specs/language.md lists them.'),
  SPEC_UNSUPPORTED: error('Leave it out for now; docs/specs/language.md says what can be written.'),
  // references
  SPEC_DUPLICATE_NAME: error('Rename one of the two; names are unique within a kind.'),
  SPEC_MISSING_REFERENCE: error('Define what is referred to, or correct the name.'),
  SPEC_SENDER_MISSING: error('Tell a target of type pagerduty; Ninefold has no sender for the type named.'),
  SPEC_SEVERITY: warning('Write page (somebody is woken) or ticket (somebody looks at it tomorrow).'),
  SPEC_ADAPTER_MISSING: error('Count with a source of type telemetry, prometheus or clickhouse.'),
  SPEC_DATA_SOURCE: error('Give connectionDetails as docs/specs/sources.md shows them: a url, and names of secrets.'),
  SPEC_QUERY: error('Ask for the minutes from {from:DateTime} up to {to:DateTime}, which are bound each time it runs.'),
  SPEC_DUPLICATE_SLI: warning('Define it once and refer to it by name, so that both change together.'),
  SPEC_UNDECLARED_SERVICE: warning(
    'Add a Service of that name, so that it has a display name and an owner can be found.',
  ),
  SPEC_NO_EFFECT: warning('Leave it as it is or out; docs/specs/ninefold-kinds.md says which kinds have an effect.'),
  // numbers
  SPEC_OBJECTIVE: error('Write target as a fraction from 0 to below 1 (0.999), or targetPercent from 0 to below 100.'),
  SPEC_OBJECTIVE_100: error('Choose a target below 100 %, for example the best month that you have had.'),
  SPEC_OBJECTIVE_UNRESOLVABLE: warning(
    'Relax the target or lengthen the window, so that one bad event or slice fits into the budget.',
  ),
  SPEC_NUMBER: error('Write a plain finite number.'),
  SPEC_WEIGHTS: error('Give weights from 0 up, at least one of them above 0.'),
  SPEC_DURATION: error('Write a whole number and one unit of s, m, h, d, w, M, Q, Y: 5m, 1h, 28d.'),
  SPEC_WINDOW: error(
    'Give exactly one timeWindow of whole minutes: duration 30d with isRolling true, or duration 1M with a calendar.',
  ),
  SPEC_TIME_ZONE: error('Use a name of the IANA time zone database, such as Europe/Berlin or UTC.'),
  SPEC_TIME_SLICE: error(
    'Give timeSliceWindow in whole minutes, not longer than the window; Timeslices also need a timeSliceTarget.',
  ),
  SPEC_SHORT_WINDOW: error('Choose a short window of whole minutes below the long one; a twelfth is usual.'),
  SPEC_UNREACHABLE_BURN: warning('Lower the factor, tighten the objective, or live without this condition.'),
  // corrections
  SPEC_RECURRENCE: error('Write a rule as RFC 5545 has it that comes at most hourly, such as FREQ=WEEKLY;BYDAY=SU.'),
  SPEC_CORRECTION_PREDICATE: error(
    'Leave the predicate out, so that whole minutes are dropped, or correct only SLOs over the signal that it asks.',
  ),
  // data: what a running instance knows beside the files
  SPEC_SIGNAL_SILENT: warning('Send the signal here, or count another one.'),
  SPEC_ATTRIBUTE_UNSEEN: warning('Correct the name, or have it sent; a comparison with a missing attribute is false.'),
  SPEC_NO_EVENTS: warning('Correct the filter of total; an SLO without valid events never says anything.'),
  // filters
  SPEC_METRIC_NAME: error(
    'Say which metric is counted, as in name == "http.server.request.duration" && service.name == "shop".',
  ),
  SPEC_METRIC_VALUE: error(
    'Ask for the value in good or bad only, and of the same metric that total counts; a ratio takes it in its aggregate.',
  ),
  SPEC_SIGNAL_MISMATCH: error('Count good (or bad) and total events of one signal.'),
  SPEC_FILTER_SYNTAX: error('Correct the CEL expression at this position.'),
  SPEC_FILTER_UNSUPPORTED: error('Rewrite it with what docs/specs/language.md lists under "Filters".'),
  SPEC_FILTER_TYPE: error('Compare a field with a constant of a type that it can have.'),
  SPEC_FILTER_REGEX: error('Use the syntax of RE2, which has no backreferences and no look-around.'),
  SPEC_FILTER_TOO_LARGE: error(
    'Shorten the filter; a long list of values is better kept as an attribute of the event.',
  ),
} as const satisfies Record<string, FindingDefinition>

export type FindingCode = keyof typeof findingRegistry
