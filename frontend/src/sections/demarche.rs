//! The section « demarche »: the use case, which prefills other sections.

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::{Demarche, Policy, Section};

use super::PartLink;
use crate::browser;
use crate::components::choice::{Choice, Select};
use crate::components::searchable_radio::SearchableRadioGroup;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;
use crate::form::prefill::{Filling, SEPARATOR, filled_parts, filled_words, offered, still_filled};

/// Among more use cases than that, one looks for words.
const MAX_LISTED: usize = 8;
const NONE: &str = "Aucun\u{a0}: je remplis la demande moi-même";

/// Its fields. A use case fills in its part of the form as soon as it is chosen, says what, and can be taken back.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let chosen = form.reading(|draft| draft.demarche.clone());
    let shows_all = RwSignal::new(false);
    let policy = form.policy();
    let all = policy.demarches.len();
    let every: Vec<Choice> = policy.demarches.iter().map(|demarche| choice(&policy, demarche)).collect();
    let last = RwSignal::new(None::<Filling>);
    let choices = form.reading(move |draft| {
        last.with(|last| {
            let before = last.as_ref().map_or(draft, |last| last.before(draft));
            let offered = offered(&policy, before, shows_all.get());
            let is_offered = |id: &String| *id == draft.demarche || offered.iter().any(|demarche| demarche.id == *id);
            every.iter().filter(|choice| is_offered(&choice.value)).cloned().collect()
        })
    });
    let on_change = Callback::new(move |id: String| {
        let policy = form.policy();
        let filling = form
            .draft()
            .with_untracked(|draft| last.with_untracked(|last| Filling::new(&policy, draft, last.as_ref(), &id)));
        form.choose(&Field::Demarche, |draft| draft.clone_from(filling.after()));
        last.set(Some(filling));
    });
    let link = use_context::<PartLink>();
    let id = field_id(&Field::Demarche);
    let label = Field::Demarche.label();
    let list = if all > MAX_LISTED {
        view! {
            <SearchableRadioGroup
                id
                legend=label
                search="Rechercher un cas d’usage"
                count
                choices
                none=Choice::new("", NONE)
                value=chosen
                on_change
            />
        }
        .into_any()
    } else {
        view! { <Select id label empty=NONE choices value=chosen error=form.error(&Field::Demarche) on_change /> }
            .into_any()
    };
    view! {
        <p>{Section::Demarche.advice()}</p>
        {list}
        {editor_filter(all, choices, shows_all)}
        <div aria-live="polite">{effect(form, chosen, last, link)}</div>
    }
    .into_any()
}

/// A use case, with what it fills in.
fn choice(policy: &Policy, demarche: &Demarche) -> Choice {
    let filled = filled_words(policy, &demarche.id);
    let hint = if filled.is_empty() { String::new() } else { format!("Remplit\u{a0}: {}.", filled.join(SEPARATOR)) };
    Choice { hint, ..Choice::new(&demarche.id, &demarche.label) }
}

fn count(found: usize, all: usize) -> String {
    match (found, all) {
        (0, _) => "Aucun cas d’usage trouvé".to_owned(),
        (found, all) if found == all => format!("{all} cas d’usage"),
        (found, all) => format!("{found} cas d’usage sur {all}"),
    }
}

/// The way to see the use cases of other editors, where some are left out.
fn editor_filter(all: usize, choices: Signal<Vec<Choice>>, shows_all: RwSignal<bool>) -> AnyView {
    let state = Memo::new(move |_| (choices.with(Vec::len) < all, shows_all.get()));
    (move || {
        let (is_filtered, shows_all_now) = state.get();
        let (note, button) = if is_filtered {
            (
                "Seuls les cas d’usage de votre éditeur et ceux qui conviennent à tous sont proposés. ",
                "Afficher tous les cas d’usage",
            )
        } else {
            ("", "N’afficher que ceux de mon éditeur")
        };
        (is_filtered || shows_all_now).then(|| {
            view! {
                <p class="fr-text--sm">
                    {note}
                    <button
                        type="button"
                        class="fr-btn fr-btn--tertiary fr-btn--sm"
                        on:click=move |_| shows_all.update(|all| *all = !*all)
                    >
                        {button}
                    </button>
                </p>
            }
        })
    })
    .into_any()
}

