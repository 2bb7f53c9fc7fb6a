//! Going to a place in the page that may come only with the rest of it.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::browser;

/// The place to go to, once it is there.
#[derive(Clone, Copy)]
pub struct Places(RwSignal<Option<String>>);

impl Places {
    /// For everything below, in a page whose rest `is_there` at some time.
    pub fn provide(is_there: impl Fn() -> bool + 'static) -> Self {
        let places = Self(RwSignal::new(None));
        Effect::new(move |_| {
            if let Some(id) = places.0.get()
                && is_there()
            {
                browser::focus_soon(id);
            }
        });
        provide_context(places);
        places
    }

    /// Goes there with the rest of the page.
    pub fn await_place(self, id: String) {
        self.0.set(Some(id));
    }
}

/// What a link to that place does: the focus goes there, at once or with the rest of the page.
pub fn jump(id: String) -> impl Fn(MouseEvent) {
    let places = use_context::<Places>();
    move |event| {
        event.prevent_default();
        if !browser::focus(&id)
            && let Some(places) = places
        {
            places.await_place(id.clone());
        }
    }
}

/// Mails and other pages lead to a place of this one: whoever comes by such a link finds it, once it is there.
pub fn focus_on_hash(id: &'static str, is_there: Memo<bool>) {
    let hash = use_location().hash;
    Effect::new(move |_| {
        if is_there.get() && hash.with(|hash| hash.trim_start_matches('#') == id) {
            browser::focus_soon(id.to_owned());
        }
    });
}
