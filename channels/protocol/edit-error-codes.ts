import type { ErrorCodeEntry } from './error-code-entry.ts';

/** Codes of requests that change something others may change, too: part of the closed list in error-code.ts. */
export const editErrorCodes = {
  'already-exists': {
    status: 409,
    retryable: false,
    meaning: 'There is an entity with this id, or this edge or definition, already.',
    fix: 'Change the one that is there, or choose another id.',
  },
  'precondition-failed': {
    status: 412,
    retryable: false,
    meaning: 'What you know of it is not how it is any more: If-Match names another state, or a patch tests for one.',
    fix: 'Read it again, apply your change to what it is now, and send it with the new ETag.',
  },
  'precondition-required': {
    status: 428,
    retryable: false,
    meaning: 'The request replaces or deletes the whole and does not say what it has seen.',
    fix: 'Send If-Match with the ETag of the last answer.',
  },
  'job-conflict': {
    status: 409,
    retryable: false,
    meaning: 'The import or export is not in a state in which that can be done.',
    fix: 'Read the job: wait until it is planned or done, or begin another one.',
  },
  'idempotency-mismatch': {
    status: 422,
    retryable: false,
    meaning: 'The Idempotency-Key was used for another request.',
    fix: 'Use a new key for each request, and the same one only to repeat it unchanged.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
