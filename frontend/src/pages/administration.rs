//! The first page of administrators: what waits for them.

use leptos::prelude::*;
use shared::administration::AwaitedWork;
use shared::api::MAX_COUNTED;

use super::outbox::issues;
use super::people::requests;
use crate::api::administration;
use crate::components::alert::{Alert, Tone};
use crate::components::leaving;
use crate::loader::Loader;
use crate::shell::places::jump;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

const TITLE: &str = "À traiter";

/// Id of the title of what is wrong with policies.
const ERRORS: &str = "erreurs-des-politiques";

#[component]
pub fn Administration() -> impl IntoView {
    signed_in(|user| {
        if user.is_administrator() {
            view! { <Awaited /> }.into_any()
        } else {
            view! {
                <PageTitle title=TITLE />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs">
                    <p>"Ce qui vous attend est sur votre " <a href="/">"page d’accueil"</a> "."</p>
                </Alert>
            }
            .into_any()
        }
    })
}

#[component]
fn Awaited() -> impl IntoView {
    let loader = Loader::new(administration::awaited);
    view! {
        <PageTitle title=TITLE />
        {loader.view(shown)}
    }
}

fn shown(work: AwaitedWork) -> AnyView {
    let lead = if work.is_empty() {
        "Rien n’attend\u{a0}: ni personne à qui répondre, ni envoi en échec, ni politique à corriger."
    } else {
        "Ce qui attend les administrateurs\u{a0}: qui demande une réponse, ce qui n’a pas pu être remis, les politiques à corriger."
    };
    let errors = work.policy_errors.clone();
    let cards = tasks(&work).into_iter().map(card).collect_view();
    view! {
        <p class="fr-text--lead">{lead}</p>
        <ul class="dp-cards">{cards}</ul>
        {(!errors.is_empty()).then(|| policy_errors(errors))}
    }
    .into_any()
}

/// One kind of thing that may wait.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Task {
    count: i64,
    /// Where one deals with it.
    href: String,
    /// What the link says, with the count before it; where there is none, what is said instead.
    words: (&'static str, &'static str, &'static str),
    /// What to do about it.
    advice: &'static str,
}

fn tasks(work: &AwaitedWork) -> Vec<Task> {
    let task = |count, href: &str, words, advice| Task { count, href: href.to_owned(), words, advice };
    let to_instruct = work.to_instruct.map(|count| {
        let words = ("Aucune demande à instruire", "demande à instruire", "demandes à instruire");
        task(count, "/instruction", words, "Celles des API dont vous êtes instructeur.")
    });
    let memberships = work.memberships.map(|count| {
        let words = ("Aucun rattachement à vérifier", "rattachement à vérifier", "rattachements à vérifier");
        task(count, "/users/moderations", words, "Des personnes demandent à représenter une organisation.")
    });
    let others = [
        task(
            work.role_requests,
            &format!("/personnes#{}", requests::SECTION),
            ("Aucune demande de rôle", "demande de rôle", "demandes de rôle"),
            "Donnez le rôle ou refusez-le.",
        ),
        task(
            work.given_up,
            "/envois",
            ("Aucun envoi abandonné", "envoi abandonné", "envois abandonnés"),
            "Réparez la cause, puis faites réessayer.",
        ),
        task(
            work.failing,
            "/envois",
            ("Aucun envoi en échec", "envoi en échec", "envois en échec"),
            "Ils sont réessayés de plus en plus rarement, puis abandonnés.",
        ),
        task(
            work.accesses,
            &format!("/envois#{}", issues::SECTION),
            ("Aucun accès à vérifier", "accès à vérifier", "accès à vérifier"),
            "Un gestionnaire d’API ne tient pas ce qui est accordé.",
        ),
        task(
            work.webhooks,
            "/developpeurs",
            ("Aucun webhook désactivé", "webhook désactivé", "webhooks désactivés"),
            "Leur destinataire ne répond plus\u{a0}: ce qui devait lui être dit attend.",
        ),
        task(
            i64::try_from(work.policy_errors.len()).unwrap_or(i64::MAX),
            &format!("#{ERRORS}"),
            ("Aucune erreur dans les politiques", "erreur dans les politiques", "erreurs dans les politiques"),
            "Ce qui est écrit n’est pas en vigueur.",
        ),
    ];
    memberships.into_iter().chain(others).chain(to_instruct).collect()
}

fn card(task: Task) -> AnyView {
    let (none, one, many) = task.words;
    if task.count == 0 {
        return view! {
            <li class="dp-card">
                <p class="dp-card__detail fr-mb-0">{none}</p>
            </li>
        }
        .into_any();
    }
    let count = if task.count > MAX_COUNTED { format!("Plus de {MAX_COUNTED}") } else { task.count.to_string() };
    let words = if task.count == 1 { one } else { many };
    let rel = leaving(&task.href);
    let leads = task.href.strip_prefix('#').map(|place| jump(place.to_owned()));
    let on_click = move |event| {
        if let Some(leads) = &leads {
            leads(event);
        }
    };
    view! {
        <li class="dp-card dp-card--waiting">
            <p class="dp-card__title">
                <a href=task.href rel=rel on:click=on_click>
                    {format!("{count} {words}")}
                </a>
            </p>
            <p class="dp-card__detail fr-text--sm fr-mb-0">{task.advice}</p>
        </li>
    }
    .into_any()
}

/// What is wrong with the files of the server and with what is published, a line each.
fn policy_errors(errors: Vec<String>) -> AnyView {
    let lines = errors.into_iter().map(|line| view! { <li class="dp-break">{line}</li> }).collect_view();
    view! {
        <section aria-labelledby=ERRORS>
            <h2 class="fr-h4 fr-mt-6w" id=ERRORS tabindex="-1">
                "Erreurs dans les politiques"
            </h2>
            <p>
                "Ce qui suit ne peut pas être mis en vigueur tel quel\u{a0}: la page "<a href="/politiques">"Politiques"</a>
                " dit ce qui est appliqué à la place. Corrigez-y ce qui est publié\u{a0}; corrigez les fichiers du serveur, puis relisez-les à cette page."
            </p>
            <ul>{lines}</ul>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_embedded_provider_alone_knows_and_what_one_does_not_instruct_is_not_told() {
        let hrefs = |work: &AwaitedWork| tasks(work).into_iter().map(|task| task.href).collect::<Vec<_>>();
        let bare = hrefs(&AwaitedWork::default());
        assert!(!bare.iter().any(|href| href == "/users/moderations" || href == "/instruction"));
        let all = hrefs(&AwaitedWork { memberships: Some(0), to_instruct: Some(1), ..AwaitedWork::default() });
        assert_eq!((all.len(), all.first().map(String::as_str)), (bare.len() + 2, Some("/users/moderations")));
    }
}
