import type { Hub } from '@pursight/client';
import { type JsonRecord, recordOf } from '../ui/json.ts';
import type { Form } from './form.ts';

/** Something that people edit: where the hub has it, and what of it is in a form. */
export interface Resource {
  readonly path: string;
  /** Its member in answers to a change. */
  readonly member: string;
  readonly formOf: (document: JsonRecord) => Form;
  /** The part of the document that is edited. @default all of it */
  readonly partOf?: (document: JsonRecord) => JsonRecord;
  /** The patch of the document that a patch of the part is. */
  readonly wrap?: (patch: JsonRecord) => JsonRecord;
  /** What people say lies over what sources say. */
  readonly isLayered: boolean;
}

/** A part as the hub has it, and the tag of the document. */
export interface Held {
  readonly form: Form;
  readonly etag: string;
  readonly document: JsonRecord;
}

/** The requests of an edit. */
export interface ResourceRequests {
  readonly isLayered: boolean;
  readonly read: () => Promise<Held>;
  /** @throws HubClientError precondition-failed if the document is not what the tag stands for */
  readonly patch: (patch: JsonRecord, etag: string) => Promise<Form>;
}

export function resourceRequests(hub: Hub, resource: Resource): ResourceRequests {
  const { path, member, formOf, isLayered, partOf = (document) => document, wrap = (patch) => patch } = resource;
  return {
    isLayered,
    read: async () => {
      const { body, etag = '' } = await hub.get(path);
      const document = partOf(body);
      return { form: formOf(document), etag, document };
    },
    patch: async (patch, etag) => {
      const { body } = await hub.patch(path, wrap(patch), { ifMatch: etag });
      return formOf(partOf(recordOf(body[member])));
    },
  };
}
