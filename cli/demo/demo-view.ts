import { every } from '../../server/turns/every.ts';
import type { CommandContext } from '../command-context.ts';
import type { DemoModel } from './demo-model.ts';
import { namesFound, renderScreen, searchText, tryIt } from './demo-screen.ts';

export interface DemoViewOptions {
  readonly context: CommandContext;
  readonly model: DemoModel;
  readonly url: string;
  readonly tokenFile: string;
  /** ms since 1970 */
  readonly now: () => number;
}

/** Shows a model until it is closed. */
export interface DemoView {
  close(): void;
}

/** At most five times a second: faster is a flicker, and the terminal may be far away. */
const paintEveryMs = 200;
const enter = '\u001B[?1049h\u001B[?25l';
const leave = '\u001B[?25h\u001B[?1049l';
const home = '\u001B[H';
const restOfLine = '\u001B[K';
const restOfScreen = '\u001B[J';

/** Paints the whole screen; the terminal gets back what it showed before. */
function paintView({ context, model, url, tokenFile, now }: DemoViewOptions): DemoView {
  const out = process.stdout;
  const startMs = now();
  let painted = '';
  const paint = (): void => {
    // 0 where the terminal does not tell
    const width = out.columns || 80;
    const height = out.rows || 24;
    const color = (context.environment['NO_COLOR'] ?? '') === '';
    const lines = renderScreen({ model, width, height, url, tokenFile, color, seconds: (now() - startMs) / 1000 });
    const frame = home + lines.map((line) => line + restOfLine).join('\r\n') + restOfScreen;
    // a terminal that cannot keep up gets the next frame instead of a queue of old ones
    if (frame !== painted && out.writableLength === 0) out.write((painted = frame));
  };
  const restore = (): void => void out.write(leave);
  process.once('exit', restore);
  out.write(enter);
  paint();
  const painting = every(paintEveryMs, paint);
  return {
    close: () => {
      void painting.stop();
      process.off('exit', restore);
      restore();
    },
  };
}

/** One line an event and one for each result of the search, for pipes and files. A line waits for one turn so that the viewer's copy can arrive. */
function lineView({ context, model, url, tokenFile }: DemoViewOptions): DemoView {
  context.print(`PurSight Hub demo: the data catalog of a bank, live at ${url}`);
  context.print(
    `steward ada sees everything; viewer bob sees no pii and no incidents. Try it: ${tryIt(url, tokenFile).join('; ')}`,
  );
  let last: string | undefined;
  const print = (upTo: number): void => {
    const from = model.lines.findIndex((line) => line.id === last) + 1;
    for (const line of model.lines.slice(from, upTo)) {
      context.print(`${line.time}  ${line.text}  [viewer: ${line.viewer}]`);
      last = line.id;
    }
  };
  let found = '';
  const printFound = (): void => {
    const now = `${searchText(model)}: ${namesFound(model)}`;
    if (now !== found && model.stewardFound.total > 0) context.print((found = now));
  };
  let ripe = 0;
  const printing = every(paintEveryMs, () => {
    print(ripe);
    printFound();
    ripe = model.lines.length;
  });
  return {
    close: () => {
      void printing.stop();
      print(model.lines.length);
      printFound();
    },
  };
}

/** A live screen on a terminal, else plain lines. */
export function openDemoView(options: DemoViewOptions): DemoView {
  return process.stdout.isTTY ? paintView(options) : lineView(options);
}
