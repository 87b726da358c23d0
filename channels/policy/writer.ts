import type { Head } from '../event/head.ts';
import { compileFilter, type HeadPredicate } from '../subscription/compile-filter.ts';
import { granted, grantsOf } from './grants.ts';
import { type Policy, type WriteField, writeFields } from './policy.ts';
import type { Principal } from './principal.ts';

/** What a principal may change, judged on a head. Whoever asks judges the heads before and after a change. */
export interface Writer {
  mayWrite(field: WriteField, head: Head): boolean;
  /** Take away what protects an entity: a tag, its confirmation, or its level. */
  mayDeclassify(head: Head): boolean;
  /** Fields that may be written somewhere; an entity may still be excluded. */
  readonly fields: readonly WriteField[];
  readonly declassifies: boolean;
}

interface Right {
  readonly isGranted: boolean;
  readonly covers: HeadPredicate;
}

function rightOf(grants: Parameters<typeof granted>[0], principal: Principal): Right {
  const matches = compileFilter(granted(grants, principal));
  return {
    isGranted: grants.some(({ allow }) => allow !== undefined),
    covers: (head) => head.tenant === principal.tenant && matches(head),
  };
}

/** @throws HubError filter-too-large when the claims of the principal make a condition larger than a filter may be */
export function writerOf(policy: Policy, principal: Principal): Writer {
  const writes = grantsOf(policy, principal, 'write');
  const rights = new Map(
    writeFields.map((field) => {
      const grants = writes.filter(({ fields }) => fields === undefined || fields.includes(field));
      return [field, rightOf(grants, principal)];
    }),
  );
  const declassify = rightOf(grantsOf(policy, principal, 'declassify'), principal);
  return {
    mayWrite: (field, head) => rights.get(field)?.covers(head) === true,
    mayDeclassify: declassify.covers,
    fields: writeFields.filter((field) => rights.get(field)?.isGranted === true),
    declassifies: declassify.isGranted,
  };
}
