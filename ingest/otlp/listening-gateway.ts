/** A door of the gateway that is open. */
export interface ListeningGateway {
  /** `http://host:port`, with the port the system chose when 0 was asked for. */
  readonly address: string
  readonly port: number
  /** Takes no new connection, answers the requests under way, then resolves. */
  close(): Promise<void>
}
