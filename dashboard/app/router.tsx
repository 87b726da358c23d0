import { createRootRoute, createRoute, createRouter, Link, redirect, type AnyRouter } from '@tanstack/react-router';
import { ApiScreen } from '../api/api-screen.tsx';
import { parseApiSearch } from '../api/api-search.ts';
import { AssetScreen } from '../asset/asset-screen.tsx';
import { parseAssetSearch } from '../asset/asset-search.ts';
import { CatalogScreen } from '../catalog/catalog-screen.tsx';
import { parseCatalogSearch } from '../catalog/catalog-search.ts';
import { ConceptScreen } from '../concepts/concept-screen.tsx';
import { ConceptsScreen } from '../concepts/concepts-screen.tsx';
import { parseConceptsSearch } from '../concepts/concepts-search.ts';
import { FeedScreen } from '../feed/feed-screen.tsx';
import { InboxScreen } from '../inbox/inbox-screen.tsx';
import { OperationsScreen } from '../operations/operations-screen.tsx';
import { SettingsScreen } from '../settings/settings-screen.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/assets', search: {} });
  },
});
const catalog = createRoute({
  getParentRoute: () => root,
  path: '/assets',
  validateSearch: parseCatalogSearch,
  component: CatalogScreen,
});
const asset = createRoute({
  getParentRoute: () => root,
  path: '/assets/$urn',
  validateSearch: parseAssetSearch,
  component: AssetScreen,
});
const concepts = createRoute({
  getParentRoute: () => root,
  path: '/concepts',
  validateSearch: parseConceptsSearch,
  component: ConceptsScreen,
});
const concept = createRoute({ getParentRoute: () => root, path: '/concepts/$kind/$urn', component: ConceptScreen });
const feed = createRoute({ getParentRoute: () => root, path: '/live', component: FeedScreen });
const inbox = createRoute({ getParentRoute: () => root, path: '/inbox', component: InboxScreen });
const operations = createRoute({ getParentRoute: () => root, path: '/ops', component: OperationsScreen });
const api = createRoute({
  getParentRoute: () => root,
  path: '/api',
  validateSearch: parseApiSearch,
  component: ApiScreen,
});
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsScreen });

const routeTree = root.addChildren([home, catalog, asset, concepts, concept, feed, inbox, operations, api, settings]);

function NotFound(): React.JSX.Element {
  return (
    <section className="empty">
      <h1>There is no such page</h1>
      <Link to="/assets" search={{}}>
        To the catalog
      </Link>
    </section>
  );
}

function routerAt(basepath: string) {
  return createRouter({ routeTree, basepath, defaultPreload: false, scrollRestoration: false });
}

/** @param basepath path of the hub, with a slash at both ends */
export function createAppRouter(basepath: string): AnyRouter {
  return routerAt(basepath);
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof routerAt>;
  }
}
