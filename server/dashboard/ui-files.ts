import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts the dashboard: beside the compiled server, or below `dist` when the server runs from its source. */
export const uiFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/dashboard/' : '../../dashboard/', import.meta.url),
);

type Encoding = 'br' | 'gzip' | 'identity';

/** One file of the dashboard, with its bytes in each encoding that the build made. */
export interface UiFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Readonly<Partial<Record<Encoding, Uint8Array>>> & { readonly identity: Uint8Array };
}

export interface Ui {
  /** The one page, for every screen. */
  readonly page: UiFile;
  /** By the path below `/_ui/`. Their names change with their content. */
  readonly files: ReadonlyMap<string, UiFile>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const suffixes = { br: '.br', gzip: '.gz' } as const;

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
}

function readUiFile(path: string): UiFile {
  const identity = readFileSync(path);
  const encoded = Object.entries(suffixes).flatMap(([name, suffix]) =>
    existsSync(path + suffix) ? [[name, readFileSync(path + suffix)]] : [],
  );
  const type = types[extname(path)] ?? 'application/octet-stream';
  return { type, etag: etagOf(identity), bytes: { identity, ...Object.fromEntries(encoded) } };
}

/** Relative addresses of the page are those of the hub, also on `/assets/...` and behind a path of a proxy. */
function withBase(page: string, basePath: string): UiFile {
  const identity = Buffer.from(page.replace('<head>', `<head><base href="${basePath}">`));
  return { type: types['.html'] ?? '', etag: etagOf(identity), bytes: { identity } };
}

/**
 * Reads the built dashboard into memory; undefined where it was not built.
 *
 * @param basePath path under which browsers reach the hub, with a slash at both ends
 */
export function readUi(folder: string, basePath: string): Ui | undefined {
  const page = join(folder, 'index.html');
  const assets = join(folder, '_ui');
  if (!existsSync(page) || !existsSync(assets)) return undefined;
  const names = readdirSync(assets).filter((name) => !/\.(br|gz)$/.test(name));
  return {
    page: withBase(readFileSync(page, 'utf8'), basePath),
    files: new Map(names.map((name) => [name, readUiFile(join(assets, name))])),
  };
}

/** The best encoding of those that the client takes. */
export function encodingFor(accepted: string, file: UiFile): Encoding {
  const offers = new Set(accepted.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase()));
  return (['br', 'gzip'] as const).find((name) => offers.has(name) && file.bytes[name] !== undefined) ?? 'identity';
}
