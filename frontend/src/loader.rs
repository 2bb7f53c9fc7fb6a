//! Loads data from the server. `shell::loading` shows it.
//!
//! Inside, the type of the data is erased: the machinery (signal, effect, task) then exists once in the bundle, not once
//! per type.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{Answer, ApiError, Raw, Waiting};

/// The state of a load.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    /// On its way.
    Loading,
    /// It did not come.
    Failed(ApiError),
    /// Here it is.
    Ready(T),
}

/// Loads data by a call, and reloads it.
///
/// The call is made at once, and again whenever a signal that it reads changes; only the last answer counts.
#[derive(Debug)]
pub struct Loader<T> {
    state: RwSignal<Remote<Erased>>,
    runs: RwSignal<u32>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loader<T> {}

/// A type-erased value.
pub type Erased = Arc<dyn Any + Send + Sync>;
/// The wait for an answer, and what reads it.
type Call = (Waiting, Box<dyn FnOnce(Raw) -> Result<Erased, ApiError>>);

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// Calls `fetch`, now and whenever a signal that it reads (before its first `await`) changes.
    pub fn new(fetch: impl Fn() -> Answer<T> + 'static) -> Self {
        let (state, runs) = run(Box::new(move || {
            let (waiting, read) = fetch().apart();
            (waiting, Box::new(|raw| read(raw).map(|value| Arc::new(value) as Erased)))
        }));
        Self { state, runs, kind: PhantomData }
    }

    /// Calls again.
    pub fn reload(self) {
        self.runs.update(|runs| *runs = runs.wrapping_add(1));
    }

    /// Replaces the value, where an action has brought a newer one.
    pub fn set(self, value: T) {
        self.state.set(Remote::Ready(Arc::new(value)));
    }

    /// The same, without telling those who show it.
    pub fn set_quietly(self, value: T) {
        *self.state.write_untracked() = Remote::Ready(Arc::new(value));
    }

    /// What `read` makes of the value, once it is there.
    pub fn read<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.state.with(|state| match state {
            Remote::Ready(value) => value.downcast_ref().map(read),
            Remote::Loading | Remote::Failed(_) => None,
        })
    }

    /// The value, once it is there.
    pub fn get(self) -> Option<T> {
        self.read(T::clone)
    }

    /// The state.
    pub fn remote(self) -> Remote<T> {
        match self.state.get() {
            Remote::Ready(value) => value.downcast_ref().cloned().map_or(Remote::Loading, Remote::Ready),
            Remote::Failed(error) => Remote::Failed(error),
            Remote::Loading => Remote::Loading,
        }
    }

    /// The state, untyped.
    pub const fn state(self) -> RwSignal<Remote<Erased>> {
        self.state
    }

    /// Whether it is on its way.
    pub fn is_loading(self) -> bool {
        self.state.with(|state| matches!(state, Remote::Loading))
    }

    /// The last answer: it stays while the next one is on its way, so that the page does not jump.
    pub fn last_answer(self) -> LastAnswer<T> {
        LastAnswer { last: last_of(self.state), kind: PhantomData }
    }
}

/// The last answer of a [`Loader`].
#[derive(Debug)]
pub struct LastAnswer<T> {
    last: RwSignal<Option<Result<Erased, ApiError>>>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for LastAnswer<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for LastAnswer<T> {}

impl<T: Clone + 'static> LastAnswer<T> {
    /// The answer, once there is one.
    pub fn get(self) -> Option<Result<T, ApiError>> {
        match self.last.get()? {
            Ok(value) => value.downcast_ref().cloned().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}

fn last_of(state: RwSignal<Remote<Erased>>) -> RwSignal<Option<Result<Erased, ApiError>>> {
    let last = RwSignal::new(None);
    Effect::new(move |_| match state.get() {
        Remote::Loading => {}
        Remote::Failed(error) => last.set(Some(Err(error))),
        Remote::Ready(value) => last.set(Some(Ok(value))),
    });
    last
}

/// Makes the calls.
fn run(fetch: Box<dyn Fn() -> Call>) -> (RwSignal<Remote<Erased>>, RwSignal<u32>) {
    let state = RwSignal::new(Remote::Loading);
    let runs = RwSignal::new(0_u32);
    let last_ticket = StoredValue::new(0_u32);
    Effect::new(move |_| {
        runs.track();
        let ticket = last_ticket.get_value().wrapping_add(1);
        last_ticket.set_value(ticket);
        let (waiting, read) = fetch();
        if !state.with_untracked(|state| matches!(state, Remote::Loading)) {
            state.set(Remote::Loading);
        }
        spawn_local(async move {
            let answer = waiting.await.and_then(read);
            if last_ticket.try_get_value() == Some(ticket) {
                state.try_set(match answer {
                    Ok(value) => Remote::Ready(value),
                    Err(error) => Remote::Failed(error),
                });
            }
        });
    });
    (state, runs)
}
