import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { applyPreferences } from './settings/preferences.ts';
import { chosenRole } from './session/chosen-role.ts';
import { Session } from './session/session.ts';
import './style/base.css';
import './style/layout.css';
import './style/parts.css';
import './style/lineage.css';
import './style/past.css';
import './style/api.css';

applyPreferences();
const session = new Session(new URL('.', document.baseURI));
const fragment = new URLSearchParams(location.hash.slice(1));
const code = fragment.get('code') ?? undefined;
const role = fragment.get('role') ?? chosenRole();
// the code works once, and must not stay where others may read or copy it
if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
void session.start(code, role);
// a page that a browser brings back from its memory may show what may no longer be seen
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <App session={session} />
    </StrictMode>,
  );
