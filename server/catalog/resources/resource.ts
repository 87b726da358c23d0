import type { DocumentKind } from '../../../channels/event/head.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { EditBody, Edited, Guard, Removed } from './command-run.ts';
import type { ResourceBodies, ResourceContracts } from './resource-contracts.ts';

/** What people may do to entities of one kind. */
export interface ResourceCommands {
  edit(principal: Principal, written: string, request: EditRequest): Promise<Edited>;
  create(principal: Principal, body: JsonObject, guard: Guard): Promise<Edited>;
  remove(principal: Principal, written: string, guard: Guard): Promise<Removed>;
}

export interface EditRequest {
  readonly body: EditBody;
  readonly guard: Guard;
  /** `replaces`: the body is all that people say. */
  readonly mode: { readonly replaces: boolean };
}

/** One kind of entity as the HTTP API has it: at `/v1/<kind>s`. */
export interface Resource {
  readonly kind: DocumentKind;
  readonly contracts: ResourceContracts;
  /** undefined: it is only read. */
  readonly edits?: { readonly commands: ResourceCommands; readonly bodies: ResourceBodies };
}
