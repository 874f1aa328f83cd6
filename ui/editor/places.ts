/** Places the authority tells of (conflicts, proposals), kept where they are while the text moves under them. */
import {
  type Extension,
  StateEffect,
  type StateEffectType,
  StateField,
  type Text,
} from "@codemirror/state";
import { type DecorationSet, EditorView } from "@codemirror/view";

export interface Place {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** A list of places with its drawing. */
export interface PlaceList<T extends Place> {
  readonly field: StateField<Placed<T>>;
  /** A new list, at positions of the text as it is now. */
  readonly set: StateEffectType<readonly T[]>;
  readonly extension: Extension;
}

export interface Placed<T> {
  readonly places: readonly T[];
  readonly drawn: DecorationSet;
}

/** `draw` is asked whenever a list comes; edits move what it drew. */
export function placeList<T extends Place>(
  draw: (places: readonly T[], text: Text) => DecorationSet,
): PlaceList<T> {
  const set = StateEffect.define<readonly T[]>();
  const field = StateField.define<Placed<T>>({
    create: (state) => ({ places: [], drawn: draw([], state.doc) }),
    update(value, transaction) {
      for (const effect of transaction.effects) {
        if (!effect.is(set)) continue;
        const places = effect.value.map((place) => within(place, transaction.newDoc.length));
        return { places, drawn: draw(places, transaction.newDoc) };
      }
      if (!transaction.docChanged || value.places.length === 0) return value;
      const places = value.places.map((place) => ({
        ...place,
        from: transaction.changes.mapPos(place.from, -1),
        to: transaction.changes.mapPos(place.to, 1),
      }));
      return { places, drawn: draw(places, transaction.newDoc) };
    },
  });
  const extension = [field, EditorView.decorations.from(field, ({ drawn }) => drawn)];
  return { field, set, extension };
}

function within<T extends Place>(place: T, length: number): T {
  const from = Math.min(place.from, length);
  return { ...place, from, to: Math.min(Math.max(place.to, from), length) };
}
