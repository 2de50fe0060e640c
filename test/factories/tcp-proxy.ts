import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A wire between two processes of a test that can be cut, as a network between two machines can. */
export interface TcpProxy {
  readonly port: number
  /** From now on nothing arrives on either side, and nobody is told: what is sent waits on the wire. */
  cut(): void
  /** What waited on the wire arrives, late, and new connections work. */
  mend(): void
  close(): Promise<void>
}

/** Listens on `port` (0: any) of this machine and passes on to `target` there. */
export async function startTcpProxy(target: () => number, port = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isCut = false
  const join = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('data', chunk => {
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      if (!isCut) from.resume()
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    if (isCut) from.pause()
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const upstream = connect({ host: '127.0.0.1', port: target(), noDelay: true, allowHalfOpen: true })
    join(client, upstream)
    join(upstream, client)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    mend: () => {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
