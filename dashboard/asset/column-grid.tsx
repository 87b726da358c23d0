import { Grid, type GridColumn } from '../grid/grid.tsx';
import { Tags } from '../ui/tags.tsx';
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

/** The columns of an asset, in the order of the source, however many. */
export function ColumnGrid({ columns: rows }: { readonly columns: readonly AssetColumn[] }): React.JSX.Element {
  return <Grid label="Columns" rows={rows} keyOf={keyOf} columns={columns} empty="It has no columns." />;
}
