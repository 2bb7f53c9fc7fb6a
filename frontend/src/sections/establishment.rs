//! What the Sirene register says of an establishment.

use leptos::prelude::*;
use shared::organization::Establishment;
use shared::problem::ErrorCode;

use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::loader::{Loader, Remote};

/// The lines. `remark` is what the page has to say of the establishment.
#[component]
pub fn EstablishmentDetails(
    /// What the register says.
    loader: Loader<Option<Establishment>>,
    /// What to be careful about, if anything.
    #[prop(into, optional)]
    remark: Option<Callback<Establishment, Option<String>>>,
) -> impl IntoView {
    let content = move || {
        match loader.remote() {
        Remote::Loading => view! { <p class="fr-hint-text">"Consultation du répertoire Sirene…"</p> }.into_any(),
        Remote::Ready(None) => ().into_any(),
        Remote::Ready(Some(known)) => {
            let remark = remark.and_then(|remark| remark.run(known.clone()));
            lines(known, remark)
        }
        Remote::Failed(error) if error.code() == Some(ErrorCode::NotFound) => view! {
            <Alert tone=Tone::Warning>
                <p>
                    "Le répertoire Sirene ne connaît pas ce numéro, ou l’organisation a demandé à ne pas y figurer. Vérifiez que c’est le bon établissement."
                </p>
            </Alert>
        }
        .into_any(),
        Remote::Failed(_) => view! {
            <Alert tone=Tone::Info>
                <p>
                    "Le répertoire Sirene ne répond pas\u{a0}: l’activité et l’adresse de l’établissement n’ont pas pu être vérifiées. Vous pouvez continuer\u{a0}: rien n’est perdu."
                </p>
                <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=move |_| loader.reload()>
                    "Interroger de nouveau le répertoire"
                </button>
            </Alert>
        }
        .into_any(),
    }
    };
    view! {
        <div class="dp-establishment" role="status">
            {content}
        </div>
    }
}

fn lines(known: Establishment, remark: Option<String>) -> AnyView {
    let said = |label: &'static str, text: String| {
        (!text.is_empty()).then(|| {
            view! {
                <div>
                    <dt>{label}</dt>
                    <dd>{text}</dd>
                </div>
            }
        })
    };
    let closed = known.closure().map(|closure| {
        view! {
            <Alert tone=Tone::Error title=format!("Cet établissement est {closure}")>
                <p>"Aucune demande ne peut être déposée en son nom\u{a0}: choisissez l’établissement qui l’a remplacé."</p>
            </Alert>
        }
    });
    let source = if known.is_sample {
        "Établissement d’exemple, inventé pour essayer DataPass.".to_owned()
    } else if known.is_stale {
        let day = date::date(known.fetched_at);
        format!("Le répertoire Sirene ne répond pas aujourd’hui\u{a0}: voici ce qu’il disait le {day}.")
    } else {
        String::new()
    };
    view! {
        {closed}
        <dl class="dp-facts fr-text--sm fr-mb-1w">
            {said("Adresse", known.address)}
            {said("Activité", coded(&known.activity_label, &known.activity))}
            {said("Catégorie juridique", coded(&known.legal_category_label, &known.legal_category))}
        </dl>
        {(!source.is_empty()).then(|| view! { <p class="fr-hint-text fr-mb-1w">{source}</p> })}
        {remark
            .map(|remark| {
                view! {
                    <Alert tone=Tone::Warning title="Activité de l’organisation">
                        <p>{remark}</p>
                    </Alert>
                }
            })}
    }
    .into_any()
}

/// A code with its meaning: « Administration publique générale (84.11Z) ».
fn coded(label: &str, code: &str) -> String {
    match (label, code) {
        ("", code) => code.to_owned(),
        (label, code) => format!("{label} ({code})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_label_is_shown_alone() {
        assert_eq!(coded("Administration publique générale", "84.11Z"), "Administration publique générale (84.11Z)");
        assert_eq!(coded("", "84.11Y"), "84.11Y");
        assert_eq!(coded("", ""), "");
    }
}
