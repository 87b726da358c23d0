import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import { isGone } from '../../../channels/catalog/document.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import { type Principal, principalKey } from '../../../channels/policy/principal.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import { inTurns } from '../../turns/in-turns.ts';
import { type Representation, representationOf } from '../resources/representation.ts';
import type { LineFormat } from './line-format.ts';

export interface ShownLinesOptions {
  readonly turns: Turns;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

/** For whom, and how. */
export interface LinesRequest {
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  readonly kind: DocumentKind;
  readonly format: LineFormat;
}

/** Documents as lines for somebody: judged and masked now. What he may not see is left out, as what is gone. */
export async function shownLines(
  { turns, ids, outlet }: ShownLinesOptions,
  { principal, policyClass, kind, format }: LinesRequest,
  documents: readonly CatalogDocument[],
): Promise<string[]> {
  const shown: Representation[] = [];
  await inTurns({ turns, tenant: policyClass.tenant }, documents, (document) => {
    if (document.kind === kind && !isGone(document) && policyClass.mayRead(document.head))
      shown.push(representationOf(document, policyClass, ids));
  });
  outlet.fetched(
    { owner: principalKey(principal) },
    shown.map(({ delivered }) => delivered),
  );
  return shown.map((each) => format.item(kind, each));
}
