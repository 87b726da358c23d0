import { HubError } from '../../channels/protocol/hub-error.ts';

export interface TextLine {
  /** 1 for the first. */
  readonly number: number;
  readonly text: string;
}

/**
 * Lines of a text that comes in chunks cut anywhere. Blank lines are counted and left out. No line may be longer than
 * `maxLength` characters, so that a file without line ends cannot exhaust the memory.
 * @throws HubError invalid-message
 */
export async function* textLines(chunks: AsyncIterable<string>, maxLength: number): AsyncGenerator<TextLine> {
  let number = 1;
  let pieces: string[] = [];
  let length = 0;
  const take = (piece: string): void => {
    length += piece.length;
    if (length > maxLength)
      throw new HubError('invalid-message', `line ${number}: must have at most ${maxLength} characters`);
    pieces.push(piece);
  };
  const finish = (): TextLine => {
    // trim also takes a byte order mark
    const line = { number, text: pieces.join('').trim() };
    number += 1;
    pieces = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      take(chunk.slice(start, end));
      const line = finish();
      if (line.text !== '') yield line;
      start = end + 1;
    }
    take(chunk.slice(start));
  }
  const last = finish();
  if (last.text !== '') yield last;
}
