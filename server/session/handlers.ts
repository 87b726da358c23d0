import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Ack, SubscribedResult } from '../../channels/protocol/up.ts';
import { authenticateSchema, parseUp, subscribeSchema, unsubscribeSchema } from '../../channels/protocol/up-schema.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { TokenVerifier } from '../security/token-verifier.ts';
import type { Session } from './session.ts';

export interface HandlerContext {
  readonly verify: TokenVerifier;
  readonly classOf: (principal: Principal) => PolicyClass;
}

/** Runs after the answer was written: `live` must follow it. */
type After = () => void;
type Outcome = { readonly result: object; readonly after?: After };
type Handler = (session: Session, payload: unknown, context: HandlerContext) => Outcome | Promise<Outcome>;

const nothing: Outcome = { result: {} };

function subscribe(session: Session, payload: unknown): Outcome {
  const request = parseUp(subscribeSchema, payload);
  const room = session.subscribe(request);
  const result: SubscribedResult = { id: request.id, room: room.name };
  // the connection joined in this turn, so every event published from now on reaches it, after this
  return { result, after: () => session.send('live', { id: request.id }) };
}

function unsubscribe(session: Session, payload: unknown): Outcome {
  session.unsubscribe(parseUp(unsubscribeSchema, payload).id);
  return nothing;
}

async function authenticate(session: Session, payload: unknown, context: HandlerContext): Promise<Outcome> {
  const { token } = parseUp(authenticateSchema, payload);
  const principal = await context.verify(token);
  session.renew(principal, context.classOf(principal));
  return { result: { expiresAt: new Date(principal.expiresAtMs).toISOString() } };
}

const handlers: Readonly<Record<string, Handler>> = { subscribe, unsubscribe, authenticate };

/** Answers one message of a client. Never throws: what is wrong goes into the answer, or into a notice when none was asked for. */
export async function handleMessage(
  session: Session,
  event: string,
  payload: unknown,
  answer: ((ack: Ack) => void) | undefined,
  context: HandlerContext,
): Promise<HubError | undefined> {
  try {
    session.countMessage();
    const handler = Object.hasOwn(handlers, event) ? handlers[event] : undefined;
    if (handler === undefined)
      throw new HubError('invalid-request', `event: this hub knows ${Object.keys(handlers).join(', ')}`);
    const pending = handler(session, payload, context);
    const outcome = pending instanceof Promise ? await pending : pending;
    answer?.({ ok: true, ...outcome.result });
    outcome.after?.();
    return undefined;
  } catch (thrown) {
    const error = HubError.from(thrown);
    if (answer === undefined) session.send('notice', { code: error.code, message: error.message });
    else answer({ ok: false, error: error.toWire() });
    return error;
  }
}
