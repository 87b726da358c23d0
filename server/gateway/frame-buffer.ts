/** From 16 KiB on uWS stops batching publishes of one loop turn into one write per socket. */
const frameTargetBytes = 12 * 1024;

/**
 * Collects the ready-made JSON texts of one tick per room and splices them into Socket.IO packets. Nothing is
 * serialised here: a text that goes to many rooms was encoded once.
 */
export class FrameBuffer {
  readonly #texts = new Map<string, string[]>();
  #fullest = 0;

  add(room: string, text: string): void {
    const held = this.#texts.get(room);
    if (held === undefined) this.#texts.set(room, [text]);
    else held.push(text);
  }

  /** Size of what the room with most got in the last flush. */
  get fullest(): number {
    return this.#fullest;
  }

  /** Hands every packet to `publish`, each at most about 12 KiB unless a single event is larger, in the order of `add`. */
  flush(publish: (room: string, packet: string, eventCount: number) => void): void {
    this.#fullest = 0;
    const filled = [...this.#texts];
    // first: what a publish that throws leaves behind would be sent again with the next tick
    this.#texts.clear();
    for (const [room, texts] of filled) {
      this.#fullest = Math.max(
        this.#fullest,
        texts.reduce((sum, text) => sum + text.length, 0),
      );
      const head = `2["events",{"room":"${room}","events":[`;
      let start = 0;
      let size = 0;
      texts.forEach((text, index) => {
        if (index > start && size + text.length > frameTargetBytes) {
          publish(room, `${head}${texts.slice(start, index).join(',')}]}]`, index - start);
          start = index;
          size = 0;
        }
        size += text.length + 1;
      });
      publish(room, `${head}${(start === 0 ? texts : texts.slice(start)).join(',')}]}]`, texts.length - start);
    }
  }
}
