import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../deploy/services/process.mjs';
import { type HubProcess, startHubProcess } from '../hub-process.ts';

export interface ChaosNodeOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly file: object;
  readonly environment: Readonly<Record<string, string>>;
}

const retryMs = 300;
const maxWarnings = 60;
/** Who reads what, and what waits. */
const toldMetrics = /^pursight_(connector|outbox|journal)_/;

/** One line for each, without stacks. */
function warningsOf(log: string): readonly string[] {
  return log.split('\n').flatMap((line) => {
    const found = /^\{"level":[456]0,"time":(\d+)/.exec(line);
    if (found === null) return [];
    const { time, node: _node, level: _level, msg, error, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const why = (error as { readonly message?: string } | undefined)?.message ?? '';
    return [`${new Date(Number(time)).toISOString().slice(11, 23)} ${String(msg)} ${why} ${JSON.stringify(fields)}`];
  });
}

/** One hub of the cluster and whoever restarts it when it is gone. Keeps its port. */
export class ChaosNode {
  readonly name: string;
  readonly port: number;
  /** What it said when it ended although nobody had ended it. */
  readonly crashes: string[] = [];
  readonly #options: ChaosNodeOptions;
  #hub: HubProcess | undefined;
  #failure = '';
  #said = '';
  #frozenAtMs: number | undefined;
  #expectsEnd = false;
  #isDisposed = false;

  constructor(options: ChaosNodeOptions, port: number) {
    this.#options = options;
    this.name = options.name;
    this.port = port;
  }

  static async create(options: ChaosNodeOptions): Promise<ChaosNode> {
    return new ChaosNode(options, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What a load balancer thinks, which looks every now and then: a node that is frozen is taken out after some time. */
  get isInService(): boolean {
    if (this.#hub === undefined || this.#expectsEnd) return false;
    return this.#frozenAtMs === undefined || performance.now() - this.#frozenAtMs < 2000;
  }

  /** Resolves when it is ready, however often it had to be started for that. */
  async start(): Promise<void> {
    const { name, dataDir, file, environment } = this.#options;
    const own = { PURSIGHT_NODE: name, PURSIGHT_PORT: String(this.port) };
    while (!this.#isDisposed) {
      try {
        this.#expectsEnd = false;
        this.#hub = await startHubProcess({ dataDir, file, environment: { ...environment, ...own } });
        void this.#watch(this.#hub);
        return;
      } catch (error) {
        // what it stands on is away just now
        this.#failure = String(error);
        await pause(retryMs);
      }
    }
  }

  async kill(downMs: number): Promise<void> {
    await this.#end('SIGKILL');
    await pause(downMs);
    await this.start();
  }

  /** As an operator replaces a node. */
  async drain(downMs: number): Promise<void> {
    await this.#end('SIGTERM');
    await pause(downMs);
    await this.start();
  }

  async freeze(ms: number): Promise<void> {
    const pid = this.#hub?.pid;
    if (pid === undefined || this.#expectsEnd) return;
    this.#frozenAtMs = performance.now();
    process.kill(pid, 'SIGSTOP');
    await pause(ms);
    process.kill(pid, 'SIGCONT');
    this.#frozenAtMs = undefined;
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#end('SIGTERM', 15_000);
  }

  /** Whether it runs, and the end of what it said. */
  get state(): string {
    const said = this.#hub?.log() ?? this.#failure;
    return `${this.name} ${this.#hub === undefined ? 'is down' : 'runs'}: ${said.slice(-1000)}`;
  }

  /** What it says of itself now, and what it has warned of in all its lives. */
  async account(): Promise<string> {
    const ask = (path: string): Promise<string> =>
      fetch(this.url + path, { signal: AbortSignal.timeout(3000) }).then(
        (response) => response.text(),
        (error: unknown) => String(error),
      );
    const [ready, metrics] = await Promise.all([ask('/readyz'), ask('/metrics')]);
    const told = metrics.split('\n').filter((line) => toldMetrics.test(line));
    return [`${this.name}: ${ready}`, ...told, ...warningsOf(this.log).slice(-maxWarnings)].join('\n  ');
  }

  /** Everything that it said, in all its lives. */
  get log(): string {
    return this.#said + (this.#hub?.log() ?? '');
  }

  async #end(signal: NodeJS.Signals, patienceMs = 40_000): Promise<void> {
    const hub = this.#hub;
    if (hub === undefined) return;
    this.#expectsEnd = true;
    const timer = setTimeout(() => void hub.stop('SIGKILL'), patienceMs);
    const code = await hub.stop(signal);
    clearTimeout(timer);
    this.#said += hub.log();
    if (signal === 'SIGTERM' && code !== 0) this.crashes.push(`${this.name} ended with ${code} when asked to stop`);
    this.#hub = undefined;
  }

  async #watch(hub: HubProcess): Promise<void> {
    const code = await hub.exited;
    if (this.#expectsEnd || this.#hub !== hub) return;
    this.#said += hub.log();
    this.crashes.push(`${this.name} ended with ${code}: ${hub.log().slice(-2000)}`);
    this.#hub = undefined;
    await this.start();
  }
}