/// What the use case has filled in and where, what it has replaced, where it is described, and the way to take it back.
fn effect(
    form: EnrollmentForm,
    chosen: Signal<String>,
    last: RwSignal<Option<Filling>>,
    link: Option<PartLink>,
) -> AnyView {
    (move || {
        let policy = form.policy();
        let filling = last.get();
        let demarche = chosen.with(|chosen| policy.demarche(chosen).cloned());
        let Some(demarche) = demarche else {
            return filling.map(|filling| {
                view! {
                    <p>"Aucun cas d’usage n’est utilisé\u{a0}: ce qu’un autre avait rempli est retiré."</p>
                    {undo(form, last, filling)}
                }
                .into_any()
            });
        };
        let filled = filled_words(&policy, &demarche.id).join(SEPARATOR);
        let name = &demarche.label;
        let text = if filled.is_empty() {
            format!("«\u{a0}{name}\u{a0}» ne remplit aucun champ.")
        } else {
            format!("«\u{a0}{name}\u{a0}» a rempli\u{a0}: {filled}. Vérifiez ces réponses.")
        };
        let replaced = filling.as_ref().map(|filling| filling.replaced(&policy)).unwrap_or_default();
        let replaced = (!replaced.is_empty()).then(|| {
            let labels: Vec<String> = replaced.iter().map(|field| policy.label_of(field)).collect();
            view! { <p>{format!("Il a remplacé ce que vous aviez saisi\u{a0}: {}.", labels.join(SEPARATOR))}</p> }
        });
        let about = demarche.about_url.map(|url| {
            view! {
                <p>
                    <a href=url target="_blank" rel="noopener external" title="Description du cas d’usage – nouvelle fenêtre">
                        "Description du cas d’usage"
                    </a>
                </p>
            }
        });
        Some(
            view! {
                <p>{text}</p>
                {places(filled_parts(&policy, &demarche.id), link)}
                {replaced}
                {about}
                {filling.map(|filling| undo(form, last, filling))}
            }
            .into_any(),
        )
    })
    .into_any()
}

/// The parts that the use case has filled in, with links to them where the form has some.
fn places(parts: Vec<Section>, link: Option<PartLink>) -> Option<AnyView> {
    let words = match parts.len() {
        0 => return None,
        1 => "Rempli à l’étape\u{a0}: ",
        _ => "Rempli aux étapes\u{a0}: ",
    };
    let one = |(place, section): (usize, Section)| {
        let shown = link.map_or_else(|| section.label().into_any(), |PartLink(link)| link.run(section));
        view! {
            {(place > 0).then_some(", ")}
            {shown}
        }
    };
    Some(view! { <p>{words} {parts.into_iter().enumerate().map(one).collect_view()} "."</p> }.into_any())
}

/// What the use case has filled in of another part of the form, for who arrives there.
pub fn mention(form: EnrollmentForm, section: Section) -> AnyView {
    if section == Section::Demarche || form.is_correction() || form.policy().demarches.is_empty() {
        return ().into_any();
    }
    let chosen = form.reading(|draft| draft.demarche.clone());
    (move || {
        let policy = form.policy();
        let name = chosen.with(|chosen| policy.demarche(chosen).map(|demarche| demarche.label.clone()))?;
        // What one changes afterwards is still told: nothing moves while one writes.
        let filled = form.draft().with_untracked(|draft| still_filled(&policy, draft, section));
        (!filled.is_empty()).then(|| {
            let filled = filled.join(SEPARATOR);
            view! {
                <p class="fr-message fr-message--info fr-mb-2w">
                    {format!("Rempli par le cas d’usage «\u{a0}{name}\u{a0}»\u{a0}: {filled}.")}
                </p>
            }
        })
    })
    .into_any()
}

/// The button that takes the choice back; the focus goes back to the choice.
fn undo(form: EnrollmentForm, last: RwSignal<Option<Filling>>, filling: Filling) -> AnyView {
    let on_click = move |_| {
        form.choose(&Field::Demarche, |draft| *draft = filling.undone(draft));
        last.set(None);
        browser::focus(&field_id(&Field::Demarche));
    };
    view! {
        <button type="button" class="fr-btn fr-btn--secondary fr-btn--sm fr-mb-3w" on:click=on_click>
            "Annuler ce choix"
        </button>
    }
    .into_any()
}
