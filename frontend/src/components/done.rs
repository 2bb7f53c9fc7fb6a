//! What was just done, told beside what it changed. It takes the focus once it is drawn, so that it is seen and read aloud
//! although a dialog has closed or a list was loaded anew.

use leptos::prelude::*;

use crate::browser;
use crate::query::Cursors;

/// Id of the message; there is one at a time.
const MESSAGE: &str = "fait";

/// What was just done, and to which thing of a list.
#[derive(Clone, Copy)]
pub struct Done {
    told: RwSignal<Option<(String, String)>>,
    /// It has not had the focus yet.
    is_new: StoredValue<bool>,
}

impl Done {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { told: RwSignal::new(None), is_new: StoredValue::new(false) }
    }

    /// That was done to the thing of that key.
    pub fn tell(self, key: impl Into<String>, said: impl Into<String>) {
        self.is_new.set_value(true);
        self.told.set(Some((key.into(), said.into())));
    }

    /// It is told no more.
    pub fn forget(self) {
        self.told.set(None);
    }

    /// It is told no more once another page of the list is shown.
    pub fn on_page_of(self, cursors: Memo<Cursors>) {
        Effect::new(move |before: Option<()>| {
            cursors.track();
            if before.is_some() {
                self.forget();
            }
        });
    }

    /// The message, where it is about the thing of that key. To be asked whenever the list is drawn.
    pub fn beside(self, key: &str) -> Option<AnyView> {
        self.when(|own| own == key)
    }

    /// The message, where what it is about is not among the things of these keys: it has left the list.
    pub fn above<'a>(self, mut keys: impl Iterator<Item = &'a str>) -> Option<AnyView> {
        self.when(|own| keys.all(|key| key != own))
    }

    fn when(self, is_here: impl FnOnce(&str) -> bool) -> Option<AnyView> {
        let (_, said) = self.told.get_untracked().filter(|(key, _)| is_here(key))?;
        if self.is_new.try_update_value(std::mem::take).unwrap_or_default() {
            browser::focus_soon(MESSAGE.to_owned());
        }
        Some(
            view! {
                <p id=MESSAGE tabindex="-1" class="fr-message fr-message--valid fr-my-1w">
                    {said}
                </p>
            }
            .into_any(),
        )
    }
}
