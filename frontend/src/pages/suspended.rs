//! The page that says that an account is suspended.

use leptos::prelude::*;

use crate::context::AppContext;
use crate::shell::sign_in::{SUSPENDED, suspended};
use crate::shell::title::PageTitle;

#[component]
pub fn Suspended() -> impl IntoView {
    let session = AppContext::get().session;
    view! {
        <PageTitle title=SUSPENDED />
        {move || suspended(session.read(|session| session.suspension.clone()).flatten())}
        <p>
            "Vous pouvez encore consulter " <a rel="external" href="/public">"les habilitations délivrées"</a> " et "
            <a rel="external" href="/nouvelle-demande">"les API proposées"</a> ", sans vous connecter."
        </p>
    }
}
