//! The section « organisation ».

use leptos::prelude::*;
use shared::field::Field;
use shared::organization::{Establishment, Siret};

use super::establishment::EstablishmentDetails;
use crate::api::with_return_to;
use crate::components::choice::{Choice, RadioGroup};
use crate::components::siret::{grouped, name_of};
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// Its fields.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let account = AppContext::get().session.get().and_then(|session| session.join_url).map(|url| {
        view! {
            <p class="fr-text--sm">
                "Votre organisation n’apparaît pas\u{a0}? " <a rel="external" href=with_return_to(&url)>"Rattachez-la à votre compte"</a> "."
            </p>
        }
    });
    let policy = form.policy();
    // Where another activity is refused, that is an error of the field.
    let remark = Callback::new(move |known: Establishment| {
        let naf = policy.naf.as_ref().filter(|naf| !naf.refuses && !naf.accepts(Some(&known)));
        naf.map(|naf| naf.message.clone())
    });
    let details = view! { <EstablishmentDetails loader=form.establishment() remark /> };
    let user = form.user();
    if form.policy().previous.is_some() || user.organizations.len() <= 1 {
        return view! { {card(form)} {details} {account} }.into_any();
    }
    let choices = user
        .organizations
        .iter()
        .map(|organization| Choice {
            hint: format!("SIRET {}", grouped(organization.siret.as_str())),
            ..Choice::new(organization.siret.as_str(), name_of(organization))
        })
        .collect();
    view! {
        <RadioGroup
            id=field_id(&Field::Siret)
            legend=form.policy().question_of(&Field::Siret)
            required=true
            choices
            value=form.reading(|draft| draft.siret.as_ref().map(ToString::to_string).unwrap_or_default())
            error=form.error(&Field::Siret)
            on_change=Callback::new(move |chosen: String| {
                if let Ok(siret) = chosen.parse::<Siret>() {
                    form.choose(&Field::Siret, |draft| draft.siret = Some(siret));
                }
            })
        />
        {details}
        {account}
    }
    .into_any()
}

/// The organisation, where there is nothing to choose.
fn card(form: EnrollmentForm) -> AnyView {
    let siret = form.reading(|draft| draft.siret.clone());
    let error = form.error(&Field::Siret);
    let follows = form.policy().previous.is_some();
    let user = StoredValue::new(form.user());
    let only = user.with_value(|user| user.organizations.first().cloned());
    view! {
        <div class="dp-card" id=field_id(&Field::Siret) tabindex="-1">
            {move || match siret.get() {
                Some(siret) => {
                    let name = form
                        .base()
                        .with(|base| {
                            (base.content.siret.as_ref() == Some(&siret)).then(|| base.nom_raison_sociale.clone())
                        })
                        .filter(|name| !name.is_empty())
                        .or_else(|| {
                            user.with_value(|user| {
                                user.organizations.iter().find(|own| own.siret == siret).map(name_of)
                            })
                        });
                    view! {
                        <p class="dp-card__title">{name.unwrap_or_else(|| "Organisation".to_owned())}</p>
                        <p class="dp-card__detail fr-text--sm">"SIRET " {grouped(siret.as_str())}</p>
                    }
                        .into_any()
                }
                None if follows => {
                    view! { <p class="fr-mb-0">"L’organisation sera celle de l’habilitation préalable que vous choisissez."</p> }
                        .into_any()
                }
                None => {
                    let only = only.clone();
                    view! {
                        <p>"Aucune organisation n’est choisie."</p>
                        {only
                            .map(|only| {
                                view! {
                                    <button
                                        type="button"
                                        class="fr-btn fr-btn--secondary fr-btn--sm"
                                        on:click=move |_| {
                                            let siret = only.siret.clone();
                                            form.choose(&Field::Siret, |draft| draft.siret = Some(siret));
                                        }
                                    >
                                        {format!("Choisir {}", name_of(&only))}
                                    </button>
                                }
                            })}
                    }
                        .into_any()
                }
            }}
            <div class="fr-messages-group" aria-live="polite">
                {move || error.get().map(|error| view! { <p class="fr-message fr-message--error">{error}</p> })}
            </div>
        </div>
    }
    .into_any()
}
