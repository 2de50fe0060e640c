import { describe, expect, it } from 'vitest'
import { createApi } from '../../api/server.ts'
import { fixtureOptions, startApi, statusWith } from './api-under-test.ts'

describe('access to the API', () => {
  it('needs a known token when there are tokens, but none for the page and the health checks', async () => {
    const api = await startApi({ tokens: ['first-token', 'second-token'] })
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    const seen = {
      none: await statusWith(api, '/api/v1/slos', {}),
      wrong: await statusWith(api, '/api/v1/slos', bearer('first-toke')),
      basic: await statusWith(api, '/api/v1/slos', { authorization: 'Basic first-token' }),
      first: await statusWith(api, '/api/v1/slos', bearer('first-token')),
      second: await statusWith(api, '/api/v1/slos', bearer('second-token')),
      document: await statusWith(api, '/api/v1/openapi.json', {}),
      unknown: await statusWith(api, '/api/v1/nothing', {}),
      page: await statusWith(api, '/', {}),
      live: await statusWith(api, '/livez', {}),
    }
    const challenge = await fetch(new URL('/api/v1/slos', api.url))
    const body = await challenge.json()
    await api.close()
    expect(seen).toEqual({
      ...{ none: 401, wrong: 401, basic: 401, first: 200, second: 200, document: 401, unknown: 401 },
      ...{ page: 200, live: 200 },
    })
    expect(challenge.headers.get('www-authenticate')).toBe('Bearer')
    expect(body).toMatchObject({ code: 'API_UNAUTHENTICATED', status: 401 })
  })

  it('answers without tokens only under its own names, so that a rebound name reads nothing', async () => {
    const api = await startApi({ hosts: ['slo.example.org'] })
    const seen = [
      await statusWith(api, '/api/v1/slos', { host: 'evil.example.com' }),
      await statusWith(api, '/api/v1/slos', { host: 'slo.example.org' }),
      await statusWith(api, '/api/v1/slos', { host: `localhost:${api.port}` }),
    ]
    await api.close()
    expect(seen).toEqual([403, 200, 200])
  })

  it('takes no change from the page of another site', async () => {
    const api = await startApi()
    const path = '/api/v1/dead-letters/otlp_spans-0-4711/replay'
    const seen = [
      await statusWith(api, path, { 'sec-fetch-site': 'cross-site' }, 'POST'),
      await statusWith(api, path, { origin: 'http://evil.example.com' }, 'POST'),
      await statusWith(api, path, { 'sec-fetch-site': 'same-origin', origin: api.url }, 'POST'),
      await statusWith(api, path, {}, 'POST'),
    ]
    await api.close()
    expect(seen).toEqual([403, 403, 200, 200])
  })

  it('lets a page run nothing that is not its own, sit in no frame, and share nothing with other origins', async () => {
    const api = await startApi()
    const { headers } = await fetch(new URL('/', api.url), { headers: { origin: 'http://evil.example.com' } })
    await api.close()
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
  })

  it('refuses to listen beyond loopback without tokens, and on a port that is taken', async () => {
    const open = createApi(fixtureOptions())
    expect(() => open.listen('0.0.0.0', 0)).toThrow(expect.objectContaining({ code: 'LISTEN_WITHOUT_TOKENS' }))
    const first = await startApi()
    await expect(open.listen('127.0.0.1', first.port)).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    await first.close()
  })
})
