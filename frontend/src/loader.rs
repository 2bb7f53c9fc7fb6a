//! Data on its way from the server, and what a page shows meanwhile.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::components::remote::{ErrorState, Spinner};

/// Where a piece of data stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    /// On its way.
    Loading,
    /// It did not come.
    Failed(ApiError),
    /// Here it is.
    Ready(T),
}

/// What one call brings: its state, and the way to call again.
///
/// The call is made at once, and again whenever a signal that it reads changes; only the last answer counts.
#[derive(Debug)]
pub struct Loader<T: Send + Sync + 'static> {
    state: RwSignal<Remote<T>>,
    runs: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

type Call<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// Calls `fetch`, now and whenever a signal that it reads (before its first `await`) changes.
    pub fn new<F: Future<Output = Result<T, ApiError>> + 'static>(fetch: impl Fn() -> F + 'static) -> Self {
        Self::boxed(Box::new(move || Box::pin(fetch())))
    }

    fn boxed(fetch: Box<dyn Fn() -> Call<T>>) -> Self {
        let state = RwSignal::new(Remote::Loading);
        let runs = RwSignal::new(0);
        let last_ticket = StoredValue::new(0_u32);
        Effect::new(move |_| {
            runs.track();
            let ticket = last_ticket.get_value().wrapping_add(1);
            last_ticket.set_value(ticket);
            let call = fetch();
            if !state.with_untracked(|state| matches!(state, Remote::Loading)) {
                state.set(Remote::Loading);
            }
            spawn_local(async move {
                let answer = call.await;
                if last_ticket.try_get_value() == Some(ticket) {
                    state.try_set(match answer {
                        Ok(value) => Remote::Ready(value),
                        Err(error) => Remote::Failed(error),
                    });
                }
            });
        });
        Self { state, runs }
    }

    /// Calls again.
    pub fn reload(self) {
        self.runs.update(|runs| *runs = runs.wrapping_add(1));
    }

    /// Replaces the value, where an action has brought a newer one.
    pub fn set(self, value: T) {
        self.state.set(Remote::Ready(value));
    }

    /// The value, once it is there.
    pub fn get(self) -> Option<T> {
        self.state.with(|state| match state {
            Remote::Ready(value) => Some(value.clone()),
            Remote::Loading | Remote::Failed(_) => None,
        })
    }

    /// Where it stands.
    pub fn state(self) -> RwSignal<Remote<T>> {
        self.state
    }

    /// The value as `show` draws it; meanwhile a sign of waiting, or what went wrong with a button to try again.
    pub fn view(self, show: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        (move || match self.state.get() {
            Remote::Loading => Spinner().into_any(),
            Remote::Failed(error) => view! { <ErrorState error retry=Callback::new(move |()| self.reload()) /> }.into_any(),
            Remote::Ready(value) => show(value),
        })
        .into_any()
    }
}
