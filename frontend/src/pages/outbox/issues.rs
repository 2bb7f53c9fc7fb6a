//! The accesses at API managers that somebody must look at: the manager does not do what it is asked, or holds something else
//! than was granted.

use leptos::prelude::*;
use shared::provisioning::ProvisioningIssue;

use super::PATH;
use crate::api::provisionings;
use crate::components::date::date_time;
use crate::components::placeholder::EmptyState;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::pages::request::accesses;
use crate::query::{Cursors, Query};
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::places::focus_on_hash;

/// The parameter of the address for this list's place: `cursor` is that of the other one.
const CURSOR: &str = "acces";

/// Id of the list, where links to it lead.
pub const SECTION: &str = "acces-a-verifier";

#[component]
pub fn Issues() -> impl IntoView {
    let query = page_query(PATH);
    let cursors = Memo::new(move |_| query.with(|query| Cursors::named(query, CURSOR)));
    let loader = Loader::new(move || provisionings::issues(cursors.with(Cursors::current)));
    focus_on_hash(SECTION, Memo::new(move |before| before == Some(&true) || !loader.is_loading()));
    let href = |cursors: Cursors| {
        let mut query = Query::default();
        cursors.write_named(&mut query, CURSOR);
        format!("{PATH}{query}")
    };
    let rows = |issues: Vec<ProvisioningIssue>| {
        view! { <ul class="dp-cards">{issues.into_iter().map(item).collect_view()}</ul> }.into_any()
    };
    view! {
        <section aria-labelledby=SECTION>
            <h2 class="fr-h4 fr-mt-6w" id=SECTION tabindex="-1">
                "Accès à vérifier"
            </h2>
            <p>
                "Les accès que leur gestionnaire n’ouvre ou ne retire pas comme demandé, et ceux où il tient autre chose que ce qui est accordé. Rien n’est corrigé sans vous\u{a0}: ouvrez la demande pour réessayer, ou voyez avec le gestionnaire."
            </p>
            <PagedList
                loader
                cursors
                href
                words=("Aucun accès à vérifier", "accès à vérifier", "accès à vérifier")
                empty=|| {
                    view! {
                        <EmptyState title="Rien à vérifier">
                            <p>"Les gestionnaires tiennent ce qui est accordé, d’après la dernière vérification."</p>
                        </EmptyState>
                    }
                }
                rows
            />
        </section>
    }
}

fn item(issue: ProvisioningIssue) -> AnyView {
    let context = AppContext::get();
    let ProvisioningIssue { enrollment_id, target_api, provisioning, drift, checked_at } = issue;
    let drift = (!drift.is_empty()).then(|| {
        let told = format!("Le gestionnaire tient autre chose que ce qui est accordé\u{a0}: {drift}");
        view! { <p class="dp-text">{told}</p> }
    });
    let checked = checked_at.map(|at| {
        view! { <p class="dp-card__detail fr-text--sm">{format!("Vérifié le {}", date_time(at))}</p> }
    });
    view! {
        <li class="dp-card">
            <p class="dp-card__title">
                <a href=format!("/demandes/{enrollment_id}")>{format!("Demande n°\u{a0}{enrollment_id}")}</a>
            </p>
            <p class="dp-card__detail fr-text--sm">{move || context.label_of(&target_api)}</p>
            <ul>{accesses::line(&provisioning)}</ul>
            {drift}
            {checked}
        </li>
    }
    .into_any()
}
