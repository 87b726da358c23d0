import type { Db } from 'mongodb';
import { z } from 'zod';

const buildInfoSchema = z.object({ version: z.string() });
const helloSchema = z.object({
  localTime: z.date(),
  setName: z.string().exactOptional(),
  hosts: z.array(z.string()).exactOptional(),
  /** `isdbgrid` on a mongos. */
  msg: z.string().exactOptional(),
  /** A member that was started with --replSet and not yet initiated. */
  isreplicaset: z.boolean().exactOptional(),
});

/** What a server says of itself to `hello`, as far as the hub looks at it. */
export type Hello = z.infer<typeof helloSchema>;

/** Asks the server behind a database who it is, and what its clock says. */
export async function hello(db: Db): Promise<Hello> {
  return helloSchema.parse(await db.command({ hello: 1 }));
}

/** The version of the server behind a database, such as `8.0.4`. */
export async function serverVersion(db: Db): Promise<string> {
  return buildInfoSchema.parse(await db.command({ buildInfo: 1 })).version;
}
