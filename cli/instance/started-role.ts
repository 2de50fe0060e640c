/** What one role of a process listens on beside its metrics, by what it is. */
export interface StartedRole {
  readonly urls: Readonly<Record<string, string>>
}
