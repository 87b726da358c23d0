import { z } from 'zod';
import { errorCodes, isErrorCode } from '../../channels/protocol/error-code.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { problemPath } from '../../channels/protocol/problem.ts';
import type { HttpResponse } from '../transport/http.ts';
import { ownResponse } from './answers.ts';
import type { RouteContract } from './contract.ts';
import { type Call, type Route, route } from './route.ts';

/** The texts are constants of the hub: nothing of the request is in the page. */
function page({ params }: Call): HttpResponse {
  const code = params['code'] ?? '';
  if (!isErrorCode(code)) throw new HubError('not-found', 'code: no such error code');
  const { status, retryable, meaning, fix } = errorCodes[code];
  const lines = [`<h1>${code}</h1>`, `<p>${meaning}</p>`, `<p>${fix}</p>`];
  const facts = `<p>HTTP status ${status}; ${retryable ? 'the same request may succeed later' : 'a retry alone does not help'}.</p>`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'public, max-age=3600',
    },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${code}</title></head><body>${lines.join('')}${facts}</body></html>`,
  };
}

const contract: RouteContract<`${typeof problemPath}:code`> = {
  ...{ id: 'getErrorPage', group: 'Contracts', summary: 'What an error code means and what to do, for people' },
  params: { code: { about: 'One of the closed list.', example: 'rate-limited' } },
  errors: ['not-found'],
};
const pageAnswer = ownResponse({ status: 200, about: 'OK', content: { 'text/html': { schema: z.string() } } });

/** What the `type` of a problem leads to: what its code means and what to do, for people. */
export const errorPages: readonly Route[] = [
  route({ method: 'GET', path: `${problemPath}:code`, access: 'public', contract, answer: pageAnswer, handle: page }),
];
