/** Version of the wire protocol. Changes with every change of an incoming or outgoing message. */
export const protocolVersion = 1;
