import type { Requirement } from '../../channels/search/attributes.ts';
import { sortFields } from '../../channels/protocol/search.ts';
import { classificationFields, classificationLists, headFields } from '../../channels/subscription/head-fields.ts';

/** Words of the name: whoever may read the document reads it. */
export const nameAttribute = 't0';
/** Levels of texts that may be hidden. */
export const levels = [1, 2, 3] as const;
const hidingRequirements = [1, 2, 3, 4, 5, 6, 7, 8] as const satisfies readonly Requirement[];

/** Where the words of a level are that those see who meet a requirement: `t2`, `p2.r3`. */
export function textAttribute(level: 0 | 1 | 2 | 3, requirement: Requirement): string {
  return requirement === 0 || level === 0 ? `t${level}` : `p${level}.r${requirement}`;
}

/** One by one, because a parent does not stand for its members when it is searched. */
export const hiddenTextAttributes: readonly string[] = levels.flatMap((level) =>
  hidingRequirements.map((requirement) => textAttribute(level, requirement)),
);

/** Most important first, as `lowestLevel` has it. */
export const textAttributes: readonly string[] = [
  nameAttribute,
  ...levels.flatMap((level) => [
    textAttribute(level, 0),
    ...hidingRequirements.map((requirement) => textAttribute(level, requirement)),
  ]),
];

/** The attributes that a class searches: never all of them by leaving them out. */
export function searchedAttributes(requirements: readonly Requirement[]): readonly string[] {
  return [nameAttribute, ...levels.flatMap((level) => requirements.map((each) => textAttribute(level, each)))];
}

/** A member of the classifications of a list; `tag` is scheme and name together, `rank` scheme and level. */
export function memberField(list: string, member: string): string {
  return `${list}_${member}`;
}

/** Fields of heads whose values are stored to be filtered by. */
export const storedFields: readonly string[] = [
  ...Object.keys(headFields),
  ...classificationLists.flatMap((list) =>
    [...Object.keys(classificationFields), 'tag', 'rank'].map((member) => memberField(list, member)),
  ),
];

export function sortAttribute(field: string): string {
  return `o.${field}`;
}

export const sortAttributes: readonly string[] = sortFields.map(sortAttribute);

/** Values of one field that some see: where they are, and whether every document has the attribute. */
export interface Place {
  readonly attribute: string;
  /** Absence then is a fault, and matches nothing. */
  readonly isSure: boolean;
}

/** Names the attributes that a filter on a field has to look at. */
export type Places = (field: string) => readonly Place[];

function visiblePlace(field: string, requirement: Requirement): Place {
  return { attribute: `f.${field}.r${requirement}`, isSure: requirement === 0 };
}

/** What a class sees of a field. */
export function placesOf(requirements: readonly Requirement[]): Places {
  return (field) => requirements.map((requirement) => visiblePlace(field, requirement));
}

/** All of a field, which grants are judged on: what everybody sees, and what is hidden from some. */
export const rawPlaces: Places = (field) => [visiblePlace(field, 0), { attribute: `h.${field}`, isSure: false }];
