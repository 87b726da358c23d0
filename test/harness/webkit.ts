import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { freePort } from '../../deploy/services/process.mjs';
import type { BrowserPage } from './browser-page.ts';
import { eventually } from './eventually.ts';
import { scratchFolder } from './hub-process.ts';

const libraries = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
/** The browser that WebKitGTK brings with it. */
const browser = process.env['PURSIGHT_TEST_WEBKIT'] ?? `/usr/lib/${libraries}/webkit2gtk-4.1/MiniBrowser`;
const driver = '/usr/bin/WebKitWebDriver';
const display = '/usr/bin/Xvfb';
const absent = [browser, driver, display].filter((path) => !existsSync(path));

/** Why there is no WebKit to test with; undefined when there is one. With `CI=true` a test must have one. */
export const webkitMissing: string | undefined =
  absent.length === 0
    ? undefined
    : `no ${absent.join(', ')} (npm run services -- up --install, or set PURSIGHT_TEST_WEBKIT)`;

/** A WebKitGTK with a page on a screen of its own, driven by WebDriver. */
export async function launchWebkit(): Promise<BrowserPage> {
  const home = scratchFolder();
  const screen = spawn(display, ['-displayfd', '1', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const children: ChildProcess[] = [screen];
  const end = async (): Promise<void> => {
    for (const child of children.toReversed()) await killed(child);
    home.remove();
  };
  try {
    const [number] = (await once(screen.stdout, 'data')) as [Buffer];
    const port = await freePort();
    children.push(startDriver(port, number.toString().trim(), home.path));
    return await openPage(`http://127.0.0.1:${port}`, end);
  } catch (error) {
    await end();
    throw error;
  }
}

function startDriver(port: number, screen: string, home: string): ChildProcess {
  const own = { DISPLAY: `:${screen}`, HOME: home, XDG_RUNTIME_DIR: home, LIBGL_ALWAYS_SOFTWARE: '1' };
  // its sandbox cannot be had by root and in containers; the pages are those of the test
  const environment = { ...process.env, ...own, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
  return spawn(driver, [`--port=${port}`], { env: environment, stdio: 'ignore' });
}

async function openPage(url: string, end: () => Promise<void>): Promise<BrowserPage> {
  await eventually(async () => fetch(`${url}/status`), { timeoutMs: 20_000 });
  const options = { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } };
  const { sessionId } = await command<{ readonly sessionId: string }>(`${url}/session`, {
    capabilities: { alwaysMatch: options },
  });
  const session = `${url}/session/${sessionId}`;
  return {
    async goto(address) {
      await command(`${session}/url`, { url: address });
    },
    async evaluate(expression) {
      const script = `const done = arguments[0];
        Promise.resolve(${expression}).then((value) => done(JSON.stringify(value ?? null)));`;
      return JSON.parse(await command<string>(`${session}/execute/async`, { script, args: [] })) as unknown;
    },
    async close() {
      // ends the browser, which is not a child of this process
      await fetch(session, { method: 'DELETE' }).catch(() => undefined);
      await end();
    },
  };
}

async function command<Value>(url: string, body: object): Promise<Value> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const { value } = (await response.json()) as { readonly value: Value };
  if (!response.ok) throw new Error(`${url}: ${JSON.stringify(value)}`);
  return value;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}
