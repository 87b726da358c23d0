import type { ReactNode } from 'react';
import type { FormField } from '../edit/form-field.ts';
import { type Form, listIn } from '../edit/form.ts';
import { Tags } from '../ui/tags.tsx';
import { dayAndTime } from '../ui/times.ts';
import { type JsonRecord, textOf } from '../ui/json.ts';
import type { ConceptKind, ConceptKindName } from './concept-kind.ts';
import { ConceptLink } from './concept-link.tsx';
import { conceptName } from './concept-name.ts';
import { conceptForm } from './concept-resource.ts';

export interface ConceptFactsProps {
  readonly kind: ConceptKind;
  readonly concept: JsonRecord;
}

/** Shown above all others. */
const elsewhere = new Set(['name', 'type', 'status', 'description']);

/** What is known of a term, domain or team. */
export function ConceptFacts({ kind, concept }: ConceptFactsProps): React.JSX.Element {
  const form = conceptForm(kind, concept);
  const description = form.texts['description'] ?? '';
  return (
    <>
      <section>
        <h2>Description</h2>
        <p className="prose">{description === '' ? 'None.' : description}</p>
      </section>
      <dl className="facts">
        {kind.fields
          .filter(({ field }) => !elsewhere.has(field))
          .map((field) => (
            <Fact key={field.field} {...{ field, kind }} values={valuesOf(form, field)} />
          ))}
        <dt>First seen</dt>
        <dd>{dayAndTime(textOf(concept['createdAt']))}</dd>
        {concept['updatedAt'] === undefined ? null : (
          <>
            <dt>Changed</dt>
            <dd>{dayAndTime(textOf(concept['updatedAt']))}</dd>
          </>
        )}
      </dl>
    </>
  );
}

function valuesOf(form: Form, { field, as }: FormField): readonly string[] {
  if (as === 'list') return listIn(form, field);
  const text = form.texts[field] ?? '';
  return text === '' ? [] : [text];
}

interface FactProps {
  readonly field: FormField;
  readonly kind: ConceptKind;
  readonly values: readonly string[];
}

function Fact({ field: { field, title }, kind, values }: FactProps): React.JSX.Element {
  const linked = linkedKind(field, kind.name);
  let shown: ReactNode = 'none';
  if (values.length > 0 && linked === undefined) shown = <Tags tags={values} />;
  if (values.length > 0 && linked !== undefined)
    shown = values.map((value) => (
      <span key={value} className="owner">
        <ConceptLink kind={linked} named={value} name={conceptName(linked, value)} />
      </span>
    ));
  return (
    <>
      <dt>{title}</dt>
      <dd>{shown}</dd>
    </>
  );
}

/** The kind of what a field names. */
function linkedKind(field: string, own: ConceptKindName): ConceptKindName | undefined {
  if (field === 'domain') return 'domain';
  return field === 'parent' || field === 'relatedTerms' ? own : undefined;
}
