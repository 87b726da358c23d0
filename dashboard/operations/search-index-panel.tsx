import { shown } from '../asset/asset-document.ts';
import { Panel } from './panel.tsx';
import { usePolled } from './use-polled.ts';

export function SearchIndexPanel(): React.JSX.Element {
  const { body, problem } = usePolled('/v1/search/index');
  return (
    <Panel title="Search index" problem={problem} isLoading={body === undefined}>
      <dl className="facts">
        {Object.entries(body ?? {})
          .filter(([, value]) => typeof value !== 'object' || value === null)
          .map(([name, value]) => [
            <dt key={name}>{name}</dt>,
            <dd key={`${name} value`}>
              <bdi>{shown(value)}</bdi>
            </dd>,
          ])}
      </dl>
    </Panel>
  );
}
