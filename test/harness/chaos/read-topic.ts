import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
  readonly key: string;
  readonly value: string;
}

/** Neither occurs in the keys and JSON texts of a run. */
const field = '\u0001';
const record = '\u0002';

/** Everything that a topic holds, by partition and offset; read by kcat, so by nothing that is to be tested. */
export async function readTopic(brokers: string, topic: string): Promise<readonly TopicRecord[]> {
  const format = ['%p', '%o', '%T', '%k', '%s'].join(field) + record;
  const args = ['-C', '-b', brokers, '-t', topic, '-o', 'beginning', '-e', '-q', '-f', format];
  const child = spawn('kcat', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  let problem = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${problem}`);
  return Buffer.concat(chunks)
    .toString()
    .split(record)
    .slice(0, -1)
    .map((line) => {
      const [partition, offset, time, key = '', value = ''] = line.split(field);
      return { partition: Number(partition), offset: Number(offset), appendedAtMs: Number(time), key, value };
    })
    .toSorted((one, other) => one.partition - other.partition || one.offset - other.offset);
}
