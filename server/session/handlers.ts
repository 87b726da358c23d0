import { HubError } from '../../channels/protocol/hub-error.ts';

import { authenticateSchema, parseUp, subscribeSchema, unsubscribeSchema } from '../../channels/protocol/up-schema.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { Session } from './session.ts';
import type { Answer, FeatureHandler, SessionFeature } from '../part/session-feature.ts';

export interface HandlerContext {
  readonly verify: TokenVerifier;
  readonly classOf: (principal: Principal) => PolicyClass;
  /** Charges one message to all that the principal may send. @throws HubError rate-limited */
  readonly countMessage: (principal: Principal) => void;
  /** What other parts of the node add to sessions. */
  readonly features: () => readonly SessionFeature[];
}

type Handler = (session: Session, payload: unknown, answer: Answer, context: HandlerContext) => void | Promise<void>;

async function subscribe(session: Session, payload: unknown, answer: Answer): Promise<void> {
  const request = parseUp(subscribeSchema, payload);
  let announced = false;
  try {
    await session.subscribe(request, undefined, (result) => {
      announced = true;
      answer({ ok: true, ...result });
    });
  } catch (error) {
    if (!announced) throw error;
    session.send('ended', { id: request.id, error: HubError.from(error).toWire() });
  }
}

function unsubscribe(session: Session, payload: unknown, answer: Answer): void {
  session.unsubscribe(parseUp(unsubscribeSchema, payload).id);
  answer({ ok: true });
}

async function authenticate(
  session: Session,
  payload: unknown,
  answer: Answer,
  context: HandlerContext,
): Promise<void> {
  const { token } = parseUp(authenticateSchema, payload);
  const principal = await context.verify(token);
  await session.renew(principal, context.classOf(principal));
  const result = { expiresAt: new Date(principal.expiresAtMs).toISOString() };
  answer({ ok: true, ...result });
}

const handlers: Readonly<Record<string, Handler>> = { subscribe, unsubscribe, authenticate };

/** @throws HubError invalid-request for an event that this hub does not know */
function featureHandler(event: string, { features }: HandlerContext): FeatureHandler | undefined {
  const all = features().map(({ messages }) => messages);
  const found = all.find((messages) => Object.hasOwn(messages, event))?.[event];
  if (found !== undefined) return found;
  const known = [handlers, ...all].flatMap((each) => Object.keys(each));
  throw new HubError('invalid-request', `event: this hub supports ${known.join(', ')}`);
}

/** Answers one message of a client. Never throws: what is wrong goes into the answer, or into a notice when none was asked for. */
export async function handleMessage(
  session: Session,
  event: string,
  payload: unknown,
  answer: Answer | undefined,
  context: HandlerContext,
): Promise<HubError | undefined> {
  try {
    session.countMessage();
    context.countMessage(session.principal);
    const handler = Object.hasOwn(handlers, event) ? handlers[event] : featureHandler(event, context);
    await handler?.(session, payload, answer ?? ignored, context);
    return undefined;
  } catch (thrown) {
    const error = HubError.from(thrown);
    if (answer === undefined) session.send('notice', { code: error.code, message: error.message });
    else answer({ ok: false, error: error.toWire() });
    return error;
  }
}

/** A client that asked for no answer gets none. */
function ignored(): void {}
