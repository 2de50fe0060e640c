import type { Problem } from './reply-types.ts'

/** The API did not give an answer; `problem` is what it said instead, null when it could not be reached at all. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly problem: Problem | null

  constructor(problem: Problem | null, cause?: unknown) {
    super(problem?.detail ?? 'the API cannot be reached', { cause })
    this.problem = problem
  }
}

const tokenKey = 'ninefold-token'

/** Kept for this tab only, so that closing it forgets the token. */
export function rememberToken(token: string): void {
  sessionStorage.setItem(tokenKey, token)
}

/** Of a link to a file: it would not send the token, so where there is one the file is fetched with it and saved. */
export function saveWithToken(event: Event): void {
  const { currentTarget: link } = event
  const token = sessionStorage.getItem(tokenKey)
  if (token === null || !(link instanceof HTMLAnchorElement)) return
  event.preventDefault()
  const { href, download } = link
  void fetch(href, { headers: { authorization: `Bearer ${token}` } }).then(async response => {
    // The address by itself tells what is wrong.
    if (!response.ok) return location.assign(href)
    const file = URL.createObjectURL(await response.blob())
    Object.assign(document.createElement('a'), { href: file, download }).click()
    URL.revokeObjectURL(file)
  })
}

const underway = new Map<string, Promise<unknown>>()

/** The reply of a read; parts of a page that ask for the same at the same time share one request. @throws ApiFailure. */
export function readApi<T>(path: string, parameters: Record<string, string | number> = {}): Promise<T> {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
  const address = `/api/v1/${path}${query.size === 0 ? '' : `?${query}`}`
  const known = underway.get(address) ?? request(address).finally(() => underway.delete(address))
  underway.set(address, known)
  return known as Promise<T>
}

async function request(address: string): Promise<unknown> {
  const token = sessionStorage.getItem(tokenKey)
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  let response: Response
  try {
    response = await fetch(address, { headers, signal: AbortSignal.timeout(20_000) })
  } catch (error) {
    throw new ApiFailure(null, error)
  }
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body
  throw new ApiFailure(body === null ? null : (body as Problem))
}
