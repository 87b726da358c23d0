import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kept } from '../harness/kept.ts';

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const requirements = here('../../examples/python-bot/requirements.txt');
const javaClient = { group: 'io.socket', name: 'socket.io-client', version: '2.1.2' };

/** How to start a client library of somebody else. */
export interface Runtime {
  readonly command: string;
  readonly args: readonly string[];
}

async function python(): Promise<Runtime> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = await kept(`python-client-${hash}`, async (path) => {
    await run('python3', ['-m', 'venv', path]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await run(join(path, 'bin/python'), install);
  });
  return { command: join(folder, 'bin/python'), args: [here('clients/stock.py')] };
}

function pom({ group, name, version }: typeof javaClient): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>java-client</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
}

async function java(): Promise<Runtime> {
  // a runtime without a compiler cannot start a source file
  await run('javac', ['-version']);
  const folder = await kept(`java-client-${javaClient.version}`, async (path) => {
    writeFileSync(join(path, 'pom.xml'), pom(javaClient));
    const copy = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(path, 'libs')}`];
    await run('mvn', copy, { cwd: path });
  });
  const flags = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return { command: 'java', args: [...flags, '-cp', join(folder, 'libs', '*'), here('clients/StockClient.java')] };
}

async function node(): Promise<Runtime> {
  return { command: process.execPath, args: [here('clients/stock.mjs')] };
}

/** The WebSocket of pages, which Node 20 has behind a flag. */
async function bare(): Promise<Runtime> {
  const flags = 'WebSocket' in globalThis ? [] : ['--experimental-websocket', '--no-warnings'];
  return { command: process.execPath, args: [...flags, here('clients/bare.mjs')] };
}

/** Of each client library, how to start it, or why that is not possible here. */
export const runtimes: Readonly<Record<string, Runtime | Error>> = {
  'socket.io-client': await node(),
  'python-socketio': await python().catch((error: Error) => error),
  'a bare WebSocket': await bare(),
  'Java socket.io-client': await java().catch((error: Error) => error),
};

/** Java's library does not answer the end of a WebSocket: it waits until its heartbeat tells, 45 s at most. */
export const byHeartbeat: ReadonlySet<string> = new Set(['Java socket.io-client']);
