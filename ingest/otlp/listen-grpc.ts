import { createServer } from 'node:net'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import { listenError } from '../../lib/access.ts'
import type { ListeningGateway } from './listening-gateway.ts'

/** Calls under way may take so long once closing has begun; then their connections end. */
const graceMs = 5000

/**
 * Hands connections of a socket server of ours to the gRPC server: its own way of binding tells a taken port by text alone.
 * @throws PORT_IN_USE, LISTEN_FAILED.
 */
export async function listenGrpc(server: Server, host: string, port: number): Promise<ListeningGateway> {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const sockets = createServer(socket => injector.injectConnection(socket))
  await new Promise<void>((resolve, reject) => {
    sockets.once('error', cause => reject(listenError(cause, 'OTLP/gRPC', host, port)))
    sockets.listen(port, host, resolve)
  })
  const bound = sockets.address()
  const actualPort = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    close: async () => {
      const closed = new Promise<void>(resolve => sockets.close(() => resolve()))
      injector.drain(graceMs)
      await new Promise<void>(resolve => server.tryShutdown(() => resolve()))
      await closed
    },
  }
}
