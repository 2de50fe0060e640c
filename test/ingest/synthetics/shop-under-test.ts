import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface ShopUnderTest {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  close(): Promise<void>
}

/** A shop over real HTTP whose paths go wrong in ways of their own. */
export async function startShop(): Promise<ShopUnderTest> {
  const requests: SeenRequest[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += String(chunk)
    })
    request.on('end', () => {
      const [path = ''] = (request.url ?? '').split('?')
      requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
      answer(path, response)
    })
  }
  const server = createServer(listener)
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}`, requests, close: () => end(server) }
}

function answer(path: string, response: ServerResponse): void {
  switch (path) {
    case '/cart':
      response.writeHead(201, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ order: { id: 'a b/7', lines: [{ sku: 'book' }] }, total: 12.5 }))
    case '/down':
      return void response.writeHead(503).end('try later')
    case '/moved':
      return void response.writeHead(302, { location: '/cart' }).end()
    case '/huge':
      return void response.end(Buffer.alloc(3 * 1024 * 1024, 'x'))
    case '/slow':
      // Headers at once, the rest never.
      return void response.writeHead(200).write('one moment')
    case '/broken':
      return void response.destroy()
    default:
      return void response.end(`here is the book of ${path}`)
  }
}

/** @param tls key and certificate of an authority that nobody trusts. */
export async function startTlsShop(tls: { readonly key: string; readonly cert: string }) {
  const server = createTlsServer(tls, (_, response) => void response.end('ok'))
  return { url: `https://127.0.0.1:${await listen(server)}`, close: () => end(server) }
}

/** A port that refused connections a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer()
  const port = await listen(server)
  await end(server)
  return port
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function end(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeAllConnections?.()
  return closed
}
