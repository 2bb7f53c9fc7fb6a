//! The checkboxes of one group of scopes, with their count and buttons to untick all and, for procedures that one subscribes
//! to, to tick all. Each piece of data about people is asked for by itself: it has to be justified.

use leptos::prelude::*;
use shared::draft::Draft;
use shared::field::Field;
use shared::policy::Scope;

use super::scope_box::ScopeBoxes;
use crate::components::accordion::Accordion;

/// With more boxes than that, a group can be ticked and unticked as a whole.
const MAX_WITHOUT_BULK_BUTTONS: usize = 2;

/// The group at that place in the form, folded where `folds`.
pub fn view(boxes: ScopeBoxes, index: usize, label: Option<String>, scopes: Vec<Scope>, folds: bool) -> AnyView {
    let ids: Vec<String> = scopes.iter().filter(|scope| !scope.deprecated).map(|scope| scope.id.clone()).collect();
    let total = ids.len();
    let count = boxes.form().reading(move |draft| ids.iter().filter(|id| draft.scopes.contains(*id)).count());
    let label = label.map(|label| label.trim_end_matches([' ', ':', '\u{a0}']).to_owned()).unwrap_or_default();
    let legend_id = format!("groupe-{index}");
    let counted = move |label: String| {
        move || {
            let counted = format!("{} sur {total}", count.get());
            if label.is_empty() { counted } else { format!("{label} ({counted})") }
        }
    };
    let are_data = !boxes.form().policy().subscribes();
    let whole = BulkButtons::of(&scopes, are_data).map(|whole| buttons(boxes, whole, &label));
    let inputs = scopes.into_iter().map(|scope| boxes.of(scope)).collect_view();
    if folds && !label.is_empty() {
        return view! {
            <Accordion
                id=legend_id.clone()
                title=Signal::derive(counted(label.clone()))
                open=count.get_untracked() != 0
                unfolds=Signal::derive(move || count.get() != 0)
                level=4
            >
                <fieldset class="fr-fieldset">
                    <legend class="fr-sr-only">{label}</legend>
                    {whole}
                    {inputs}
                </fieldset>
            </Accordion>
        }
        .into_any();
    }
    view! {
        <fieldset class="fr-fieldset" aria-labelledby=legend_id.clone()>
            <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id=legend_id.clone()>
                {counted(if label.is_empty() { "Données".to_owned() } else { label })}
            </legend>
            {whole}
            {inputs}
        </fieldset>
    }
    .into_any()
}

/// What a group's two buttons do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BulkButtons {
    /// What « tout cocher » ticks: no data, and not what asks for a confirmation.
    ticked: Vec<String>,
    /// What « tout décocher » unticks.
    unticked: Vec<String>,
    /// Some of it asks for a confirmation.
    leaves_out: bool,
}

impl BulkButtons {
    /// `None` where the boxes that one may change are few.
    fn of(scopes: &[Scope], are_data: bool) -> Option<Self> {
        let free = || scopes.iter().filter(|scope| !scope.locked && !scope.deprecated);
        let ids = |scope: &Scope| scope.id.clone();
        let ticked: Vec<String> = free().filter(|scope| !are_data && scope.warning.is_none()).map(ids).collect();
        let unticked: Vec<String> = free().map(ids).collect();
        let leaves_out = ticked.len() < unticked.len();
        (unticked.len() > MAX_WITHOUT_BULK_BUTTONS).then_some(Self { ticked, unticked, leaves_out })
    }

    /// All but what `is_refused`.
    fn tick(&self, draft: &mut Draft, is_refused: impl Fn(&str) -> bool) {
        draft.scopes.extend(self.ticked.iter().filter(|id| !is_refused(id)).cloned());
    }

    fn untick(&self, draft: &mut Draft) {
        draft.scopes.retain(|id| !self.unticked.contains(id));
    }
}

fn buttons(boxes: ScopeBoxes, whole: BulkButtons, label: &str) -> AnyView {
    let done = RwSignal::new("");
    let of_group = if label.is_empty() { String::new() } else { format!(" dans {label}") };
    let note = whole.leaves_out.then_some("sauf celles qui demandent une confirmation");
    let button = |name: &'static str, said: &'static str, change: Box<dyn Fn(&mut Draft) + Send>| {
        let of_group = of_group.clone();
        view! {
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm"
                on:click=move |_| {
                    boxes.form().choose(&Field::Scopes, |draft| change(draft));
                    done.set(said);
                }
            >
                {name}
                <span class="fr-sr-only">{of_group}</span>
            </button>
        }
    };
    let tick = (!whole.ticked.is_empty()).then(|| {
        let whole = whole.clone();
        let said = if whole.leaves_out {
            "Les données qui ne demandent pas de confirmation sont cochées."
        } else {
            "Toutes les données sont cochées."
        };
        view! {
            {button("Tout cocher", said, Box::new(move |draft| whole.tick(draft, |id| boxes.form().granted_scope(id).is_some())))}
            {note.map(|note| view! { <span class="fr-hint-text">{note}</span> })}
        }
    });
    view! {
        <div class="fr-fieldset__element dp-whole dp-no-print">
            {tick}
            {button("Tout décocher", "Toutes les données sont décochées.", Box::new(move |draft| whole.untick(draft)))}
            <span class="fr-sr-only" role="status">
                {move || done.get()}
            </span>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scopes(scopes: serde_json::Value) -> Vec<Scope> {
        serde_json::from_value(scopes).unwrap()
    }

    #[test]
    fn a_whole_group_is_ticked_but_for_what_asks_for_a_confirmation() {
        let group = scopes(json!([
            {"id": "a", "label": "A"}, {"id": "b", "label": "B"}, {"id": "c", "label": "C", "warning": "w"},
            {"id": "d", "label": "D", "locked": true}, {"id": "e", "label": "E", "deprecated": true},
        ]));
        let data = BulkButtons::of(&group, true).unwrap();
        assert_eq!((data.ticked.len(), data.unticked.len()), (0, 3), "data is ticked one by one");
        let whole = BulkButtons::of(&group, false).unwrap();
        assert!(whole.leaves_out);
        let mut draft = Draft::default();
        draft.scopes.extend(["c", "d", "e"].map(str::to_owned));
        whole.tick(&mut draft, |id| id == "b");
        assert_eq!(draft.scopes.iter().cloned().collect::<String>(), "acde", "not what the organisation has");
        whole.tick(&mut draft, |_| false);
        assert_eq!(draft.scopes.iter().cloned().collect::<String>(), "abcde");
        whole.untick(&mut draft);
        assert_eq!(draft.scopes.iter().cloned().collect::<String>(), "de");
    }

    #[test]
    fn two_boxes_are_ticked_one_by_one() {
        let few = scopes(json!([
            {"id": "a", "label": "A"}, {"id": "b", "label": "B"}, {"id": "c", "label": "C", "locked": true},
        ]));
        assert_eq!(BulkButtons::of(&few, false), None);
    }
}
