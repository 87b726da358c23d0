// The files that containers are built and run from, without a container engine: the Dockerfile and the compose files are
// valid, and name only what is there. What is asked of the image beyond that: docs/quick-start-cluster.md.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DCLinter } from 'dclint';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const composeFiles = ['compose.yaml', 'deploy/services/compose.yaml'];
const faults = [...dockerfileFaults('Dockerfile'), ...composeFiles.flatMap(composeFaults)];
for (const fault of faults) console.error(fault);
console.log(`1 Dockerfile, ${composeFiles.length} compose files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

function dockerfileFaults(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const said = validate(text).map(
    ({ message, range }) => `${file}:${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  );
  const instructions = DockerfileParser.parse(text).getInstructions();
  const stages = stagesOf(instructions);
  const last = stages.at(-1) ?? [];
  const lastOf = (keyword) => last.findLast((instruction) => instruction.getKeyword() === keyword);
  const wrong = (ok, message) => (ok ? [] : [`${file}: ${message}`]);
  return [
    ...said,
    ...instructions.flatMap((instruction) => instructionFaults(file, instruction, stages)),
    ...wrong(lastOf('HEALTHCHECK') !== undefined, 'the image has no HEALTHCHECK'),
    ...wrong(!/^(root|0)?(:|$)/.test(textOf(lastOf('USER'))), 'the image runs as root: set USER'),
    ...['ENTRYPOINT', 'CMD'].flatMap((keyword) =>
      wrong(textOf(lastOf(keyword)).startsWith('['), `${keyword} is no JSON array: a shell would not pass signals on`),
    ),
  ];
}

function stagesOf(instructions) {
  const stages = [];
  for (const instruction of instructions) {
    if (instruction.getKeyword() === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

function instructionFaults(file, instruction, stages) {
  const at = `${file}:${instruction.getRange().start.line + 1}`;
  const text = textOf(instruction);
  switch (instruction.getKeyword()) {
    case 'FROM':
      return isPinned(instruction.getImage()) ? [] : [`${at}: ${text} has no tag that says a version`];
    case 'ADD':
      return [`${at}: ADD fetches and unpacks; use COPY`];
    case 'ENV':
    case 'ARG':
      return /secret|password|token/i.test(text) ? [`${at}: a secret would stay in the image`] : [];
    case 'COPY':
      return copyFaults(at, instruction, stages);
    default:
      return [];
  }
}

function copyFaults(at, instruction, stages) {
  const from = instruction
    .getFlags()
    .find((flag) => flag.getName() === 'from')
    ?.getValue();
  if (from !== undefined) {
    const names = stages.map(([first]) => first.getBuildStage());
    return names.includes(from) ? [] : [`${at}: no stage is called ${from}`];
  }
  const sources = instruction
    .getArguments()
    .slice(0, -1)
    .map((argument) => argument.getValue());
  return sources.flatMap((source) => [
    ...(existsSync(join(root, source)) ? [] : [`${at}: ${source} does not exist`]),
    ...(isSent(source) ? [] : [`${at}: .dockerignore leaves ${source} out`]),
  ]);
}

/** The build gets only what .dockerignore names: it begins with everything left out. */
function isSent(source) {
  const kept = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  return kept.some((path) => source === path || source.startsWith(`${path}/`));
}

function composeFaults(file) {
  const path = join(root, file);
  // its rules on style are not ours
  const said = new DCLinter({ rules: {}, quiet: true, exclude: [] })
    .lintFiles([path], false)
    .flatMap(({ messages }) => messages)
    .filter(({ type }) => type === 'error')
    .map(({ line, message }) => `${file}:${line}: ${message}`);
  const { services = {}, volumes = {} } = parse(readFileSync(path, 'utf8'), { merge: true });
  return [
    ...said,
    ...variablesWithoutSample(file),
    ...Object.entries(services).flatMap(([name, service]) =>
      serviceFaults(service, { services, volumes, folder: dirname(path) }).map((fault) => `${file}: ${name}: ${fault}`),
    ),
  ];
}

function serviceFaults(service, { services, volumes, folder }) {
  const { image = '', build, depends_on: dependsOn = {}, volumes: mounts = [] } = service;
  const unpinned = build === undefined && !isPinned(image) ? [`${image} has no tag that says a version`] : [];
  const sources = mounts.map((mount) => mount.split(':')[0]);
  const isThere = (source) => (source.startsWith('.') ? existsSync(join(folder, source)) : source in volumes);
  return [
    ...unpinned,
    ...sources.filter((source) => !isThere(source)).map((source) => `${source} does not exist`),
    ...Object.entries(dependsOn).flatMap(([other, { condition }]) => {
      if (services[other] === undefined) return [`depends on ${other}, which is not there`];
      const isChecked = services[other].healthcheck !== undefined || services[other].build !== undefined;
      return condition !== 'service_healthy' || isChecked ? [] : [`${other} has no health check to wait for`];
    }),
  ];
}

/** Whoever copies the sample must have every variable that has no default. */
function variablesWithoutSample(file) {
  const sample = readFileSync(join(root, '.env.example'), 'utf8');
  const needed = [...readFileSync(join(root, file), 'utf8').matchAll(/\$\{(\w+)(?::\?[^}]*)?\}/g)];
  return needed
    .filter(([, name]) => !new RegExp(`^${name}=`, 'm').test(sample))
    .map(([, name]) => `${file}: .env.example does not name ${name}`);
}

function isPinned(image) {
  return /:[^:/]*\d/.test(image);
}

function textOf(instruction) {
  return instruction?.getArgumentsContent() ?? '';
}
