import type { RoomSink } from './room-sink.ts';

/** Collects the ready-made JSON texts of one tick per room. A text that goes to many rooms was encoded once. */
export class RoomTexts {
  readonly #texts = new Map<string, string[]>();

  add(room: string, text: string): void {
    const held = this.#texts.get(room);
    if (held === undefined) this.#texts.set(room, [text]);
    else held.push(text);
  }

  /** Hands all over, in the order of `add`, and is empty. Gives the size of what the room with most got, in characters. */
  handOver(sink: RoomSink): number {
    const filled = [...this.#texts];
    // first: what a sink that throws leaves behind would be sent again with the next tick
    this.#texts.clear();
    let fullest = 0;
    for (const [room, texts] of filled) {
      fullest = Math.max(
        fullest,
        texts.reduce((sum, text) => sum + text.length, 0),
      );
      sink.events(room, texts);
    }
    return fullest;
  }
}
