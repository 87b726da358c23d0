import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';

const run = promisify(execFile);

/** What a Dockerfile makes, as folders below one of this machine. */
export interface ImageFolder {
  /** Where the image's `/` is. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute paths in it are those of this machine. */
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Stage {
  readonly name: string | null;
  readonly root: string;
  readonly environment: Record<string, string>;
  folder: string;
  entrypoint: readonly string[];
  cmd: readonly string[];
  healthcheck: readonly string[];
}

export interface ImageBuild {
  /** The folder with the Dockerfile. */
  readonly context: string;
  /** An empty folder. */
  readonly scratch: string;
  /** Absolute paths that the steps name: they are moved below each stage's root. */
  readonly paths: readonly string[];
  /** Who `--chown=node` means. */
  readonly nodeUser: number;
}

/**
 * Follows the steps of a Dockerfile without a container engine, with this machine's Node.js in the place of the base
 * image. Throws on an instruction that it cannot follow.
 */
export async function followDockerfile(build: ImageBuild): Promise<ImageFolder> {
  const text = await readFile(join(build.context, 'Dockerfile'), 'utf8');
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) await follow(instruction, stages, build);
  const last = stages.at(-1);
  if (last === undefined) throw new Error('a Dockerfile without a stage');
  const { root, environment, entrypoint, cmd, healthcheck } = last;
  return { root, environment, command: [...entrypoint, ...cmd], healthcheck };
}

async function follow(instruction: Instruction, stages: Stage[], build: ImageBuild): Promise<void> {
  const keyword = instruction.getKeyword();
  const content = instruction.getArgumentsContent() ?? '';
  if (keyword === 'FROM') return beginStage(content, stages, build);
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error(`${keyword} before FROM`);
  const list = (): readonly string[] => (JSON.parse(content) as string[]).map((word) => movedIn(word, stage, build));
  switch (keyword) {
    case 'WORKDIR':
      stage.folder = join(stage.root, content);
      await mkdir(stage.folder, { recursive: true });
      return;
    case 'COPY':
      return copy(instruction as Copy, stages, stage, build);
    case 'RUN':
      await run('sh', ['-ec', movedIn(content, stage, build)], { cwd: stage.folder });
      return;
    case 'ENV':
      for (const word of instruction.getArguments().map((argument) => argument.getValue())) {
        const [name = '', value = ''] = word.split('=');
        stage.environment[name] = movedIn(value, stage, build);
      }
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = list();
      return;
    case 'CMD':
      stage.cmd = list();
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(content.slice(content.indexOf('['))) as string[];
      return;
    case 'VOLUME':
    case 'USER':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`cannot follow ${keyword}`);
  }
}

async function beginStage(content: string, stages: Stage[], { scratch }: ImageBuild): Promise<void> {
  const root = join(scratch, `stage-${stages.length}`);
  await mkdir(root);
  const name = / AS (\S+)$/i.exec(content)?.[1] ?? null;
  stages.push({ name, root, folder: root, environment: {}, entrypoint: [], cmd: [], healthcheck: [] });
}

async function copy(instruction: Copy, stages: readonly Stage[], stage: Stage, build: ImageBuild): Promise<void> {
  const flags = new Map(instruction.getFlags().map((flag) => [flag.getName(), flag.getValue()]));
  const words = instruction.getArguments().map((argument) => argument.getValue());
  const from = stages.find(({ name }) => name === flags.get('from'));
  const target = words.at(-1) ?? '';
  for (const source of words.slice(0, -1)) {
    const path = join(from?.root ?? build.context, source);
    const place = join(isAbsolute(target) ? stage.root : stage.folder, target);
    const destination = target.endsWith('/') ? join(place, basename(source)) : place;
    if (from === undefined) await cp(path, destination, { recursive: true, filter: await sentFiles(build.context) });
    // many small files, for which Node.js takes minutes
    else await run('cp', ['-a', path, destination]);
    if (flags.get('chown') === 'node:node') await chown(destination, build.nodeUser, build.nodeUser);
  }
}

/** The patterns of .dockerignore for any folder; what is not named in it at all is for the check of the file itself. */
async function sentFiles(context: string): Promise<(path: string) => boolean> {
  const lines = (await readFile(join(context, '.dockerignore'), 'utf8')).split('\n');
  const patterns = lines
    .filter((line) => line.startsWith('**/'))
    .map((line) => new RegExp(`^${line.slice(3).replaceAll('.', '\\.').replaceAll('*', '.*')}$`));
  return (path) => !patterns.some((pattern) => pattern.test(basename(path)));
}

function movedIn(text: string, { root }: Stage, { paths }: ImageBuild): string {
  return paths.reduce((moved, path) => moved.replaceAll(new RegExp(`(?<![\\w./])${path}\\b`, 'g'), root + path), text);
}
