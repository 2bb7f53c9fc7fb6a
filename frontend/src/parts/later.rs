//! A page that is drawn once its part is there. Until then the page before it stays, with all that was typed.

use futures_channel::oneshot;
use leptos::prelude::*;
use leptos_router::ChooseView;
use leptos_router::hooks::use_location;

use crate::browser;
use crate::context::{AppContext, Coming};
use crate::shell::seldom::Loading;

/// What draws a page of a part, for a route. One type for all, so that the router's code exists once.
#[derive(Clone, Copy)]
pub struct Later {
    part: &'static str,
    page: fn() -> Loading,
}

impl Later {
    /// A page of that part.
    pub const fn new(part: &'static str, page: fn() -> Loading) -> Self {
        Self { part, page }
    }
}

impl ChooseView for Later {
    async fn choose(self) -> AnyView {
        let context = AppContext::get();
        let location = use_location();
        let path = location.pathname.get_untracked();
        let address =
            format!("{path}{}{}", location.query.get_untracked().to_query_string(), location.hash.get_untracked());
        let is_still_asked = || location.pathname.try_get_untracked().as_ref() == Some(&path);
        loop {
            context.coming.set(Coming::Awaited);
            match (self.page)().await {
                _ if !is_still_asked() => break,
                Ok(view) => {
                    context.coming.set(Coming::Nothing);
                    context.has_page.set_value(true);
                    browser::fetch_ahead("seldom");
                    browser::fetch_ahead(next(self.part, context));
                    return view;
                }
                Err(_) => {
                    let (again, wait) = oneshot::channel();
                    context.coming.set(Coming::Missing(again));
                    // The server has only the parts of another version: the browser loads that one, at the page that is
                    // asked for. Never by itself where there is no page yet, since it might begin again and again.
                    let is_outdated = browser::is_outdated();
                    if is_outdated && context.has_page.get_value() {
                        browser::leave_to(&address);
                    }
                    if wait.await.is_err() {
                        break;
                    }
                    if is_outdated {
                        browser::leave_to(&address);
                    }
                }
            }
        }
        // Another page was asked for meanwhile. The router drops what it gets now, except for its first page, which it
        // would put over that other one.
        context.give_up_waiting();
        if !context.has_page.get_value() {
            std::future::pending::<()>().await;
        }
        ().into_any()
    }

    async fn preload(&self) {}
}

/// The part that is likely to be asked for next, by who is signed in; with what comes after it, which has its files too.
fn next(part: &str, context: AppContext) -> &'static str {
    let instructs = untrack(|| context.user()).is_some_and(|user| user.has_role());
    match part {
        "own" | "instruction" | "form" => "request_rest",
        "request" if instructs => "instruction",
        "request" | "beside" => "form_rest",
        _ if instructs => "instruction",
        _ => "own",
    }
}
