import type { WireEntity } from '@pursight/client';
import type { ReactNode } from 'react';
import { Tags } from '../ui/tags.tsx';

export interface AssetHeadProps {
  readonly entity: WireEntity;
  readonly isStale: boolean;
  /** Stands beside the name. */
  readonly children?: ReactNode;
}

/** What an asset is called, and what it is. */
export function AssetHead({ entity, isStale, children }: AssetHeadProps): React.JSX.Element {
  return (
    <header>
      <div className="asset-title">
        <h1>
          <bdi>{entity.name}</bdi>
        </h1>
        {children}
      </div>
      <p className="asset-line">
        {entity.type}
        {entity.platform === null ? '' : ` on ${entity.platform}`}
        {entity.fqn === null ? null : (
          <>
            {' · '}
            <bdi>{entity.fqn}</bdi>
          </>
        )}
        {entity.status === 'active' ? null : <strong> · {entity.status}</strong>}
        {isStale ? ' · catching up' : ''}
      </p>
      <Tags tags={entity.tags} />
    </header>
  );
}
