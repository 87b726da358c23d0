import { characters, fit } from '../table.ts';
import { type DemoModel, type Incident, type LiveLine, searchedWords, type ViewerFate } from './demo-model.ts';

export interface ScreenOptions {
  readonly model: DemoModel;
  readonly width: number;
  readonly height: number;
  readonly url: string;
  readonly seconds: number;
  readonly tokenFile: string;
  readonly color: boolean;
}

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan' | 'title';

const codes: Readonly<Record<Style, string>> = {
  bold: '1',
  dim: '2',
  red: '31',
  yellow: '33',
  green: '32',
  cyan: '36',
  title: '1;97;44',
};
const panelRows = 5;
/** Below, there is no room for all. */
const searchFromHeight = 20;
const fateWidth = 10;
const fates: Readonly<Record<ViewerFate, { readonly text: string; readonly style: Style }>> = {
  seen: { text: 'sees it', style: 'green' },
  hidden: { text: 'hidden', style: 'red' },
  lost: { text: 'taken away', style: 'red' },
};
const tones: Readonly<Record<LiveLine['tone'], Style | undefined>> = { plain: undefined, pii: 'yellow', alert: 'red' };

function pad(text: string, width: number): string {
  const cut = fit(text, width);
  return cut + ' '.repeat(Math.max(0, width - characters(cut).length));
}

/** The commands with which somebody else follows the demo; each fits into 80 columns, so that it can be copied. */
export function tryIt(url: string, tokenFile: string): readonly string[] {
  return [
    `export PURSIGHT_URL=${url}`,
    `export PURSIGHT_TOKEN=$(cat ${tokenFile})`,
    `npx pursight tail 'classification:pii/*'`,
    `npx pursight search --live ${searchedWords}`,
  ];
}

function elapsed(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function incidentText({ severity, name, about, status, assignees }: Incident): string {
  const who = assignees.length === 0 ? status : `${status} ${assignees.join(', ')}`;
  return `${severity >= 17 ? 'high' : 'mid '} ${name} · ${about} · ${who}`;
}

function listOrNone(items: readonly string[], rows: number): readonly string[] {
  if (items.length === 0) return ['none'];
  return items.length <= rows ? items : [...items.slice(0, rows - 1), `and ${items.length - rows + 1} more`];
}

/** How many the steward and the viewer find. */
export function searchText({ stewardFound, viewerFound }: DemoModel): string {
  return `LIVE SEARCH ${searchedWords}: ${stewardFound.total} FOUND, ${viewerFound.total} BY THE VIEWER`;
}

/** The best of what the steward finds. */
export function namesFound({ stewardFound: { names } }: DemoModel): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

class Screen {
  readonly #options: ScreenOptions;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  lines(): readonly string[] {
    const head = this.#head();
    const search = this.#options.height < searchFromHeight ? [] : this.#search();
    const foot = [...search, ...this.#panels(), ...this.#footer()];
    const room = Math.max(3, this.#options.height - head.length - foot.length);
    return [...head, ...this.#live(room), ...foot].slice(0, this.#options.height);
  }

  #style(style: Style | undefined, text: string): string {
    return style === undefined || !this.#options.color ? text : `\u001B[${codes[style]}m${text}\u001B[0m`;
  }

  #rule(title: string, width: number): string {
    return (
      this.#style('dim', `── `) +
      this.#style('bold', fit(title, width - 4)) +
      this.#style('dim', ` ${'─'.repeat(Math.max(0, width - 4 - characters(title).length))}`)
    );
  }

  #head(): readonly string[] {
    const { model, width, url, seconds } = this.#options;
    const clock = `${url}   ${elapsed(seconds)} `;
    const title =
      pad(' PurSight Hub demo: the data catalog of a bank, live', Math.max(0, width - clock.length)) + clock;
    const count = (who: string, events: number, assets: number): string => `${who}: ${events} events, ${assets} assets`;
    const steward = ` ${count('steward ada (sees everything)', model.stewardEvents, model.assetCount)}`;
    const viewer = ` ${count('viewer bob (no pii, no incidents)', model.viewerEvents, model.viewerAssetCount)}, ${model.hiddenEvents} hidden by policy`;
    return [
      this.#style('title', fit(title, width)),
      this.#style('green', fit(steward, width)),
      this.#style('cyan', fit(viewer, width)),
    ];
  }

  #live(rows: number): readonly string[] {
    const { model, width } = this.#options;
    const heading =
      this.#rule('WHAT HAPPENS NOW, AS THE STEWARD SEES IT', width - fateWidth - 2) +
      this.#style('bold', ` ${pad('THE VIEWER', fateWidth)}`);
    const shown = model.lines.slice(-(rows - 1)).map((line) => this.#liveLine(line, width));
    return [heading, ...shown, ...Array.from({ length: rows - 1 - shown.length }, () => '')];
  }

  #liveLine(line: LiveLine, width: number): string {
    const fate = fates[line.viewer];
    const text = pad(line.text, Math.max(10, width - fateWidth - 13));
    return `${this.#style('dim', line.time)}  ${this.#style(tones[line.tone], text)}  ${this.#style(fate.style, fate.text)}`;
  }

  #panels(): readonly string[] {
    const { model, width } = this.#options;
    const left = Math.floor(width / 2) - 1;
    const right = width - left - 2;
    const pii = model.piiAssets.map(
      ({ label, tags }) => `${label}  ${tags.map((tag) => tag.slice('pii/'.length)).join(', ')}`,
    );
    const incidents = model.openIncidents.map(incidentText);
    const leftRows = listOrNone(pii, panelRows);
    const rightRows = listOrNone(incidents, panelRows);
    const heading = `${this.#rule(`ASSETS WITH PII NOW: ${pii.length}`, left)}  ${this.#rule(`OPEN INCIDENTS: ${incidents.length}`, right)}`;
    const rows = Array.from(
      { length: panelRows },
      (_, index) =>
        `${this.#style('yellow', pad(` ${leftRows[index] ?? ''}`, left))}  ${this.#style('red', pad(` ${rightRows[index] ?? ''}`, right))}`,
    );
    return [heading, ...rows];
  }

  #search(): readonly string[] {
    const { model, width } = this.#options;
    return [this.#rule(searchText(model), width), this.#style('cyan', fit(` ${namesFound(model)}`, width))];
  }

  #footer(): readonly string[] {
    const { url, tokenFile, width } = this.#options;
    const commands = tryIt(url, tokenFile).map((command) => ` ${command}`);
    const end = ' viewer.token instead of steward.token: what the viewer gets. Ctrl-C ends it.';
    return [
      this.#rule('TRY IT IN ANOTHER TERMINAL', width),
      ...commands.map((command) => fit(command, width)),
      this.#style('dim', fit(end, width)),
    ];
  }
}

/** Lines of the whole screen: exactly as many as it is high when it is at least 18 high, and none wider than it is. */
export function renderScreen(options: ScreenOptions): readonly string[] {
  return new Screen(options).lines();
}
