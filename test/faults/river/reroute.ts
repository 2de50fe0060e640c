import { Socket } from 'node:net'

/**
 * Lets this process reach ports of this machine by way of others: brokers tell their own addresses, so that a wire to be cut cannot be put
 * between by configuration.
 * @param wires by the port that is meant, the one to go by.
 */
export function reroute(wires: Readonly<Record<string, number>>): void {
  const connect = Socket.prototype.connect
  // Node calls it with its own normalised list of arguments; people with an options object.
  const byWire = (argument: unknown): unknown => {
    if (Array.isArray(argument)) {
      const [options, ...rest] = argument
      const copy: unknown[] = [byWire(options), ...rest]
      // The list carries a mark by which Node knows that it has normalised it.
      for (const mark of Object.getOwnPropertySymbols(argument)) Reflect.set(copy, mark, Reflect.get(argument, mark))
      return copy
    }
    if (typeof argument !== 'object' || argument === null || !('port' in argument)) return argument
    const wire = wires[String(argument.port)]
    return wire === undefined ? argument : { ...argument, port: wire }
  }
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    return Reflect.apply(connect, this, args.map(byWire))
  } as typeof connect
}
