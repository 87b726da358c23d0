import { eventsText, packetText } from '../../transport/packet.ts';
import type { RoomSink } from './room-sink.ts';

/** From 16 KiB on uWS stops batching publishes of one loop turn into one write per socket. */
const frameTargetBytes = 12 * 1024;

/**
 * Splices texts into packets of about 12 KiB, of which one is larger only where a single event is, and publishes each once
 * for all sockets of the room.
 */
export function createSocketSink(publish: (room: string, packet: string) => void): RoomSink {
  return {
    events: (room, texts) => {
      let start = 0;
      let size = 0;
      texts.forEach((text, index) => {
        if (index > start && size + text.length > frameTargetBytes) {
          publish(room, eventsText(room, texts.slice(start, index)));
          start = index;
          size = 0;
        }
        size += text.length + 1;
      });
      publish(room, eventsText(room, start === 0 ? texts : texts.slice(start)));
    },
    stale: (room) => publish(room, packetText('stale', { room })),
  };
}
