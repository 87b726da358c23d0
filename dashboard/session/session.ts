import { createHub, type Hub } from '@pursight/client';
import { isRecord, type JsonRecord, textOf, textsOf } from '../ui/json.ts';
import { RefusedError, SessionRequests } from './session-requests.ts';
import { keepRole } from './chosen-role.ts';

/** Who is signed in, as the hub said. */
export interface Who {
  readonly sub: string;
  readonly tenant: string;
  readonly role: string;
  /** Roles between which a developer may switch; empty elsewhere. */
  readonly roles: readonly string[];
}

export type SessionState =
  | { readonly status: 'starting' }
  | { readonly status: 'out'; readonly how: 'development' | 'token'; readonly problem: string | undefined }
  | { readonly status: 'in'; readonly who: Who; readonly hub: Hub };

/** A token is replaced this long before it expires: earlier than the client library asks for another. */
const marginMs = 90_000;

interface Held {
  readonly token: string;
  readonly untilMs: number;
}

/**
 * Who uses the page. Tokens are in this object only: never in a storage of the browser, in an address or in the document.
 */
export class Session {
  readonly #base: URL;
  readonly #listeners = new Set<() => void>();
  readonly #requests: SessionRequests;
  readonly #windows: BroadcastChannel | undefined =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('pursight.session');
  #state: SessionState = { status: 'starting' };
  #held: Held | undefined;
  #role: string | undefined;
  #pasted = false;
  /** Grows with every sign-in, switch and sign-out: an answer to what was asked before counts no more. */
  #turn = 0;

  constructor(base: URL) {
    this.#base = base;
    this.#requests = new SessionRequests(base);
    if (this.#windows !== undefined)
      this.#windows.onmessage = () => {
        if (!this.#pasted && this.#state.status === 'in') this.#refused();
      };
  }

  readonly getSnapshot = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** With a code of a link, or with the cookie that an earlier code has given. */
  async start(code: string | undefined, role: string | undefined): Promise<void> {
    this.#role = role;
    const turn = (this.#turn += 1);
    let how: 'development' | 'token' = 'token';
    try {
      how = await this.#requests.how();
      if (turn !== this.#turn) return;
      if (how === 'token') return this.#become({ status: 'out', how, problem: undefined });
      const answer = await (code === undefined ? this.#requests.token(role) : this.#requests.begin(code, role));
      if (turn === this.#turn) this.#enter(answer);
    } catch (error) {
      if (turn !== this.#turn) return;
      // the policy may have lost the role since this window was used
      if (isRefused(error, 400) && role !== undefined) return this.start(code, undefined);
      const isExpected = code === undefined && isRefused(error, 401);
      this.#become({ status: 'out', how, problem: isExpected ? undefined : messageOf(error) });
    }
  }

  /** With a token from elsewhere; it is kept until the page goes. */
  async usePasted(token: string): Promise<void> {
    const claims = claimsOf(token);
    this.#pasted = true;
    this.#held = { token, untilMs: Number.POSITIVE_INFINITY };
    const roles = textsOf(claims['roles']);
    this.#open({ sub: textOf(claims['sub']), tenant: textOf(claims['tenant']), role: roles.join(', '), roles: [] });
  }

  /** Another role of the same person. Everything of the role before is gone from the page. */
  async switchTo(role: string): Promise<void> {
    this.#role = role;
    this.#close();
    this.#become({ status: 'starting' });
    await this.start(undefined, role);
  }

  async signOut(): Promise<void> {
    this.#close();
    const [how, wasPasted] = [this.#how, this.#pasted];
    this.#pasted = false;
    this.#become({ status: 'out', how, problem: undefined });
    if (wasPasted) return;
    // the other windows of the same sign-in have nothing to wait for
    this.#windows?.postMessage('signed out');
    await this.#requests.end().catch(() => undefined);
  }

  get #how(): 'development' | 'token' {
    return this.#pasted ? 'token' : 'development';
  }

  #hold(answer: JsonRecord): string {
    const token = textOf(answer['token']);
    this.#held = { token, untilMs: Date.now() + Number(answer['expiresInMs']) };
    return token;
  }

  #enter(answer: JsonRecord): void {
    this.#hold(answer);
    const roles = textsOf(answer['roles']);
    this.#role = textOf(answer['role']);
    keepRole(this.#role);
    this.#open({ sub: textOf(answer['sub']), tenant: textOf(answer['tenant']), role: this.#role, roles });
  }

  #open(who: Who): void {
    const hub = createHub({ url: this.#base.href, token: () => this.#token(), client: 'dashboard' });
    hub.on('status', (status) => {
      if (status === 'closed' && this.#state.status === 'in' && this.#state.hub === hub) this.#refused();
    });
    this.#become({ status: 'in', who, hub });
  }

  /** The hub does not take the token any more: nothing of what was seen with it stays. */
  #refused(): void {
    this.#close();
    this.#become({ status: 'out', how: this.#how, problem: 'The hub no longer accepts this sign-in.' });
  }

  async #token(): Promise<string> {
    const held = this.#held;
    if (held !== undefined && held.untilMs - marginMs > Date.now()) return held.token;
    const turn = this.#turn;
    try {
      const answer = await this.#requests.token(this.#role);
      // kept, it would be the token of the role that was left
      return turn === this.#turn ? this.#hold(answer) : textOf(answer['token']);
    } catch (error) {
      if (turn === this.#turn && isRefused(error, 401)) this.#refused();
      throw error;
    }
  }

  #close(): void {
    this.#turn += 1;
    this.#held = undefined;
    if (this.#state.status === 'in') this.#state.hub.close();
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function isRefused(error: unknown, status: number): boolean {
  return error instanceof RefusedError && error.status === status;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a token says of itself; the hub alone decides whether it is true. */
function claimsOf(token: string): JsonRecord {
  try {
    const part = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(
      atob(part.replaceAll('-', '+').replaceAll('_', '/')),
      (char) => char.codePointAt(0) ?? 0,
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : {};
  } catch {
    return {};
  }
}
