import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface ComposeService {
  readonly environment?: Readonly<Record<string, string>>;
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?what to do}`, as Compose replaces them. Throws what to do. */
function interpolated(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest = '') => {
    const value = values[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name}: ${rest}`);
    return value === '' && kind === '-' ? rest : value;
  });
}

/** What compose.yaml gives to a service with this `.env` file, in the order of its own names. */
export function composeEnvironment(service: string, envFile: string): Readonly<Record<string, string>> {
  const file = parse(readFileSync(join(root, 'compose.yaml'), 'utf8'), { merge: true }) as {
    readonly services: Readonly<Record<string, ComposeService>>;
  };
  const values = parseEnv(readFileSync(envFile, 'utf8')) as Record<string, string | undefined>;
  const found = Object.entries(file.services[service]?.environment ?? {});
  return Object.fromEntries(found.map(([name, value]) => [name, interpolated(value, values)]));
}
