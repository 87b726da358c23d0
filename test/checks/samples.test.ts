import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { formats } from '../../adapters/formats/formats.ts';
import { parseFilter } from '../../channels/subscription/parse-filter.ts';
import { channelFilter, channelForms } from '../../channels/subscription/channel-name.ts';
import { parseHubFile } from '../../server/config/hub-file.ts';
import { readSettings } from '../../server/config/read-settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

function blocks(path: string, language: string): readonly string[] {
  return [...text(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, body]) => body ?? '',
  );
}

it('the file of the compose deployment is one that the hub takes', () => {
  const file = parseHubFile(parse(text('deploy/hub.yaml'), { merge: true }), 'deploy/hub.yaml', { formats });
  expect(file.connectors.map(({ id }) => id)).toEqual(['events', 'atlas']);
});

it('the settings of the compose deployment are known and complete', () => {
  const compose = parse(text('compose.yaml'), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string> }>;
  };
  const environment = compose.services['hub-2']?.environment ?? {};
  expect(readSettings(environment)).toMatchObject({
    env: 'production',
    nodeName: 'hub-2',
    kafkaBrokers: ['kafka:9092'],
  });
});

it('the policy of docs/configuration.md is one that the hub takes', () => {
  const [policy = ''] = blocks('docs/configuration.md', 'yaml');
  const file = parseHubFile({ connectors: [], ...(parse(policy) as object) }, 'docs/configuration.md', { formats });
  expect(Object.keys(file.policy.roles)).toContain('domain-steward');
});

it('docs/protocol.md shows a filter that is taken, and every form of channel', () => {
  const filter = blocks('docs/protocol.md', 'json').at(-1) ?? '';
  expect(parseFilter(JSON.parse(filter))).toMatchObject({ op: 'and' });
  const shown = [...text('docs/protocol.md').matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \| /gm)].flatMap(([, cell]) =>
    (cell ?? '').replaceAll('`', '').split(', '),
  );
  const missing = channelForms.filter((form) => !shown.includes(form) && form !== 'alert:<id>');
  expect(missing).toEqual([]);
  expect(channelFilter('alert:urn:gov:demo:late')).toBeDefined();
});
