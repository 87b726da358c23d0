/** One block of server-sent events as the streams of the hub write them: each of its lines is whole, and data is one line. */
export interface SseBlock {
  /** Empty for a block without event: a position, a time to come back, or a comment. */
  readonly event: string;
  readonly data: string;
  readonly text: string;
}

const eventLine = /^event: (.*)$/m;
const dataLine = /^data: (.*)$/m;

/** The blocks of what is written at once. */
export function blocksIn(chunk: string | Uint8Array): readonly SseBlock[] {
  return (typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk))
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => ({
      event: eventLine.exec(block)?.[1] ?? '',
      data: dataLine.exec(block)?.[1] ?? '',
      text: `${block}\n\n`,
    }));
}
