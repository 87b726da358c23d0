import { useSyncExternalStore } from 'react';
import { Choice } from './choice.tsx';
import { DensityChoice } from './density-choice.tsx';
import { onPreferences, preferences, setPreferences } from './preferences.ts';

export function SettingsScreen(): React.JSX.Element {
  const { theme, letterKeys } = useSyncExternalStore(onPreferences, preferences);
  return (
    <section className="settings">
      <h1>Settings</h1>
      <p className="hint">They stay in this browser.</p>
      <Choice
        legend="Theme"
        values={['system', 'light', 'dark']}
        value={theme}
        choose={(value) => setPreferences({ theme: value })}
      />
      <DensityChoice />
      <label className="check">
        <input
          type="checkbox"
          checked={letterKeys}
          onChange={(event) => setPreferences({ letterKeys: event.target.checked })}
        />
        Single letters are commands
      </label>
    </section>
  );
}
