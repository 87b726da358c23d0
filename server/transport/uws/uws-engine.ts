import type { Server } from 'socket.io';
import type { Engine, EngineParts } from '../engine.ts';
import { portTaken } from '../engine.ts';
import { engineMessage } from '../packet.ts';
import { nativeOf } from '../socket-connection.ts';
import type { Uws, UwsApp, UwsWebSocket } from './load-uws.ts';
import { uwsFacade } from './uws-facade.ts';
import { serveUws } from './uws-http.ts';
import { serveUwsSockets } from './uws-sockets.ts';

/** exclusive: two hubs on one port must fail, not share it */
const listenExclusively = 1;

/** Socket.IO on uWebSockets.js, which publishes to a room in one call. */
export function uwsEngine(uws: Uws, io: Server, { options, exchange, refusalOf, sockets }: EngineParts): Engine {
  const app: UwsApp = uws.App();
  let token: unknown;
  const onDropped = (socket: UwsWebSocket): void => {
    for (const each of io.of('/').sockets.values()) {
      if (Object.is(nativeOf(each), socket)) return options.onSlowConsumer(each.id);
    }
  };
  const isEnding = (): boolean => exchange.isEnding;
  const { maxBufferedBytes, trustedProxies } = options;
  const facade = uwsFacade(app, { maxBufferedBytes, onDropped, isEnding, refusalOf, trustedProxies });
  const publish = (topic: string, packet: string): void => {
    facade.closeDropped();
    app.publish(topic, engineMessage(packet));
  };
  io.attachApp(facade.app);
  for (const service of options.services) serveUwsSockets(app, service, { options, sockets, isEnding });
  app.any('/*', serveUws(exchange.handle));
  return {
    name: 'uws',
    listen: () =>
      new Promise((resolve, reject) => {
        app.listen(options.host, options.port, listenExclusively, (listening) => {
          token = listening;
          if (listening) resolve(uws.us_socket_local_port(listening));
          else reject(portTaken(options));
        });
      }),
    stopListening: () => {
      if (token) uws.us_listen_socket_close(token);
      token = undefined;
    },
    // the topic name is the one that Socket.IO's uWS adapter subscribes sockets to
    publish: (room, packet) => publish(`/\x1f${room}`, packet),
    // every socket is subscribed to the topic of its namespace
    publishAll: (packet) => publish('/', packet),
    close: () => app.close(),
  };
}
