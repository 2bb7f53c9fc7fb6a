//! The application: its route table, within the layout of every page. `shared::navigation` has the same addresses, for the
//! server.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::context::AppContext;
use crate::pages::account::AccountPage;
use crate::pages::authorisation::AuthorisationPage;
use crate::pages::colleagues::ColleaguesPage;
use crate::pages::compare::ComparePage;
use crate::pages::correction::CorrectionPage;
use crate::pages::developers::Developers;
use crate::pages::developers::webhook::WebhookPage;
use crate::pages::form::FormPage;
use crate::pages::home::{Home, MyRequests};
use crate::pages::instruction::InstructionList;
use crate::pages::journal::Journal;
use crate::pages::mail_templates::MailTemplates;
use crate::pages::mailbox::Mailbox;
use crate::pages::not_found::NotFound;
use crate::pages::outbox::Outbox;
use crate::pages::people::People;
use crate::pages::request::RequestPage;
use crate::pages::services::Services;
use crate::pages::signed_in::SignedIn;
use crate::pages::start::StartRequest;
use crate::pages::suspended::Suspended;
use crate::pages::transfer::TransferPage;
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
                    <Route path=path!("/") view=|| Home().into_any() />
                    <Route path=path!("/mes-demandes") view=|| MyRequests().into_any() />
                    <Route path=path!("/nouvelle-demande/:target_api") view=|| StartRequest().into_any() />
                    <Route path=path!("/demandes/:id") view=|| RequestPage().into_any() />
                    <Route path=path!("/demandes/:id/modifier") view=|| FormPage().into_any() />
                    <Route path=path!("/demandes/:id/corriger") view=|| CorrectionPage().into_any() />
                    <Route path=path!("/demandes/:id/comparer") view=|| ComparePage().into_any() />
                    <Route path=path!("/demandes/:id/transfert") view=|| TransferPage().into_any() />
                    <Route path=path!("/organisations/:siret/demandes") view=|| ColleaguesPage().into_any() />
                    <Route path=path!("/instruction") view=|| InstructionList().into_any() />
                    <Route path=path!("/habilitations/:id") view=|| AuthorisationPage().into_any() />
                    <Route path=path!("/mon-compte") view=|| AccountPage().into_any() />
                    <Route path=path!("/personnes") view=|| People().into_any() />
                    <Route path=path!("/developpeurs") view=|| Developers().into_any() />
                    <Route path=path!("/developpeurs/:id") view=|| WebhookPage().into_any() />
                    <Route path=path!("/services") view=|| Services().into_any() />
                    <Route path=path!("/journal") view=|| Journal().into_any() />
                    <Route path=path!("/modeles-de-messages") view=|| MailTemplates().into_any() />
                    <Route path=path!("/envois") view=|| Outbox().into_any() />
                    <Route path=path!("/compte-suspendu") view=|| Suspended().into_any() />
                    <Route path=path!("/reconnexion") view=|| SignedIn().into_any() />
                    <Route path=path!("/mailbox") view=|| Mailbox().into_any() />
                </FlatRoutes>
            </Layout>
        </Router>
    }
}

/// The flash message of a page goes when one leaves that page.
#[component]
fn ClearFlashOnNavigation() -> impl IntoView {
    let context = AppContext::get();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            context.age_flash();
        }
        path
    });
}
