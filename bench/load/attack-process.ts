/** Runs one attack, in a process of its own. */
import type { AttackTarget } from '../attacks/attack.ts';
import { type AttackName, attacks } from '../attacks/attacks.ts';

const [name, target] = process.argv.slice(2) as [AttackName, string];
process.send?.(await attacks[name](JSON.parse(target) as AttackTarget));
process.disconnect?.();
