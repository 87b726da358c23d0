import { HubError } from '../protocol/hub-error.ts';

/** Names a place of a patch by its pointer. */
export function invalidPatch(path: string, problem: string): HubError {
  return new HubError('invalid-request', `${path === '' ? 'body' : path}: ${problem}`, { publicDetails: { path } });
}

/** @throws HubError invalid-request for one that is too long */
export function bounded(value: string, path: string, maxLength: number): string {
  if (value.length > maxLength) throw invalidPatch(path, `must have at most ${maxLength} characters`);
  return value;
}

/** A name or id, as sources may give one: something to be seen in it, and nothing that cannot. @throws HubError invalid-request */
export function printable(value: string, path: string): string {
  if (value.trim() === '' || /\p{Cc}/u.test(value))
    throw invalidPatch(path, 'must have a character that can be seen, and no control characters');
  return value;
}
