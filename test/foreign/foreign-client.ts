import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../harness/eventually.ts';
import type { Runtime } from './runtimes.ts';

/** What a client said: an event of the hub, or something of its library. */
export interface Said {
  readonly name: string;
  readonly data?: unknown;
}

/** A client library in a process of its own. */
export interface ForeignClient {
  readonly said: readonly Said[];
  count(name: string): number;
  /** Resolves when the text has come as part of an event. */
  got(text: string): Promise<void>;
  stop(): void;
}

const patient = { timeoutMs: 40_000, everyMs: 50 };

export function startForeignClient(
  { command, args }: Runtime,
  environment: Readonly<Record<string, string>>,
): ForeignClient {
  const child: ChildProcess = spawn(command, [...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const said = (): readonly Said[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Said);
  return {
    get said() {
      return said();
    },
    count: (name) => said().filter((each) => each.name === name).length,
    got: (text) =>
      eventually(() => {
        const events = said().filter(({ name }) => name === 'events' || name === 'replay');
        if (!JSON.stringify(events).includes(text)) throw new Error(`${text} has not come: ${out.slice(-1500)} ${err}`);
      }, patient),
    stop: () => void child.kill('SIGKILL'),
  };
}

/** Where clients get their tokens, each a new one. */
export interface TokenServer {
  readonly url: string;
  readonly given: number;
  close(): void;
}

export async function startTokenServer(make: () => string): Promise<TokenServer> {
  let given = 0;
  const server = createServer((_request, response) => {
    given += 1;
    response.end(make());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get given() {
      return given;
    },
    close: () => void server.close(),
  };
}
