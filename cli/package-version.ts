import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject } from '../channels/event/json.ts';

/** Version of the installed package, from the nearest package.json above: sources and build lie at different depths. */
export function packageVersion(from: string = dirname(fileURLToPath(import.meta.url))): string {
  const file = join(from, 'package.json');
  if (existsSync(file)) {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isJsonObject(found) && typeof found['version'] === 'string' ? found['version'] : 'unknown';
  }
  const parent = dirname(from);
  return parent === from ? 'unknown' : packageVersion(parent);
}
