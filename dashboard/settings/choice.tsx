import { useId } from 'react';

export interface ChoiceProps<Value extends string> {
  readonly legend: string;
  readonly values: readonly Value[];
  readonly value: Value;
  readonly choose: (value: Value) => void;
}

/** One of some values. */
export function Choice<Value extends string>({ legend, values, value, choose }: ChoiceProps<Value>): React.JSX.Element {
  const name = useId();
  return (
    <fieldset>
      <legend>{legend}</legend>
      {values.map((each) => (
        <label key={each} className="check">
          <input type="radio" name={name} checked={each === value} onChange={() => choose(each)} />
          {each}
        </label>
      ))}
    </fieldset>
  );
}
