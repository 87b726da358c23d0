import type { SearchChange, SearchResult } from '../client-sdk/index.ts';
import { isJsonObject } from '../channels/event/json.ts';
import { searchLines, totalText } from './search-lines.ts';
import { fit, outputWidth } from './table.ts';

/** Shows a live search until it ends. */
export interface SearchView {
  readonly result: (result: SearchResult) => void;
  readonly change: (changes: readonly SearchChange[], result: SearchResult) => void;
  readonly close: () => void;
}

/** A table that is kept up to date where it stands, with the last note below it. */
export interface LiveTable extends SearchView {
  readonly note: (text: string) => void;
}

/** A burst of changes is one picture. */
const paintAfterMs = 50;
const clearBelow = '\u001B[J';

/** The text that puts `lines` in the place of as many as were there before. */
function replacing(before: number, lines: readonly string[]): string {
  const up = before === 0 ? '' : `\u001B[${before}A`;
  return `${up}\r${clearBelow}${lines.map((line) => `${line}\n`).join('')}`;
}

/** Lines of a result that fit on a terminal: none breaks, and the last says how many there are. */
function tableOf(result: SearchResult, note: string, width: number, height: number): readonly string[] {
  const json: unknown = JSON.parse(JSON.stringify(result));
  const shown = isJsonObject(json) ? json : {};
  const behind = result.staleMs === undefined ? '' : `, ${(result.staleMs / 1000).toFixed(1)} s behind`;
  const last = `${totalText(shown['total'])}${behind}  ${note}`.trimEnd();
  const lines = searchLines(shown, width).slice(0, Math.max(0, height - 2));
  return [...lines, last].map((line) => fit(line, width));
}

/** On the terminal of standard output. */
export function openLiveTable(): LiveTable {
  const out = process.stdout;
  let result: SearchResult | undefined;
  let lastNote = '';
  let painted = 0;
  let timer: NodeJS.Timeout | undefined;
  const paint = (): void => {
    timer = undefined;
    // 0 where the terminal does not tell
    const lines = result === undefined ? [lastNote] : tableOf(result, lastNote, outputWidth() || 80, out.rows || 24);
    out.write(replacing(painted, lines));
    painted = lines.length;
  };
  const paintSoon = (): void => void (timer ??= setTimeout(paint, paintAfterMs));
  const show = (next: SearchResult): void => {
    result = next;
    paintSoon();
  };
  return {
    result: show,
    change: (_changes, next) => show(next),
    note: (text) => {
      lastNote = text;
      paintSoon();
    },
    close: () => {
      if (timer === undefined) return;
      clearTimeout(timer);
      paint();
    },
  };
}
