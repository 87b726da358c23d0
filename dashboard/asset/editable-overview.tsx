import type { WireItem } from '@pursight/client';
import { useMemo } from 'react';
import { assetFields, assetForm, assetResource } from '../edit/asset-resource.ts';
import { Editor } from '../edit/editor.tsx';
import { writable } from '../edit/form-field.ts';
import { useMe } from '../session/use-me.ts';
import type { AssetDetails } from './asset-document.ts';
import { Overview } from './overview.tsx';

export interface EditableOverviewProps extends WireItem {
  readonly details: AssetDetails;
}

/** The overview, and in its place the form while somebody edits. */
export function EditableOverview({ entity, document, details }: EditableOverviewProps): React.JSX.Element {
  const { urn, domain, status } = entity;
  const { write } = useMe();
  const resource = useMemo(() => assetResource(urn), [urn]);
  return (
    <Editor resource={resource} fields={writable(assetFields, write)} live={assetForm({ ...document, domain, status })}>
      {(edit) => <Overview entity={entity} details={details} uncover={edit?.uncover} />}
    </Editor>
  );
}
