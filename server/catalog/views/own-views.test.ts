import { beforeEach, expect, it } from 'vitest';
import { MemoryMeta } from '../../../test/harness/memory-meta.ts';
import { OwnViews, viewsSchema } from './own-views.ts';

const person = (sub: string, tenant = 'acme') => ({ tenant, sub, roles: [], claims: {}, expiresAtMs: 0 });
const [ada, bob] = [person('ada'), person('bob')];
const view = (name: string, search = '?q=x') => ({ name, search });
let meta: MemoryMeta;
let views: OwnViews;
beforeEach(() => {
  meta = new MemoryMeta();
  views = new OwnViews(meta);
});

it('U15: are kept for their owner alone, whoever else has the same name', async () => {
  const { etag } = await views.of(ada);
  await views.replace(ada, [view('mine')], etag);
  expect((await views.of(ada)).views).toEqual([view('mine')]);
  for (const other of [bob, person('ada', 'other'), person('acme","ada', '')])
    expect((await views.of(other)).views).toEqual([]);
});

it('U15: are never written over what somebody has not seen', async () => {
  const { etag } = await views.of(ada);
  const both = await Promise.allSettled(['a', 'b'].map((name) => views.replace(ada, [view(name)], etag)));
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(views.replace(ada, [], etag)).rejects.toMatchObject({ code: 'precondition-failed' });
  await expect(views.replace(ada, [], `W/${(await views.of(ada)).etag}`)).rejects.toMatchObject({
    code: 'precondition-failed',
  });
  const { etag: now } = await views.replace(ada, [view('c')], '*');
  expect(await views.of(ada)).toEqual({ views: [view('c')], etag: now });
});

it('have each name once, and a size', async () => {
  await expect(views.replace(ada, [view('a'), view('a', '?')], '*')).rejects.toMatchObject({
    ...{ code: 'invalid-request', message: 'views[1].name: another view has it already' },
  });
  const large = Array.from({ length: 9 }, (_, at) => view(`v${at}`, 'x'.repeat(2000)));
  await expect(views.replace(ada, large, '*')).rejects.toMatchObject({ code: 'limit-exceeded' });
  for (const refused of [[view(' ')], [view('x'.repeat(101))], [view('a', 'x'.repeat(2001))], [{ name: 'a' }]])
    expect(viewsSchema.safeParse({ views: refused }).success).toBe(false);
  const many = Array.from({ length: 51 }, (_, at) => view(`v${at}`));
  expect(viewsSchema.safeParse({ views: many }).success).toBe(false);
});

it('of a newer release are not taken for none', async () => {
  await views.replace(ada, [view('a')], '*');
  const [key] = meta.keys;
  const held = await meta.getMeta(key ?? '');
  await meta.replaceMeta(key ?? '', held ?? '', '{"v":2,"views":{}}');
  await expect(views.of(ada)).rejects.toMatchObject({ code: 'storage-unavailable' });
  await expect(views.replace(ada, [], '*')).rejects.toMatchObject({ code: 'storage-unavailable' });
});
