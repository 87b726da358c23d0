// Tables that are written from the code: settings, error codes and metrics. Without arguments it compares the documents
// with the code, both ways; `node test/checks/generated-docs.mjs --write` brings the documents up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const root = fileURLToPath(new URL('../..', import.meta.url));
const load = (path) => tsImport(join(root, path), import.meta.url);
const { settings } = await load('server/config/settings.ts');
const { errorCodes } = await load('channels/protocol/error-code.ts');
const { createMetrics } = await load('server/observability/metrics.ts');

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function kindText({ kind, unit }) {
  const ofUnit = unit === undefined ? '' : `, ${unit}`;
  switch (kind.type) {
    case 'number':
      return `${kind.min} to ${kind.max}${ofUnit}`;
    case 'choice':
      return kind.of.map((each) => `\`${each}\``).join(', ');
    case 'flag':
      return '`true`, `false`';
    case 'list':
      return 'list, separated by commas';
    default:
      return 'text';
  }
}

function settingsSection() {
  const entries = Object.values(settings);
  const groups = [...new Set(entries.map((entry) => entry.group))];
  return groups
    .map((group) => {
      const rows = entries
        .filter((entry) => entry.group === group)
        .map((entry) => [
          `\`${entry.env}\``,
          kindText(entry),
          entry.default === undefined ? '' : `\`${entry.default}\``,
          entry.secret === true ? `${entry.help} Secret: never printed.` : entry.help,
        ]);
      return `### ${group[0].toUpperCase()}${group.slice(1)}\n\n${table(['variable', 'value', 'default', 'meaning'], rows)}`;
    })
    .join('\n\n');
}

function errorsSection() {
  const rows = Object.entries(errorCodes).map(([code, { status, retryable, meaning, fix }]) => [
    `\`${code}\``,
    status,
    retryable ? 'yes' : 'no',
    meaning,
    fix,
  ]);
  return table(['code', 'HTTP', 'retry', 'what happened', 'what to do'], rows);
}

async function metricsSection() {
  const metrics = await createMetrics().registry.getMetricsAsJSON();
  const own = metrics.filter(({ name }) => !/^pursight_(nodejs|process)_/.test(name));
  return table(
    ['metric', 'type', 'meaning'],
    own.map(({ name, type, help }) => [`\`${name}\``, type, help]),
  );
}

const sections = [
  { file: 'docs/configuration.md', name: 'settings', text: settingsSection() },
  { file: 'docs/errors.md', name: 'error-codes', text: errorsSection() },
  { file: 'docs/operating.md', name: 'metrics', text: await metricsSection() },
];

function withSection(document, { name, text }) {
  const begin = `<!-- generated: ${name} -->`;
  const end = `<!-- end of ${name} -->`;
  const [before, rest = ''] = document.split(begin);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`the markers ${begin} and ${end} are missing`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

const write = process.argv.includes('--write');
for (const section of sections) {
  const file = join(root, section.file);
  const now = readFileSync(file, 'utf8');
  const wanted = withSection(now, section);
  if (now === wanted) console.log(`${section.file}: ${section.name} as in the code`);
  else if (write) {
    writeFileSync(file, wanted);
    console.log(`${section.file}: ${section.name} written`);
  } else {
    console.error(
      `${section.file}: ${section.name} differs from the code; run: node test/checks/generated-docs.mjs --write`,
    );
    process.exitCode = 1;
  }
}
