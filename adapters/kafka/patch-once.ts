import { createRequire } from 'node:module';

const patched = new WeakSet<object>();

/** Changes the prototype of a class of kafkajs, once however often it is called. `module`: its path in the package. */
export function patchOnce<Prototype extends object>(module: string, patch: (prototype: Prototype) => void): void {
  const { prototype } = createRequire(import.meta.url)(`kafkajs/${module}`) as { readonly prototype: Prototype };
  if (patched.has(prototype)) return;
  patched.add(prototype);
  patch(prototype);
}
