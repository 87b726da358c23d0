import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../../channels/base/thrown.ts';
import { hubConnector, hubNamespace } from '../../channels/catalog/change.ts';
import { isJsonObject } from '../../channels/event/json.ts';
import { type Policy, policySchema } from '../../channels/policy/policy.ts';
import { assertPolicy } from '../../channels/policy/policy-class.ts';
import type { NativeFormat } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1-63 of a-z, 0-9 and "-", beginning with a letter or digit');
/** What people create is named by the hub: no source may write it, nor all of what it is among. */
const urnPrefix = z
  .string()
  .regex(/^urn:[^\s|]{1,200}$/, 'must begin with "urn:"')
  .refine((prefix) => {
    const inside = prefix.endsWith(':') ? prefix : `${prefix}:`;
    return !`${hubNamespace}:`.startsWith(inside) && !inside.startsWith(`${hubNamespace}:`);
  }, `must not be or contain ${hubNamespace}, which is of assets that people create`);

const kafka = z.strictObject({
  brokers: z.array(z.string().min(1)).min(1),
  tls: z.boolean().default(false),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string(),
      password: z.string(),
    })
    .exactOptional(),
});

/** Members of every connector, whatever its format. */
const common = {
  id: name.refine((id) => id !== hubConnector, `must not be ${hubConnector}, which stands for people`),
  /** Kafka topic; without it the connector takes messages by HTTP only. */
  topic: z.string().min(1).max(249).exactOptional(),
  tenant: name,
  namespace: urnPrefix,
  writes: z.array(urnPrefix).default([]),
  scheme: z.string().min(1).max(100).exactOptional(),
  /** CloudEvents `source` of its events. */
  source: z.string().min(1).max(200).exactOptional(),
  /** Cluster of the topic, when it is not the one of the event log. */
  kafka: kafka.exactOptional(),
  groupId: z.string().min(1).exactOptional(),
};
const commonSchema = z.object(common);

export interface ConnectorConfig extends z.infer<typeof commonSchema> {
  readonly format: NativeFormat;
  /** For `format.create`; it was found good. */
  readonly options: unknown;
}
export interface HubFile {
  readonly connectors: readonly ConnectorConfig[];
  readonly policy: Policy;
}

/** A connector with the options of its format; of one whose format is unknown, with those of all. */
function connectorSchema(formats: readonly NativeFormat[]): z.ZodType<ConnectorConfig> {
  const names = formats.map((each) => each.name);
  return z.unknown().transform((raw, context): ConnectorConfig => {
    const format = formats.find((each) => isJsonObject(raw) && raw['format'] === each.name);
    const options = format === undefined ? formats : [format];
    const whole = z.strictObject({
      format: z.enum(names),
      ...Object.assign({}, ...options.map((each) => each.options.shape)),
      ...common,
    });
    const { error } = whole.safeParse(raw);
    for (const { path, message } of error?.issues ?? [])
      context.issues.push({ code: 'custom', input: raw, path: [...path], message });
    if (error !== undefined || format === undefined) return z.NEVER;
    return { ...commonSchema.parse(raw), format, options: format.options.parse(raw) };
  });
}

function invalid(file: string, problem: string, cause?: unknown): HubError {
  return new HubError('config-invalid', `${file}: ${problem}`, { cause });
}

function read(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(file, messageOf(error), error);
  }
}

function issueText(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return `${issue.path.map(String).join('.') || 'file'}: ${issue.message}`;
}

type Environment = Readonly<Record<string, string | undefined>>;

function variableOf(value: string): string | undefined {
  return /^\$([A-Z][A-Z0-9_]*)$/.exec(value)?.[1];
}

/** `$NAME` as a whole value is taken from the environment, so that the file need not hold passwords. */
function withEnvironment(value: unknown, environment: Environment): unknown {
  if (typeof value === 'string') {
    const variable = variableOf(value);
    return variable === undefined ? value : environment[variable];
  }
  if (Array.isArray(value)) return value.map((item) => withEnvironment(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withEnvironment(item, environment)]));
}

/** A password that is empty because nobody set it would fail much later, and far from its cause. */
function unsetVariables(value: unknown, environment: Environment): readonly string[] {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).flatMap((item) => unsetVariables(item, environment));
  const variable = typeof value === 'string' ? variableOf(value) : undefined;
  return variable === undefined || environment[variable] !== undefined ? [] : [variable];
}

function duplicates(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

export interface HubFileOptions {
  /** Those that connectors may name. */
  readonly formats: readonly NativeFormat[];
  /** Values that the file refers to as `$NAME`. @default none */
  readonly environment?: Environment;
}

/** @throws HubError config-invalid naming the file and every wrong field */
export function parseHubFile(raw: unknown, file: string, { formats, environment = {} }: HubFileOptions): HubFile {
  const hubFile = z.strictObject({ connectors: z.array(connectorSchema(formats)), policy: policySchema });
  const unset = unsetVariables(raw, environment);
  if (unset.length > 0)
    throw invalid(file, `${[...new Set(unset)].map((name) => `$${name}`).join(', ')}: not set in the environment`);
  const result = hubFile.safeParse(withEnvironment(raw, environment));
  if (!result.success) throw invalid(file, result.error.issues.map(issueText).join('; '));
  const twice = duplicates(result.data.connectors.map((each) => each.id));
  if (twice.length > 0) throw invalid(file, `connectors: id ${twice.join(', ')} is used twice`);
  try {
    assertPolicy(result.data.policy);
  } catch (error) {
    throw invalid(file, HubError.from(error).message, error);
  }
  return result.data;
}

/** @throws HubError config-invalid */
export function readHubFile(file: string, options: HubFileOptions): HubFile {
  return parseHubFile(read(file), file, options);
}
