import type { Browser, BrowserContext, Page } from 'playwright-core';
import { mintSignInCode } from '../../server/dashboard/sign-in.ts';
import { testSecrets } from './hub-process.ts';

/** A link that signs in once at a hub of a test. */
export function signInLink(url: string, role: string, tenant = 'demo'): string {
  const code = mintSignInCode({ jwtSecret: testSecrets.jwt, issuer: 'pursight', tenant });
  return `${url}/#code=${code}&role=${role}`;
}

/** The dashboard in a browser of its own, and everything that went wrong in it. */
export interface DashboardPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, exceptions, violations of the content security policy. */
  readonly faults: string[];
}

export interface DashboardPageOptions {
  readonly role: string;
  readonly theme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Signs in as somebody. Requests that the hub refuses are not faults of the page. */
export async function openDashboard(
  browser: Browser,
  url: string,
  { role, theme = 'light', viewport = { width: 1440, height: 900 } }: DashboardPageOptions,
): Promise<DashboardPage> {
  const context = await browser.newContext({ viewport, colorScheme: theme });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isRefusal) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    console.error('csp ' + event.violatedDirective + ' ' + event.blockedURI))`);
  await page.goto(signInLink(url, role));
  await page.getByText('live', { exact: true }).first().waitFor();
  return { page, context, faults };
}
