import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserPage } from './browser-page.ts';
import { scratchFolder } from './hub-process.ts';
import { openRawSocket, type RawSocket } from './raw-socket.ts';

const executablePath = process.env['PURSIGHT_TEST_FIREFOX'] ?? '/usr/bin/firefox-esr';
const startTimeoutMs = 60_000;

/** Why there is no Firefox to test with; undefined when there is one. With `CI=true` a test must have one. */
export const firefoxMissing: string | undefined = existsSync(executablePath)
  ? undefined
  : `no Firefox at ${executablePath} (npm run services -- up --install, or set PURSIGHT_TEST_FIREFOX)`;

/** Talks to nobody but the pages of the test. */
const quiet = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};

/** A headless Firefox with a page, driven by WebDriver BiDi, which is JSON over a WebSocket of its own. */
export async function launchFirefox(): Promise<BrowserPage> {
  const profile = scratchFolder();
  const preferences = Object.entries(quiet).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  writeFileSync(join(profile.path, 'user.js'), preferences.join('\n'));
  const child = spawn(
    executablePath,
    ['--headless', '--no-remote', '--profile', profile.path, '--remote-debugging-port=0', 'about:blank'],
    // without a home of its own it would write into that of the user
    {
      env: { ...process.env, HOME: profile.path, MOZ_CRASHREPORTER_DISABLE: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(child, 'close');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    profile.remove();
  };
  try {
    const bidi = new Bidi(await openRawSocket(await addressIn(child.stderr), { path: '/session' }));
    await bidi.call('session.new', { capabilities: {} });
    const { contexts } = await bidi.call<{ readonly contexts: readonly { readonly context: string }[] }>(
      'browsingContext.getTree',
      {},
    );
    return pageOf(bidi, contexts[0]?.context ?? '', end);
  } catch (error) {
    await end();
    throw error;
  }
}

function pageOf(bidi: Bidi, context: string, end: () => Promise<void>): BrowserPage {
  return {
    async goto(url) {
      await bidi.call('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    async evaluate(expression) {
      const asked = `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`;
      const answer = await bidi.call<{ readonly result?: { readonly value: string } }>('script.evaluate', {
        ...{ expression: asked, target: { context }, awaitPromise: true },
      });
      if (answer.result === undefined) throw new Error(JSON.stringify(answer));
      return JSON.parse(answer.result.value) as unknown;
    },
    close: end,
  };
}

/** Where it listens, which it says when it does. */
function addressIn(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`Firefox did not start in time:\n${said}`)), startTimeoutMs);
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    stderr.on('close', () => reject(new Error(`Firefox ended:\n${said}`)));
  });
}

class Bidi {
  readonly #socket: RawSocket;
  #lastId = 0;

  constructor(socket: RawSocket) {
    this.#socket = socket;
  }

  async call<Result>(method: string, params: object): Promise<Result> {
    const id = ++this.#lastId;
    const from = this.#socket.messages.length;
    this.#socket.send(JSON.stringify({ id, method, params }));
    const isAnswer = (message: string): boolean => (JSON.parse(message) as { readonly id?: number }).id === id;
    const answer = JSON.parse(await this.#socket.until(isAnswer, { from, timeoutMs: startTimeoutMs })) as {
      readonly type: string;
      readonly result: Result;
    };
    if (answer.type !== 'success') throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer.result;
  }
}
