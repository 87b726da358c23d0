import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { characters } from '../table.ts';
import { bankFeed } from './bank-feed.ts';
import type { DemoEvent } from './describe-event.ts';
import { DemoModel } from './demo-model.ts';
import { renderScreen } from './demo-screen.ts';
import { sampleFeeds } from './sample-feeds.ts';

function story(seed: number, count: number): readonly string[] {
  const feed = bankFeed({ seed });
  return Array.from({ length: count }, () => JSON.stringify(feed.next().value));
}

const urn = 'urn:gov:demo:crm/customers';
const entity = {
  kind: 'asset',
  type: 'table',
  name: 'customers',
  fqn: 'crm.customers',
  platform: 'snowflake',
  domain: 'retail',
  owners: ['ada'],
  tags: [],
  status: 'active',
};
const base = { subject: urn, recordedtime: '2026-01-12T08:00:00.000Z', time: '2026-01-12T08:00:00.000Z' };
const appeared: DemoEvent = {
  ...base,
  id: '1',
  kind: 'enter',
  type: 'gov.asset.created.v1',
  actor: 'ada',
  entity,
  document: { columns: [{ key: 'k1', name: 'email', classifications: [] }] },
};
const tagged: DemoEvent = {
  ...base,
  id: '2',
  kind: 'update',
  type: 'gov.classification.changed.v1',
  actor: 'scanner',
  entity: { ...entity, tags: ['pii/email'] },
  changes: {
    '/columns/k1/classifications/events/pii/email': {
      new: { scheme: 'pii', name: 'email', state: 'confirmed', origin: 'automated' },
    },
  },
  document: {},
};

function told(): DemoModel {
  const model = new DemoModel();
  for (const event of [appeared, tagged]) model.steward(event);
  model.viewer(appeared);
  model.viewer({ id: '2', kind: 'leave', reason: 'left', subject: urn, recordedtime: base.recordedtime });
  return model;
}

describe('bankFeed', () => {
  it('tells the same story for the same seed, and another for another', () => {
    expect(story(7, 500)).toEqual(story(7, 500));
    expect(story(7, 500)).not.toEqual(story(8, 500));
  });

  it('has everything in it within the first minute and never sends an id twice', () => {
    const messages = story(1, 400).map((text) => JSON.parse(text) as { message: { id?: string; type?: string } });
    const early = new Set(messages.slice(0, 60).map(({ message }) => message.type));
    for (const type of [
      'asset.created',
      'classification.changed',
      'owner.changed',
      'quality.result',
      'incident.changed',
      'lineage.observed',
    ])
      expect(early).toContain(`gov.${type}`);
    expect(early).toContain(undefined); // Atlas
    const ids = messages.flatMap(({ message }) => message.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is what the sample files hold (npx tsx examples/feed/write-feed.ts)', () => {
    for (const [name, text] of Object.entries(sampleFeeds()))
      expect(readFileSync(`examples/feed/${name}`, 'utf8')).toBe(text);
  });
});

describe('DemoModel', () => {
  it('tells in plain language what the steward gets and what became of it for the viewer', () => {
    const model = told();
    expect(model.lines.map(({ text, viewer }) => [text, viewer])).toEqual([
      ['table crm.customers appeared with 1 columns on snowflake by ada', 'seen'],
      ['customers.email was classified pii/email by scanner · asset crm.customers · owner ada', 'lost'],
    ]);
    expect(model.piiAssets).toEqual([{ label: 'crm.customers', tags: ['pii/email'] }]);
    expect([model.assetCount, model.viewerAssetCount]).toEqual([1, 0]);
  });

  it('knows the viewer has an event also when that comes first', () => {
    const model = new DemoModel();
    model.viewer(appeared);
    model.steward(appeared);
    expect(model.lines[0]?.viewer).toBe('seen');
  });
});

describe('renderScreen', () => {
  it.each([
    [80, 24],
    [130, 40],
    [60, 18],
    [20, 5],
  ])('fits into %i x %i', (width, height) => {
    const lines = renderScreen({
      model: told(),
      width,
      height,
      url: 'http://127.0.0.1:4000',
      seconds: 61,
      tokenFile: '/tmp/steward.token',
      color: false,
    });
    expect(lines.length).toBeLessThanOrEqual(height);
    for (const line of lines) expect(characters(line).length).toBeLessThanOrEqual(Math.max(width, 40));
  });

  it('shows what the live search finds, where there is room for it', () => {
    const model = told();
    model.stewardFound = { names: ['crm.customers', 'crm.complaints'], total: 12 };
    model.viewerFound = { names: ['crm.complaints'], total: 1 };
    const render = (height: number): readonly string[] =>
      renderScreen({ model, width: 80, height, url: 'u', seconds: 1, tokenFile: 't', color: false });
    const lines = render(20);
    expect(lines).toHaveLength(20);
    const at = lines.findIndex((line) => line.includes('LIVE SEARCH custoemr: 12 FOUND, 1 BY THE VIEWER'));
    expect(lines[at + 1]).toBe(' crm.customers, crm.complaints');
    expect(render(18).join('\n')).not.toContain('LIVE SEARCH');
    expect(render(18)).toHaveLength(18);
  });

  it('does not cut the commands to copy on 80 columns', () => {
    const options = {
      model: told(),
      width: 80,
      height: 24,
      url: 'http://127.0.0.1:45277',
      seconds: 1,
      tokenFile: '/tmp/pursight-demo-DKOqyP/steward.token',
      color: false,
    };
    expect(renderScreen(options).join('\n')).toContain(
      'export PURSIGHT_TOKEN=$(cat /tmp/pursight-demo-DKOqyP/steward.token)',
    );
  });
});
