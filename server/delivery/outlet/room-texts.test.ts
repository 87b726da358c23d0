import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoomTexts } from './room-texts.ts';
import { createSocketSink } from './socket-sink.ts';

interface Frame {
  readonly room: string;
  readonly packet: string;
  readonly events: readonly unknown[];
}

function flush(buffer: RoomTexts): readonly Frame[] {
  const frames: Frame[] = [];
  const sink = createSocketSink((room, packet) => {
    const [name, message] = JSON.parse(packet.slice(1)) as [
      string,
      { readonly room: string; readonly events: readonly unknown[] },
    ];
    expect([packet[0], name, message.room]).toEqual(['2', 'events', room]);
    frames.push({ room, packet, events: message.events });
  });
  buffer.handOver(sink);
  return frames;
}

describe('texts of rooms, over sockets', () => {
  it('D1: splits into valid packets of about 12 KiB and keeps the order of each room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('r1', 'r2'), fc.integer({ min: 0, max: 9000 })), { maxLength: 40 }),
        (added) => {
          const buffer = new RoomTexts();
          added.forEach(([room, size], n) => buffer.add(room, JSON.stringify({ n, pad: 'x'.repeat(size) })));
          const frames = flush(buffer);
          for (const room of ['r1', 'r2']) {
            const got = frames
              .filter((frame) => frame.room === room)
              .flatMap((frame) => frame.events.map((event) => (event as { readonly n: number }).n));
            expect(got).toEqual(added.flatMap(([to], n) => (to === room ? [n] : [])));
          }
          for (const { packet } of frames) expect(packet.length).toBeLessThanOrEqual(12 * 1024 + 200);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('puts what fits into one packet', () => {
    const buffer = new RoomTexts();
    for (let n = 0; n < 100; n++) buffer.add('r1', JSON.stringify({ n, pad: 'x'.repeat(80) }));
    expect(flush(buffer)).toHaveLength(1);
  });

  it('sends an event that is larger alone, between its neighbours', () => {
    const buffer = new RoomTexts();
    for (const n of [1, 2, 3, 4]) buffer.add('r1', JSON.stringify({ n, pad: 'x'.repeat(n === 2 ? 50_000 : 10) }));
    expect(flush(buffer).map((frame) => frame.events.length)).toEqual([1, 1, 2]);
  });

  it('is empty after a flush', () => {
    const buffer = new RoomTexts();
    buffer.add('r1', '{}');
    expect([flush(buffer).length, flush(buffer).length]).toEqual([1, 0]);
  });
});
