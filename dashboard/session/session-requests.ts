import { isRecord, type JsonRecord, textOf } from '../ui/json.ts';

/** The hub refused a request about the session. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The requests by which a page gets its tokens. The session itself is a cookie that no script can read. */
export class SessionRequests {
  readonly #base: URL;

  /** @param base address of the hub, with a slash at its end */
  constructor(base: URL) {
    this.#base = base;
  }

  /** Whether this page can be signed in by a link, or needs a token from elsewhere. */
  async how(): Promise<'development' | 'token'> {
    const { signIn } = await this.#send('GET', '');
    return signIn === 'development' ? 'development' : 'token';
  }

  /** Takes the code of a link. @throws RefusedError */
  begin(code: string, role: string | undefined): Promise<JsonRecord> {
    return this.#send('POST', '', role === undefined ? { code } : { code, role });
  }

  /** A token for a role, of the session that a code has given. @throws RefusedError */
  token(role: string | undefined): Promise<JsonRecord> {
    return this.#send('POST', '/token', role === undefined ? {} : { role });
  }

  async end(): Promise<void> {
    await this.#send('DELETE', '');
  }

  async #send(method: string, path: string, body?: object): Promise<JsonRecord> {
    const response = await fetch(new URL(`v1/session${path}`, this.#base), {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    if (!isRecord(answer)) throw new RefusedError(response.status, 'the answer is not that of a hub');
    if (!response.ok) throw new RefusedError(response.status, textOf(answer['detail']));
    return answer;
  }
}
