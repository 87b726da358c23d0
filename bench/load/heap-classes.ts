import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Bytes of live objects by class: the constructor of an object, the kind of everything else. */
export type HeapClasses = ReadonlyMap<string, number>;

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[]] };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Takes heap snapshots of a process of Node.js that was started with its `flags`. */
export class HeapSnapshots {
  readonly #folder = mkdtempSync(join(tmpdir(), 'pursight-heap-'));

  get flags(): readonly string[] {
    return ['--heapsnapshot-signal=SIGUSR2', `--diagnostic-dir=${this.#folder}`];
  }

  /** The process stands still while it writes. */
  async take(pid: number): Promise<HeapClasses> {
    process.kill(pid, 'SIGUSR2');
    const file = await this.#written();
    try {
      return classesOf(JSON.parse(readFileSync(file, 'utf8')) as HeapSnapshot);
    } finally {
      rmSync(file);
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #written(): Promise<string> {
    let size = -1;
    for (;;) {
      await pause(2000);
      const [name] = readdirSync(this.#folder);
      if (name === undefined) continue;
      const now = statSync(join(this.#folder, name)).size;
      if (now > 0 && now === size) return join(this.#folder, name);
      size = now;
    }
  }
}

function classesOf({ snapshot, nodes, strings }: HeapSnapshot): HeapClasses {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const at = (name: string): number => fields.indexOf(name);
  const [type, name, size] = [at('type'), at('name'), at('self_size')];
  const classes = new Map<string, number>();
  for (let node = 0; node < nodes.length; node += fields.length) {
    const kind = types[0][nodes[node + type] ?? 0] ?? '';
    const label = kind === 'object' ? (strings[nodes[node + name] ?? 0] ?? '') : `(${kind})`;
    classes.set(label, (classes.get(label) ?? 0) + (nodes[node + size] ?? 0));
  }
  return classes;
}

/** What grew, by class, in bytes for each of `count`; the largest first, nothing below one byte. */
export function growthPer(count: number, before: HeapClasses, after: HeapClasses): Readonly<Record<string, number>> {
  const growth = [...after].map(([name, bytes]) => [name, (bytes - (before.get(name) ?? 0)) / count] as const);
  const large = growth.filter(([, bytes]) => bytes >= 1).toSorted(([, one], [, other]) => other - one);
  return Object.fromEntries(large.map(([name, bytes]) => [name, Math.round(bytes)]));
}
