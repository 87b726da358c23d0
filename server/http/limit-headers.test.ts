import { expect, it } from 'vitest';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { type ErrorCode, errorCodes, isErrorCode } from '../../channels/protocol/error-code.ts';
import { errorResponse } from '../transport/error-response.ts';
import { limitHeaders } from './limit-headers.ts';

it('L14: budgets are written as structured fields: those in progress, and those in a time', () => {
  const inProgress = { name: 'requests', quota: 8, remaining: 7 };
  const inTime = { name: 'epochs', quota: 1, windowSeconds: 10, remaining: 0, resetSeconds: 10 };
  expect(limitHeaders([inProgress])).toEqual({
    'ratelimit-policy': '"requests";q=8;qu="concurrent-requests"',
    ratelimit: '"requests";r=7',
  });
  expect(limitHeaders([inProgress, inTime])).toEqual({
    'ratelimit-policy': '"requests";q=8;qu="concurrent-requests", "epochs";q=1;w=10',
    ratelimit: '"requests";r=7, "epochs";r=0;t=10',
  });
});

it.each(Object.keys(errorCodes).filter(isErrorCode))(
  'L14: a refusal with %s says when to come back if it is 429 or 503',
  (code: ErrorCode) => {
    const { status, headers } = errorResponse(new HubError(code, 'no'));
    const isPassing = status === 429 || status === 503;
    expect(headers?.['retry-after']).toBe(isPassing ? '1' : undefined);
    expect(errorResponse(new HubError(code, 'no', { retryAfterMs: 2400 })).headers?.['retry-after']).toBe('3');
  },
);
