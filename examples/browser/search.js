// A search box whose hits stay up to date while the catalog changes. Plain JavaScript, no build step of its own.
import { createHub } from '../../client-sdk/dist/bundle.js';

const form = document.querySelector('#form');
const words = document.querySelector('#words');
const status = document.querySelector('#status');
const list = document.querySelector('#hits');
const rows = new WeakMap();
let hub;
let search;

form.addEventListener('submit', (submit) => {
  submit.preventDefault();
  hub?.close();
  const { url, token } = Object.fromEntries(new FormData(form));
  hub = createHub({ url, token, client: 'browser search example 1.0' });
  hub.on('error', (error) => (status.textContent = `${error.code}: ${error.message}`));
  open();
});

words.addEventListener('input', () => {
  if (hub === undefined || hub.status === 'closed') return;
  // a query that was refused has ended the search
  if (search.status === 'ended') open();
  else search.setQuery(words.value);
});

function open() {
  search = hub.search(words.value, { facets: ['domain'], limit: 20 });
  search.subscribe(() => show(search.getSnapshot()));
}

function show({ hits, total, facets, isSearching, error, ...now }) {
  const domains = facets.domain?.map(({ value, count }) => `${value} ${count}`) ?? [];
  status.textContent = error?.message ?? `${now.status}: ${total.value} found ${domains.join(', ')}`;
  list.ariaBusy = String(isSearching);
  // a hit that has not changed is the same object, and keeps its row
  list.replaceChildren(...hits.map((hit) => rows.get(hit) ?? newRow(hit)));
}

function newRow(hit) {
  const row = document.createElement('li');
  const { name, type, domain } = hit.entity;
  row.append(`${name}, ${type}${domain === null ? '' : ` of ${domain}`}`);
  row.append(...hit.highlights.map(marked));
  rows.set(hit, row);
  return row;
}

/** Where the words are. Text nodes, never innerHTML: texts of the catalog come from other systems. */
function marked({ field, text, ranges }) {
  const line = document.createElement('small');
  line.append(`${field}: `);
  let done = 0;
  for (const [from, to] of ranges) {
    const mark = document.createElement('mark');
    mark.append(text.slice(from, to));
    line.append(text.slice(done, from), mark);
    done = to;
  }
  line.append(text.slice(done));
  return line;
}
