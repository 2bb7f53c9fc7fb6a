//! The application: its route table, within the layout of every page. `shared::navigation` has the same addresses, for the
//! server.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::context::AppContext;
use crate::pages::not_found::NotFound;
use crate::parts;
use crate::shell::layout::Layout;

/// The application.
#[component]
pub fn App() -> impl IntoView {
    AppContext::provide();
    view! {
        <Router>
            <Layout>
                <ClearFlashOnNavigation />
                <FlatRoutes fallback=|| NotFound().into_any()>
                    <Route path=path!("/") view=parts::home() />
                    <Route path=path!("/mes-demandes") view=parts::my_requests() />
                    <Route path=path!("/nouvelle-demande/:target_api") view=parts::start() />
                    <Route path=path!("/demandes/:id") view=parts::request() />
                    <Route path=path!("/demandes/:id/modifier") view=parts::edit() />
                    <Route path=path!("/demandes/:id/corriger") view=parts::correct() />
                    <Route path=path!("/demandes/:id/comparer") view=parts::compare() />
                    <Route path=path!("/demandes/:id/transfert") view=parts::transfer() />
                    <Route path=path!("/organisations/:siret/demandes") view=parts::colleagues() />
                    <Route path=path!("/instruction") view=parts::instruction() />
                    <Route path=path!("/mon-compte") view=parts::account() />
                    <Route path=path!("/administration") view=parts::awaited() />
                    <Route path=path!("/personnes") view=parts::people() />
                    <Route path=path!("/developpeurs") view=parts::developers() />
                    <Route path=path!("/developpeurs/:id") view=parts::webhook() />
                    <Route path=path!("/services") view=parts::services() />
                    <Route path=path!("/journal") view=parts::journal() />
                    <Route path=path!("/modeles-de-messages") view=parts::mail_templates() />
                    <Route path=path!("/politiques") view=parts::policies() />
                    <Route path=path!("/politiques/:target_api") view=parts::policy() />
                    <Route path=path!("/modeles-de-decision") view=parts::decision_templates() />
                    <Route path=path!("/envois") view=parts::outbox() />
                    <Route path=path!("/compte-suspendu") view=parts::suspended() />
                    <Route path=path!("/reconnexion") view=parts::signed_in() />
                    <Route path=path!("/mailbox") view=parts::mailbox() />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}

/// The flash message of a page goes when one leaves that page, and so does what is said of a page that did not come.
#[component]
fn ClearFlashOnNavigation() -> impl IntoView {
    let context = AppContext::get();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            context.age_flash();
            context.give_up_missing();
        }
        path
    });
}
