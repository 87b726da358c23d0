// Every relative link of README.md, CONTRIBUTING.md, CHANGELOG.md and docs/*.md names a file that exists, and, with a
// fragment, a heading that is in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'client-sdk/README.md', 'bench/README.md'],
  ...readdirSync(join(root, 'docs')).map((name) => join('docs', name)),
]
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(root, name))
  .filter((file) => existsSync(file));

/** Text without code, where brackets mean other things. */
function prose(text) {
  return text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** As GitHub names headings. */
function anchorsOf(file) {
  const text = readFileSync(file, 'utf8').replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  const headings = [...text.matchAll(/^#+ +(.*)$/gm)].map(([, title]) => title ?? '');
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function faultOf(file, link) {
  const [path = '', fragment] = link.split('#');
  const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  if (!existsSync(target)) return 'no such file';
  if (fragment !== undefined && target.endsWith('.md') && !anchorsOf(target).has(fragment)) return 'no such heading';
  return undefined;
}

const faults = documents.flatMap((file) => {
  const links = [...prose(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => [link, faultOf(file, link)])
    .filter(([, fault]) => fault !== undefined)
    .map(([link, fault]) => `${relative(root, file)}: ${link}: ${fault}`);
});

for (const fault of faults) console.error(fault);
console.log(`${documents.length} documents, ${faults.length} broken links`);
process.exitCode = faults.length === 0 ? 0 : 1;
