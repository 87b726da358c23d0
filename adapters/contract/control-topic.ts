import { afterEach, describe, expect, it } from 'vitest';
import { parseControlText } from '../../channels/control/control-record.ts';
import type { ControlFollower, ControlTopic } from '../../channels/ports/control-topic.ts';
import { eventually } from './eventually.ts';

export interface ControlTopicSuite {
  readonly name: string;
  /** The topic of a test, as one process has it open. */
  readonly create: (test: string) => Promise<ControlTopic>;
  /** The technology has one process only. */
  readonly alone?: boolean;
}

const at = '2026-05-04T00:00:00.000Z';
const good = JSON.stringify({
  ...{ kind: 'revocation', v: 1, id: 'r1', tenant: 'acme', by: 'root', at, expiresAt: at },
  target: { kind: 'token', token: 't' },
});
/** What is no record, or of a release that does not exist yet. */
const foreign = [
  '',
  'garbage \u0000',
  '[]',
  '{"kind":"revocation","v":1}',
  '{"kind":"news","v":1}',
  '{"kind":"revocation","v":2}',
];

/** What every control topic must do. */
export function registerControlTopicTests({ name, create, alone = false }: ControlTopicSuite): void {
  describe(`control topic: ${name}`, { timeout: 30_000 }, () => {
    const open: ControlTopic[] = [];
    let serial = 0;
    afterEach(async () => {
      await Promise.all(open.splice(0).map((topic) => topic.close()));
      serial += 1;
    });

    const opened = async (): Promise<ControlTopic> => {
      const topic = await create(`control-${process.pid}-${serial}`);
      open.push(topic);
      return topic;
    };
    const follow = async (
      topic: ControlTopic,
    ): Promise<{ readonly heard: string[]; readonly follower: ControlFollower }> => {
      const heard: string[] = [];
      const follower = await topic.follow({
        onRecord: (text) => heard.push(text),
        onLost: () => heard.push('lost'),
        onFault: () => undefined,
      });
      return { heard, follower };
    };

    it('hands over what is appended after the follower began, in order', async () => {
      const topic = await opened();
      await topic.append('before');
      const { heard } = await follow(topic);
      for (const text of ['one', 'two', 'three']) await topic.append(text);
      await eventually(() => expect(heard).toEqual(['one', 'two', 'three']));
    });

    it('is drained when everything that was appended before has been handed over', async () => {
      const topic = await opened();
      const { heard, follower } = await follow(topic);
      await follower.drained();
      for (let index = 0; index < 20; index += 1) await topic.append(String(index));
      await follower.drained();
      expect(heard).toHaveLength(20);
    });

    it('hands over what follows a record that a follower cannot work on, to it and to the others', async () => {
      const topic = await opened();
      const [heard, faults]: [string[], string[]] = [[], []];
      await topic.follow({
        onRecord: (text) => {
          if (text === 'bad') throw new Error('cannot work on it');
          heard.push(text);
        },
        onLost: () => undefined,
        onFault: ({ message }) => faults.push(message),
      });
      const { heard: other } = await follow(topic);
      for (const text of ['bad', 'good']) await topic.append(text);
      await eventually(() => expect([heard, other]).toEqual([['good'], ['bad', 'good']]));
      expect(faults).toEqual(['cannot work on it']);
    });

    it('brings every record behind garbage and kinds of other releases', async () => {
      const topic = await opened();
      const { heard, follower } = await follow(topic);
      for (const text of [...foreign, good]) await topic.append(text);
      await follower.drained();
      expect(heard).toEqual([...foreign, good]);
      const readings = heard.map((text) => parseControlText(text));
      expect(readings.map((each) => ('problem' in each ? each.problem : each.id))).toEqual([
        ...['garbage', 'garbage', 'garbage', 'garbage', 'unknown-kind', 'newer-version'],
        'r1',
      ]);
    });

    it('hands nothing over once it is closed', async () => {
      const topic = await opened();
      const { heard, follower } = await follow(topic);
      await follower.close();
      await topic.append('late');
      expect(heard).toEqual([]);
    });

    it.skipIf(alone)('reaches every process', async () => {
      const [here, there] = [await opened(), await opened()];
      const { heard } = await follow(there);
      await here.append('x');
      await eventually(() => expect(heard).toEqual(['x']));
    });
  });
}
