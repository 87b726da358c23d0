import { Link } from '@tanstack/react-router';
import { type Entity, type Step, stepOf, type Way } from './graph.ts';
import { nodePx, type Point } from './pixels.ts';

export interface GraphNodeProps {
  /** Undefined: it has gone, and only its place is left. */
  readonly entity: Entity | undefined;
  readonly point: Point;
  /** It is the asset of the page. */
  readonly isAsset: boolean;
  /** The one that Tab reaches. */
  readonly isCurrent: boolean;
  readonly focused: () => void;
  readonly looked: ReadonlySet<Step>;
  readonly add: ((step: Step) => void) | undefined;
}

/** One entity of a graph: a link to it, and at its sides what adds its neighbours. */
export function GraphNode(props: GraphNodeProps): React.JSX.Element {
  const { entity, point, isAsset, isCurrent, focused } = props;
  const style = { transform: `translate(${point.x}px, ${point.y}px)`, width: nodePx.width, height: nodePx.height };
  if (entity === undefined)
    return (
      <li className="graph-node" style={style} data-gone>
        <span className="hint">no longer here</span>
      </li>
    );
  return (
    <li className="graph-node" style={style} data-asset={isAsset} data-status={entity.status} onFocus={focused}>
      <More {...props} entity={entity} way="upstream" />
      <Link
        to="/assets/$urn"
        params={{ urn: entity.urn }}
        search={{ tab: 'lineage' }}
        tabIndex={isCurrent ? 0 : -1}
        aria-current={isAsset ? 'true' : undefined}
        title={entity.fqn ?? entity.name}
      >
        <bdi>{entity.name}</bdi>
        <span className="hint">
          {entity.type}
          {entity.status === 'active' ? '' : `, ${entity.status}`}
        </span>
      </Link>
      <More {...props} entity={entity} way="downstream" />
    </li>
  );
}

interface MoreProps extends Pick<GraphNodeProps, 'looked' | 'add' | 'isCurrent'> {
  readonly entity: Entity;
  readonly way: Way;
}

/** Looks one step further; only where nobody has. */
function More({ entity, way, looked, add, isCurrent }: MoreProps): React.JSX.Element | null {
  const step = stepOf(way, entity.urn);
  if (add === undefined || entity.kind !== 'asset' || looked.has(step)) return null;
  const label = way === 'upstream' ? `What leads to ${entity.name}` : `What ${entity.name} leads to`;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className="graph-more"
      tabIndex={isCurrent ? 0 : -1}
      onClick={({ currentTarget }) => {
        // the button goes, and the focus with it
        currentTarget.parentElement?.querySelector('a')?.focus();
        add(step);
      }}
    >
      +
    </button>
  );
}
