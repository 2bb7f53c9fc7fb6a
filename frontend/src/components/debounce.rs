//! Debounces calls while somebody types.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

/// Makes a call once nothing has been asked for a while: only the last one asked for is made.
#[derive(Clone, Copy, Debug)]
pub struct Debounce {
    length: Duration,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Debounce {
    /// A pause of that length. What is still waiting when the page is left is not made.
    pub fn of(length: Duration) -> Self {
        let debounce = Self { length, timer: StoredValue::new(None) };
        on_cleanup(move || debounce.cancel());
        debounce
    }

    /// Makes that call after the pause, in the place of the one that was waiting.
    pub fn then(self, call: impl FnOnce() + 'static) {
        self.cancel();
        self.timer.set_value(set_timeout_with_handle(call, self.length).ok());
    }

    /// Makes no call.
    pub fn cancel(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }
}
