import { useSyncExternalStore } from 'react';
import { onPreferences, preferences, setPreferences } from './preferences.ts';

export function SettingsScreen(): React.JSX.Element {
  const { theme, density, letterKeys } = useSyncExternalStore(onPreferences, preferences);
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
      <Choice
        legend="Density"
        values={['compact', 'normal', 'roomy']}
        value={density}
        choose={(value) => setPreferences({ density: value })}
      />
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

interface ChoiceProps<Value extends string> {
  readonly legend: string;
  readonly values: readonly Value[];
  readonly value: Value;
  readonly choose: (value: Value) => void;
}

function Choice<Value extends string>({ legend, values, value, choose }: ChoiceProps<Value>): React.JSX.Element {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {values.map((each) => (
        <label key={each} className="check">
          <input type="radio" name={legend} checked={each === value} onChange={() => choose(each)} />
          {each}
        </label>
      ))}
    </fieldset>
  );
}
