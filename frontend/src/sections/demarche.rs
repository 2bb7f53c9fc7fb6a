//! The section « demarche »: the use case, which prefills other sections.

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::{Demarche, Policy, Section};

use crate::components::choice::{Choice, Select};
use crate::components::dialog::ConfirmDialog;
use crate::components::searchable_radio::SearchableRadioGroup;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;
use crate::form::prefill::{applied, filled_words, offered, overwritten};

/// Among more use cases than that, one looks for words.
const MAX_LISTED: usize = 8;
/// Some labels hold commas.
const SEPARATOR: &str = "\u{a0}; ";
const NONE: &str = "Aucun\u{a0}: je remplis la demande moi-même";

/// Its fields. A use case is looked at first, and fills in nothing until the button says so.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let chosen = form.reading(|draft| draft.demarche.clone());
    let looked_at = RwSignal::new(String::new());
    Effect::new(move |_| looked_at.set(chosen.get()));
    let shows_all = RwSignal::new(false);
    let policy = form.policy();
    let all = policy.demarches.len();
    let every: Vec<Choice> = policy.demarches.iter().map(|demarche| choice(&policy, demarche)).collect();
    let choices = form.reading(move |draft| {
        let offered = offered(&policy, draft, shows_all.get());
        every.iter().filter(|choice| offered.iter().any(|demarche| demarche.id == choice.value)).cloned().collect()
    });
    let on_change = Callback::new(move |id| looked_at.set(id));
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
                value=looked_at
                on_change
            />
        }
        .into_any()
    } else {
        view! { <Select id label empty=NONE choices value=looked_at error=form.error(&Field::Demarche) on_change /> }
            .into_any()
    };
    view! {
        <p>{Section::Demarche.advice()}</p>
        {list}
        {editor_filter(all, choices, shows_all)}
        <div aria-live="polite">{explanation(form, chosen, looked_at)}</div>
        {use_button(form, chosen, looked_at)}
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

/// What the use case that one looks at fills in, or has filled in, and where it is described.
fn explanation(form: EnrollmentForm, chosen: Signal<String>, looked_at: RwSignal<String>) -> AnyView {
    (move || {
        let policy = form.policy();
        let demarche = policy.demarche(&looked_at.get())?;
        let is_chosen = chosen.with(|chosen| *chosen == demarche.id);
        let filled = filled_words(&policy, &demarche.id).join(SEPARATOR);
        let name = &demarche.label;
        let text = match (filled.is_empty(), is_chosen) {
            (true, _) => format!("«\u{a0}{name}\u{a0}» ne remplit aucun champ."),
            (false, true) => format!("«\u{a0}{name}\u{a0}» a rempli\u{a0}: {filled}. Vérifiez-les."),
            (false, false) => format!("«\u{a0}{name}\u{a0}» remplira\u{a0}: {filled}."),
        };
        let about = demarche.about_url.clone().map(|url| {
            view! {
                <p>
                    <a href=url target="_blank" rel="noopener external" title="Description du cas d’usage – nouvelle fenêtre">
                        "Description du cas d’usage"
                    </a>
                </p>
            }
        });
        Some(view! {
            <p>{text}</p>
            {about}
        })
    })
    .into_any()
}

/// The button that fills in the form; it asks first where the user’s own words would be lost.
fn use_button(form: EnrollmentForm, chosen: Signal<String>, looked_at: RwSignal<String>) -> AnyView {
    let is_asking = RwSignal::new(false);
    let replaced = RwSignal::new(Vec::<String>::new());
    let apply = move || {
        let policy = form.policy();
        let id = looked_at.get_untracked();
        form.choose(&Field::Demarche, |draft| *draft = applied(&policy, draft, &id));
    };
    let is_done = Memo::new(move |_| chosen.with(|chosen| looked_at.with(|looked_at| chosen == looked_at)));
    let on_click = move |_| {
        if is_done.get_untracked() {
            return;
        }
        let policy = form.policy();
        let id = looked_at.get_untracked();
        let fields = form.draft().with_untracked(|draft| overwritten(&policy, draft, &id));
        if fields.is_empty() {
            apply();
        } else {
            replaced.set(fields.iter().map(|field| policy.label_of(field)).collect());
            is_asking.set(true);
        }
    };
    let name = move || match (is_done.get(), looked_at.with(String::is_empty)) {
        (true, true) => "Aucun cas d’usage n’est utilisé",
        (true, false) => "Ce cas d’usage est utilisé",
        (false, true) => "Ne plus utiliser de cas d’usage",
        (false, false) => "Utiliser ce cas d’usage",
    };
    view! {
        <button
            type="button"
            class="fr-btn fr-btn--secondary fr-mb-3w"
            aria-disabled=move || is_done.get().then_some("true")
            on:click=on_click
        >
            {name}
        </button>
        <ConfirmDialog
            id="demarche-remplace"
            title="Remplacer ce que vous avez saisi\u{a0}?"
            open=is_asking
            confirm="Remplacer"
            on_confirm=Callback::new(move |()| apply())
        >
            <p>"Ce cas d’usage remplit des champs que vous avez déjà modifiés\u{a0}:"</p>
            <ul>{move || replaced.get().into_iter().map(|label| view! { <li>{label}</li> }).collect_view()}</ul>
            <p>"Ce que vous y avez saisi sera perdu."</p>
        </ConfirmDialog>
    }
    .into_any()
}
