import { useState } from 'react';
import { Grid, type GridColumn } from '../grid/grid.tsx';
import { Tags } from '../ui/tags.tsx';
import { ColumnDialog } from './column-dialog.tsx';
import type { AssetColumn } from './asset-document.ts';

const columns: readonly GridColumn<AssetColumn>[] = [
  { id: 'name', title: 'Column', share: 2, cell: ({ name }) => <bdi>{name}</bdi> },
  { id: 'type', title: 'Type', share: 1, cell: ({ type }) => <bdi>{type}</bdi> },
  {
    id: 'tags',
    title: 'Classifications',
    share: 2,
    cell: ({ tags }) => (
      <Tags tags={tags.map(({ tag, state }) => (state === 'confirmed' ? tag : `${tag} (${state})`))} />
    ),
  },
  {
    id: 'description',
    title: 'Description',
    share: 3,
    fromPx: 700,
    cell: ({ description }) => <bdi>{description}</bdi>,
  },
];

function keyOf({ key }: AssetColumn): string {
  return key;
}

export interface ColumnGridProps {
  /** Undefined: they are only shown. */
  readonly urn: string | undefined;
  readonly columns: readonly AssetColumn[];
}

/** The columns of an asset, in the order of the source, however many; one opens with Enter. */
export function ColumnGrid({ urn, columns: rows }: ColumnGridProps): React.JSX.Element {
  const [open, setOpen] = useState<string>();
  const column = rows.find(({ key }) => key === open);
  return (
    <>
      <Grid label="Columns" {...{ rows, keyOf, columns }} open={({ key }) => setOpen(key)} empty="It has no columns." />
      {column === undefined || urn === undefined ? null : (
        <ColumnDialog urn={urn} column={column} close={() => setOpen(undefined)} />
      )}
    </>
  );
}
