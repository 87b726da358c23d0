import { createHash } from 'node:crypto';

/** The two sets of indexes of a deployment: the one that is searched, and the one that is built beside it. */
export type IndexSet = 'live' | 'next';

const lengthOfHash = 32;

/** Names of indexes on a server that others may use, too. */
export class IndexNames {
  readonly #prefix: string;

  /** `deployment`: as its topics begin. */
  constructor(deployment: string) {
    const plain = deployment.replaceAll(/[^A-Za-z0-9-]/g, '-');
    // two deployments never share an index, whatever was replaced
    this.#prefix = plain === deployment ? plain : `${plain}-${hashOf(deployment).slice(0, 8)}`;
  }

  /** The index of a tenant, in which nobody can read its name. */
  ofTenant(tenant: string, set: IndexSet): string {
    return `${this.#prefix}_${set}_t_${hashOf(tenant)}`;
  }

  state(set: IndexSet): string {
    return `${this.#prefix}_${set}_state`;
  }

  /** Those of a set, by the part of their names that both sets share. */
  inSet(set: IndexSet, names: Iterable<string>): ReadonlyMap<string, string> {
    const start = `${this.#prefix}_${set}_`;
    return new Map([...names].filter((name) => name.startsWith(start)).map((name) => [name.slice(start.length), name]));
  }

  /** A name from the part that both sets share. */
  named(part: string, set: IndexSet): string {
    return `${this.#prefix}_${set}_${part}`;
  }

  isState(part: string): boolean {
    return part === 'state';
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, lengthOfHash);
}
