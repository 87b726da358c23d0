import { HubError } from '../../channels/protocol/hub-error.ts';
import { createIntakePart } from '../ingest/intake-part.ts';
import type { Clients } from '../part/clients.ts';
import type { Part } from '../part/part.ts';
import { createAccess } from '../control/access.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { type Component, inOrder, loadComponent } from './components.ts';
import type { NodeBase, NodeContext } from './node-context.ts';

/** Made when someone requests it first, and counted among the parts from then on. */
function shared<Made extends Part>(parts: Part[], make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    if (made === undefined) parts.push((made = make()));
    return made;
  };
}

/** The parts of a node and their dependencies, in start order. */
export interface NodeParts {
  readonly parts: readonly Part[];
  /** Who holds connections; undefined where no part does. */
  readonly clients: Clients | undefined;
  readonly verify: TokenVerifier;
}

/** Of a node that serves nothing for which a token is needed. */
const verifyNobody: TokenVerifier = async () =>
  Promise.reject(new HubError('not-ready', 'this node accepts no tokens'));

/** @throws HubError storage-unavailable */
export async function makeParts(chosen: ReadonlySet<Component>, base: NodeBase): Promise<NodeParts> {
  const parts: Part[] = [];
  let verify = verifyNobody;
  const clients = (): Clients | undefined => parts.find((part) => part.clients !== undefined)?.clients;
  const context: NodeContext = {
    ...base,
    access: shared(parts, () => {
      const access = createAccess(base);
      ({ verify } = access);
      return access;
    }),
    intake: shared(parts, () => createIntakePart(base)),
    clients,
    features: () => parts.flatMap(({ feature }) => feature ?? []),
  };
  for (const name of inOrder(chosen)) {
    const make = await loadComponent(name);
    parts.push(await make(context));
  }
  return { parts, clients: clients(), verify };
}
