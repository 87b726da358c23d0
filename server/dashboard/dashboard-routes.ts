import { HubError } from '../../channels/protocol/hub-error.ts';
import { ownResponse } from '../http/answers.ts';
import { forBrowsers } from '../http/contract.ts';
import { type Call, type Route, route } from '../http/route.ts';
import type { HttpResponse } from '../transport/http.ts';
import { encodingFor, type Ui, type UiFile } from './ui-files.ts';

/** Paths of the page; which screen it shows is decided in the browser. */
export const screenPaths = [
  '/',
  '/assets',
  '/assets/*urn',
  '/concepts',
  '/concepts/*concept',
  '/live',
  '/inbox',
  '/ops',
  '/ops/*part',
  '/views/*id',
  '/api',
  '/settings',
] as const;

/**
 * Scripts, styles and connections of this origin only, nothing inline, nothing evaluated, no frame around it. `style=` set by
 * script is allowed by CSP itself.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const guards = {
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;
const pageHeaders = {
  ...guards,
  'content-security-policy': policy,
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
  'cache-control': 'no-store',
} as const;
const fileHeaders = { ...guards, 'cache-control': 'public, max-age=31536000, immutable' } as const;

function respond({ http }: Call, file: UiFile, headers: Readonly<Record<string, string>>): HttpResponse {
  const all = { ...headers, 'content-type': file.type, etag: file.etag, vary: 'accept-encoding' };
  if (http.headers['if-none-match'] === file.etag) return { status: 304, headers: all };
  const encoding = encodingFor(http.headers['accept-encoding'] ?? '', file);
  const body = file.bytes[encoding] ?? file.bytes.identity;
  return { status: 200, headers: encoding === 'identity' ? all : { ...all, 'content-encoding': encoding }, body };
}

/** The page of the dashboard on the paths of its screens, and its files. */
export function dashboardRoutes({ page, files }: Ui): readonly Route[] {
  const file = (call: Call): HttpResponse => {
    const found = files.get(call.params['file'] ?? '');
    if (found === undefined) throw new HubError('not-found', 'no such file of the dashboard');
    return respond(call, found, fileHeaders);
  };
  const common = { method: 'GET', access: 'public', contract: forBrowsers, answer: ownResponse() } as const;
  return [
    ...screenPaths.map((path) => route({ ...common, path, handle: (call) => respond(call, page, pageHeaders) })),
    route({ ...common, path: '/_ui/:file', handle: file }),
  ];
}
