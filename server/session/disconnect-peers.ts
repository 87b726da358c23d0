import { isJsonObject } from '../../channels/event/json.ts';
import type { Clients } from '../part/clients.ts';
import type { Outbound } from '../part/outbound.ts';

/** What a node asks the others, to close a session that is theirs. */
const disconnectTopic = 'disconnect';

/** True when another node has closed the session. */
export async function disconnectElsewhere(
  { askPeers }: Pick<Outbound, 'askPeers'>,
  tenant: string,
  id: string,
): Promise<boolean> {
  const answers = await askPeers(disconnectTopic, { tenant, id });
  return answers.some((answer) => isJsonObject(answer) && answer['disconnected'] === true);
}

/** The answer of a node without clients, too: it has closed nothing. */
export function answerPeer(clients: Pick<Clients, 'disconnect'> | undefined, topic: string, payload: unknown): object {
  const { tenant, id } = isJsonObject(payload) ? payload : {};
  const isKnown = topic === disconnectTopic && typeof tenant === 'string' && typeof id === 'string';
  return { disconnected: isKnown && clients?.disconnect(tenant, id) === true };
}
