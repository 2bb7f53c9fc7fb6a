//! What the mails of an API say, for administrators: each of them, filled in with sample values.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::MailSample;

use crate::api::Answer;
use crate::api::administration;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, Select};
use crate::components::placeholder::EmptyState;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::query::Query;
use crate::shell::paged_list::page_query;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// The address of the page.
const PATH: &str = "/modeles-de-messages";

#[component]
pub fn MailTemplates() -> impl IntoView {
    signed_in(|user| {
        if user.is_administrator() {
            view! { <Templates /> }.into_any()
        } else {
            view! {
                <PageTitle title="Modèles de messages" />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs">
                    <p>"Qui décide voit, avant de décider, le courriel qui partira."</p>
                </Alert>
            }
            .into_any()
        }
    })
}

#[component]
fn Templates() -> impl IntoView {
    let query = page_query(PATH);
    let target_api = Memo::new(move |_| query.with(|query| query.get("api").unwrap_or_default().to_owned()));
    let loader = Loader::new(move || {
        target_api.with(|target_api| match target_api.as_str() {
            "" => Answer::known(Vec::new()),
            api => administration::mail_samples(api),
        })
    });
    view! {
        <PageTitle title="Modèles de messages" />
        <p class="fr-text--lead">
            "Chaque courriel que reçoivent les personnes d’une API, tel qu’il partirait, avec des valeurs d’exemple. Les textes viennent de la politique de l’API ou, à défaut, de DataPass ; ceux des comptes et des organisations sont les mêmes pour toutes."
        </p>
        <p>
            "Le message que l’instructeur ajoute à sa décision part de " <a href="/modeles-de-decision">"modèles de décision"</a> "."
        </p>
        <ApiChoice target_api />
        {loader.view(mails)}
    }
}

#[component]
fn ApiChoice(
    /// The API that is chosen; empty for none.
    target_api: Memo<String>,
) -> impl IntoView {
    let catalogue = AppContext::get().catalogue();
    let navigate = use_navigate();
    let choices = Signal::derive(move || {
        let choices = catalogue.read(|policies| {
            policies.iter().map(|policy| Choice::new(&policy.target_api, &policy.label)).collect::<Vec<_>>()
        });
        choices.unwrap_or_default()
    });
    let on_change = Callback::new(move |chosen: String| {
        let mut query = Query::default();
        query.push_text("api", &chosen);
        navigate(&format!("{PATH}{query}"), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    view! {
        <div class="fr-mb-3w">
            <Select id="modeles-api" label="API ou service" empty="Choisissez" choices value=target_api on_change />
        </div>
    }
}

/// The mails, by what happens.
pub fn mails(samples: Vec<MailSample>) -> AnyView {
    if samples.is_empty() {
        return view! {
            <EmptyState title="Aucun courriel à afficher">
                <p>"Choisissez l’API dont vous voulez lire les courriels."</p>
            </EmptyState>
        }
        .into_any();
    }
    samples.chunk_by(|one, other| one.when == other.when).map(occasion).collect_view().into_any()
}

/// What goes out when something happens.
fn occasion(samples: &[MailSample]) -> AnyView {
    let when = samples.first().map(|sample| sample.when.clone()).unwrap_or_default();
    view! {
        <section>
            <h2 class="fr-h5 fr-mt-3w">{when}</h2>
            <ul class="dp-mails">{samples.iter().cloned().map(mail).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn mail(sample: MailSample) -> impl IntoView {
    let MailSample { from, reply_to, kind, mail, .. } = sample;
    view! {
        <li>
            <details class="dp-details">
                <summary>
                    <span class="dp-mails__subject">{mail.subject}</span>
                    <span class="dp-detail dp-break">{format!("À {}", mail.to)}</span>
                </summary>
                <p class="dp-detail dp-break">
                    {if reply_to.is_empty() { format!("De {from}.") } else { format!("De {from}, réponses à {reply_to}.") }}
                    {kind.map(|kind| format!(" Facultatif\u{a0}: {}.", kind.label().to_lowercase()))}
                </p>
                <p class="dp-text">{mail.body}</p>
            </details>
        </li>
    }
}
