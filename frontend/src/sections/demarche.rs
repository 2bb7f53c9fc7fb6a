//! The part of the form where one chooses a use case, which fills in other parts.

use leptos::prelude::*;
use shared::field::Field;

use crate::components::choice::{Choice, Select};
use crate::components::modal::Confirm;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;
use crate::form::prefill::{applied, filled_fields, offered, overwritten};

/// Its fields.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let is_asking = RwSignal::new(false);
    let wanted = RwSignal::new(String::new());
    let replaced = RwSignal::new(Vec::<String>::new());
    let shows_all = RwSignal::new(false);
    let draft = form.draft();
    // Only what the list depends on: a key in another field must not redraw it.
    let offered_now = Memo::new(move |_| {
        let policy = form.policy();
        let of = |all| {
            draft.with(|draft| {
                offered(&policy, draft, all).into_iter().map(|d| (d.id.clone(), d.label.clone())).collect::<Vec<_>>()
            })
        };
        (of(shows_all.get()), of(true).len())
    });
    let choices = Signal::derive(move || {
        offered_now.with(|(offered, _)| offered.iter().map(|(id, label)| Choice::new(id, label)).collect())
    });
    let apply = move |id: &str| {
        let policy = form.policy();
        form.choose(&Field::Demarche, |draft| *draft = applied(&policy, draft, id));
    };
    let on_change = Callback::new(move |id: String| {
        let policy = form.policy();
        let fields = draft.with_untracked(|draft| overwritten(&policy, draft, &id));
        if fields.is_empty() {
            apply(&id);
        } else {
            replaced.set(fields.iter().map(|field| policy.label_of(field)).collect());
            wanted.set(id);
            is_asking.set(true);
        }
    });
    view! {
        <p>
            "Si l’un de ces cas d’usage ressemble au vôtre, choisissez-le\u{a0}: il remplit une partie de la demande, que vous pourrez modifier."
        </p>
        <Select
            id=field_id(&Field::Demarche)
            label=Field::Demarche.label()
            empty="Aucun\u{a0}: je remplis la demande moi-même"
            choices
            value=form.text(&Field::Demarche)
            error=form.error(&Field::Demarche)
            on_change
        />
        {move || {
            let is_filtered = offered_now.with(|(offered, all)| offered.len() < *all);
            (is_filtered || shows_all.get())
                .then(|| {
                    view! {
                        <p class="fr-text--sm">
                            {if is_filtered {
                                "Seuls les cas d’usage de votre éditeur et ceux qui conviennent à tous sont proposés. "
                            } else {
                                ""
                            }}
                            <button
                                type="button"
                                class="fr-btn fr-btn--tertiary fr-btn--sm"
                                on:click=move |_| shows_all.update(|all| *all = !*all)
                            >
                                {if is_filtered {
                                    "Afficher tous les cas d’usage"
                                } else {
                                    "N’afficher que ceux de mon éditeur"
                                }}
                            </button>
                        </p>
                    }
                })
        }}
        <div aria-live="polite">{explanation(form)}</div>
        <Confirm
            id="demarche-remplace"
            title="Remplacer ce que vous avez saisi ?"
            open=is_asking
            confirm="Remplacer"
            on_confirm=Callback::new(move |()| apply(&wanted.get_untracked()))
        >
            <p>"Ce cas d’usage remplit des champs que vous avez déjà modifiés\u{a0}:"</p>
            <ul>{move || replaced.get().into_iter().map(|label| view! { <li>{label}</li> }).collect_view()}</ul>
            <p>"Ce que vous y avez saisi sera perdu."</p>
        </Confirm>
    }
    .into_any()
}

/// What the chosen use case fills in, and where it is described.
fn explanation(form: EnrollmentForm) -> AnyView {
    let chosen = form.text(&Field::Demarche);
    let chosen = Memo::new(move |_| chosen.get());
    (move || {
        let policy = form.policy();
        let demarche = policy.demarche(&chosen.get())?.clone();
        let labels: Vec<String> =
            filled_fields(&policy, &demarche.id).iter().map(|field| policy.label_of(field).to_lowercase()).collect();
        let about = demarche.about_url.map(|url| {
            view! {
                <p>
                    <a href=url target="_blank" rel="noopener external" title="Description du cas d’usage – nouvelle fenêtre">
                        "Description du cas d’usage"
                    </a>
                </p>
            }
        });
        let filled = (!labels.is_empty())
            .then(|| view! { <p>{format!("Ce cas d’usage a rempli\u{a0}: {}. Vérifiez-les.", labels.join(", "))}</p> });
        Some(view! {
            {filled}
            {about}
        })
    })
    .into_any()
}
