import type { SocketListener, SocketService } from '../../transport/sockets/socket-service.ts';
import type { ProtocolServer, ProtocolServerOptions } from './protocol-server.ts';

/** Most processes never see one of its sockets. */
async function load(options: ProtocolServerOptions): Promise<ProtocolServer> {
  const { ProtocolServer } = await import('./protocol-server.ts');
  return new ProtocolServer(options);
}

/**
 * GraphQL over WebSocket, as the protocol graphql-transport-ws says: docs/graphql.md. What is asked there is answered by the
 * routes of GraphQL.
 */
export function graphqlSocket(options: ProtocolServerOptions): SocketService {
  let server: Promise<ProtocolServer> | undefined;
  const { onFault } = options;
  return {
    path: '/graphql',
    protocol: 'graphql-transport-ws',
    open: (socket, request) => {
      server ??= load(options);
      const listener: Promise<SocketListener> = server.then((loaded) => loaded.serve(socket, request));
      return {
        onText: (text) => void listener.then(({ onText }) => onText(text)).catch(onFault),
        onClose: (code, reason) => void listener.then(({ onClose }) => onClose(code, reason)).catch(onFault),
      };
    },
  };
}
