//! What is seldom shown, in a part of its own: the dialogs of the shell, the banners of an impersonation, of a missing second
//! factor and of an awaited membership, and the pages of few words. It is fetched after the first page, so that it is there
//! when it is needed.

use std::pin::Pin;

use futures_channel::oneshot;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::awaited_membership::AwaitedMembershipNotice;
use super::impersonation::ImpersonationBanner;
use super::second_factor::SecondFactorNotice;
use super::sign_in::SignedOutDialog;
use super::theme::ThemeDialog;
use crate::browser;
use crate::context::{AppContext, Coming};

/// What a part brings, on its way.
pub type Bringing<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A view that is on its way.
pub type Loading = Bringing<AnyView>;

#[wasm_split(seldom, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn theme_dialog(open: RwSignal<bool>) -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <ThemeDialog open /> }.into_any())
}

#[wasm_split(seldom, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn signed_out_dialog() -> Result<AnyView, SplitLoaderError> {
    Ok(SignedOutDialog().into_any())
}

#[wasm_split(seldom, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn impersonation_banner() -> Result<AnyView, SplitLoaderError> {
    Ok(ImpersonationBanner().into_any())
}

#[wasm_split(seldom, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn awaited_membership_notice() -> Result<AnyView, SplitLoaderError> {
    Ok(AwaitedMembershipNotice().into_any())
}

#[wasm_split(seldom, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn second_factor_notice() -> Result<AnyView, SplitLoaderError> {
    Ok(SecondFactorNotice().into_any())
}

/// Draws what `load` brings, from the first time that `when` is true.
#[component]
pub fn Seldom(
    /// Whether it is needed.
    #[prop(into)]
    when: Signal<bool>,
    /// Brings it.
    load: Box<dyn Fn() -> Loading>,
) -> impl IntoView {
    let context = AppContext::get();
    let view = StoredValue::new_local(None);
    let is_there = RwSignal::new(false);
    let owner = Owner::current();
    let load = StoredValue::new_local(load);
    Effect::new(move |is_asked: Option<bool>| {
        let is_needed = when.get();
        if is_asked == Some(true) || !is_needed {
            return is_asked == Some(true);
        }
        let begin = || ScopedFuture::new(fetched(context, move || load.with_value(|load| load())));
        let waiting = owner.as_ref().map_or_else(begin, |owner| owner.with(begin));
        spawn_local(async move {
            view.set_value(waiting.await);
            is_there.set(true);
        });
        true
    });
    move || is_there.get().then(|| view.try_update_value(Option::take).flatten())
}

/// What `load` brings, asked for at once; nothing until it is there.
pub fn brought<T: Copy + Send + Sync + 'static>(load: impl Fn() -> Bringing<T> + 'static) -> RwSignal<Option<T>> {
    let is_there = RwSignal::new(None);
    let waiting = ScopedFuture::new(fetched(AppContext::get(), load));
    spawn_local(async move {
        is_there.try_set(waiting.await);
    });
    is_there
}

/// Asks until it comes; the page says so where it does not.
async fn fetched<T>(context: AppContext, load: impl Fn() -> Bringing<T>) -> Option<T> {
    loop {
        if let Ok(brought) = load().await {
            return Some(brought);
        }
        let (again, wait) = oneshot::channel();
        context.coming.set(Coming::Missing(again));
        wait.await.ok()?;
        if browser::is_outdated() {
            browser::reload();
        }
    }
}
