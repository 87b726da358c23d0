import { createHash } from 'node:crypto';
import type { AtlasServer } from './atlas-server.ts';

/** Text that no compression makes smaller, the same each time. */
function noise(bytes: number): string {
  const pieces: string[] = [];
  for (let index = 0; pieces.length * 43 < bytes; index += 1)
    pieces.push(createHash('sha256').update(`noise ${index}`).digest('base64url'));
  return pieces.join('').slice(0, bytes);
}

/** Entities of the story by what happens to them. */
export type Cast = Readonly<Record<string, string>>;

/**
 * Everything that may happen to entities of a catalog, told to a real one. `name` makes their qualified names its own.
 * @returns guids by role
 */
export async function tellStory(atlas: AtlasServer, name: string): Promise<Cast> {
  const table = (role: string, more: object = {}): Promise<string> =>
    atlas.put('bank_table', { qualifiedName: `${name}.${role}`, name: role, ...more });
  const process = (role: string, input: string, output: string): Promise<string> =>
    atlas.put('bank_process', {
      qualifiedName: `${name}.${role}`,
      name: role,
      inputs: [{ guid: input, typeName: 'bank_table' }],
      outputs: [{ guid: output, typeName: 'bank_table' }],
    });
  const accounts = await table('accounts', { owner: 'maria.keller', description: 'Konten – täglich', rowCount: 42 });
  await atlas.tag(accounts, 'IBAN', { level: 'high' });
  await atlas.retag(accounts, 'IBAN', { level: 'low' });
  await atlas.tag(accounts, 'FINANCE');
  await table('accounts', { owner: 'j.ortiz', description: 'Balances of the day', rowCount: 43 });
  const cleared = await table('cleared');
  await atlas.tag(cleared, 'PII');
  await atlas.untag(cleared, 'PII');
  const removed = await table('removed', { owner: 'maria.keller' });
  await atlas.tag(removed, 'PII');
  await atlas.remove(removed);
  const [source, middle, target] = [await table('source'), await table('middle'), await table('target')];
  const first = await process('load', source, middle);
  await process('clean', middle, target);
  await atlas.tag(source, 'BANK_ID');
  await atlas.remove(first);
  const long = await table('long', { description: 'A long story. '.repeat(75_000) });
  await atlas.tag(long, 'PII');
  const split = await table('split', { viewText: noise(36_000) });
  await atlas.tag(split, 'FINANCE');
  const report = await atlas.put('bank_report', {
    qualifiedName: `${name}.report`,
    name: 'report',
    owner: ['ada', 'bob'],
    description: ['first', 'second'],
  });
  await atlas.tag(report, 'PII');
  return { accounts, cleared, removed, source, middle, target, first, long, split, report };
}
