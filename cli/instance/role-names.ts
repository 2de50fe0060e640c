/** What one process may be. */
export const roleNames = ['ingest', 'sink', 'compute', 'api'] as const
export type RoleName = (typeof roleNames)[number]

export function isRoleName(text: string): text is RoleName {
  return roleNames.some(name => name === text)
}
