import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { useMe } from '../session/use-me.ts';
import { CommandMenu } from './command-menu.tsx';
import { ConnectionPill } from './connection-pill.tsx';
import { useKeys } from './keys.ts';
import { screens } from './screens.ts';
import { ShortcutSheet } from './shortcut-sheet.tsx';

/** Rail, top bar and the screen. */
export function Shell(): React.JSX.Element {
  const [menuOpen, setMenuOpen] = useState(false);
  const [sheetOpen, setSheetOpen] = useState(false);
  const navigate = useNavigate();
  const me = useMe();
  const shown = screens.filter(({ isFor }) => isFor(me));
  // pressed before it is known for whom the screens are
  const early = useRef('');
  const goTo = (letter: string): void => {
    const screen = shown.find((each) => each.key === letter);
    if (screen !== undefined) void navigate({ to: screen.to });
    early.current = screen === undefined && !me.isKnown ? letter : '';
  };
  useEffect(() => {
    if (me.isKnown && early.current !== '') goTo(early.current);
  });
  useTitle();
  useKeys({ openMenu: () => setMenuOpen(true), openSheet: () => setSheetOpen(true), goTo });
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <nav className="rail" aria-label="Screens">
        <strong className="brand">PurSight</strong>
        {shown.map(({ to, name, key }) => (
          <Link key={to} to={to} className="rail-link" aria-keyshortcuts={`g ${key}`}>
            {name}
          </Link>
        ))}
      </nav>
      <header className="top-bar">
        <button type="button" className="quiet" onClick={() => setMenuOpen(true)} aria-keyshortcuts="Control+K">
          Commands <kbd>Ctrl K</kbd>
        </button>
        <span className="spacer" />
        <ConnectionPill />
        <Account />
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      {menuOpen ? <CommandMenu close={() => setMenuOpen(false)} openSheet={() => setSheetOpen(true)} /> : null}
      {sheetOpen ? <ShortcutSheet close={() => setSheetOpen(false)} /> : null}
    </div>
  );
}

/** The title names the screen, never what is on it: it outlives the page in histories and task bars. */
function useTitle(): void {
  const { pathname } = useLocation();
  const { name } = screens.find(({ to }) => pathname.startsWith(to)) ?? { name: 'Dashboard' };
  useEffect(() => {
    document.title = `${name} – PurSight`;
  }, [name]);
}

function Account(): React.JSX.Element {
  const { who, session } = useSignedIn();
  return (
    <div className="account">
      {who.roles.length > 1 ? (
        <label>
          <span className="visually-hidden">Role</span>
          <select value={who.role} onChange={(event) => void session.switchTo(event.target.value)}>
            {who.roles.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        </label>
      ) : (
        <span>{who.sub}</span>
      )}
      <button type="button" className="quiet" onClick={() => void session.signOut()}>
        Sign out
      </button>
    </div>
  );
}
