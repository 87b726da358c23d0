// A list of what has changed since the page was opened, newest first. Plain JavaScript, no build step of its own.
import { createHub } from '../../client-sdk/dist/bundle.js';

const form = document.querySelector('#form');
const rows = document.querySelector('#rows');
const status = document.querySelector('#status');
let hub;

form.addEventListener('submit', (submit) => {
  submit.preventDefault();
  hub?.close();
  rows.replaceChildren();
  const { url, channel, token } = Object.fromEntries(new FormData(form));

  hub = createHub({ url, token, client: 'browser example 1.0' });
  hub.on('status', (now) => (status.textContent = now));
  hub.on('error', (error) => (status.textContent = `${error.code}: ${error.message}`));

  // the names, types and tags that are shown, and no documents
  const changes = hub.channel(channel, { shape: 'entity' });
  changes.on('event', show);
  changes.on('policy', () => rows.replaceChildren());
  changes.on('gap', ({ reason }) => (status.textContent = `changes may be missing in the list (${reason})`));
  changes.on('ended', (error) => error && (status.textContent = `${error.code}: ${error.message}`));
});

function show(event) {
  const known = [...rows.children].find((row) => row.dataset.urn === event.subject);
  known?.remove();
  if (event.kind === 'leave') return;
  const row = rows.insertRow(0);
  row.dataset.urn = event.subject;
  const { name, type, tags } = event.entity;
  // textContent, never innerHTML: names come from other systems
  for (const text of [name, type, tags.join(', '), event.recordedtime]) row.insertCell().textContent = text;
}
