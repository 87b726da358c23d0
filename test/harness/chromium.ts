import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const executablePath = process.env['PURSIGHT_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why there is no browser to test with; undefined when there is one. With `CI=true` a test must have one. */
export const chromiumMissing: string | undefined = existsSync(executablePath)
  ? undefined
  : `no Chromium at ${executablePath}; install one or set PURSIGHT_TEST_CHROMIUM`;

/** A headless Chromium that talks to nobody but the pages of the test. */
export async function launchChromium(): Promise<Browser> {
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
}
