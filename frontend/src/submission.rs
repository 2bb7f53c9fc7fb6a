//! Sends a form to the server: whether it is on its way, done or refused, and what is wrong with which input.
//!
//! No view here: `shell::submitting` draws the button and the refusal.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::problem::ErrorItem;

use crate::api::{Answer, ApiError, Raw, Waiting};
use crate::browser;

/// What is wrong with the inputs of a form, each by the JSON pointer of the member that it fills.
pub type InputErrors = Vec<(&'static str, String)>;

/// The inputs of a form in their order: pointer of the member, id of the input.
type Inputs = Vec<(&'static str, String)>;

/// The submission of a form. A handle: copies share one state.
#[derive(Clone, Copy, Debug)]
pub struct Submission {
    alert_id: StoredValue<String>,
    inputs: StoredValue<Inputs>,
    is_tried: RwSignal<bool>,
    own_errors: Memo<InputErrors>,
    server_errors: RwSignal<InputErrors>,
    is_sending: RwSignal<bool>,
    failure: RwSignal<Option<ApiError>>,
}

impl Submission {
    /// For the form of that name, unique in the page, with these inputs: `("/email", "role-email")`. `check` says what is
    /// wrong with them before anything is sent; from the first try on, it is asked again at each change.
    pub fn new(
        name: &str,
        inputs: &[(&'static str, &str)],
        check: impl Fn() -> InputErrors + Send + Sync + 'static,
    ) -> Self {
        let inputs = inputs.iter().map(|(pointer, id)| (*pointer, (*id).to_owned())).collect();
        Self::of(format!("{name}-refus"), inputs, Box::new(check))
    }

    /// For a button, without inputs.
    pub fn of_button(name: &str) -> Self {
        Self::new(name, &[], Vec::new)
    }

    fn of(alert_id: String, inputs: Inputs, check: Box<dyn Fn() -> InputErrors + Send + Sync>) -> Self {
        let is_tried = RwSignal::new(false);
        Self {
            alert_id: StoredValue::new(alert_id),
            inputs: StoredValue::new(inputs),
            is_tried,
            own_errors: Memo::new(move |_| if is_tried.get() { check() } else { Vec::new() }),
            server_errors: RwSignal::new(Vec::new()),
            is_sending: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// Whether it is on its way.
    pub fn is_sending(self) -> bool {
        self.is_sending.get()
    }

    /// What is wrong with the input that fills that member.
    pub fn error_at(self, pointer: &'static str) -> Signal<Option<String>> {
        let at =
            move |errors: &InputErrors| errors.iter().find(|(own, _)| *own == pointer).map(|(_, text)| text.clone());
        Signal::derive(move || self.own_errors.with(at).or_else(|| self.server_errors.with(at)))
    }

    /// Why it did not go through.
    pub fn failure(self) -> Option<ApiError> {
        self.failure.get()
    }

    /// The same in French. What the inputs say is not repeated.
    pub fn failure_text(self) -> Option<String> {
        let located = self.server_errors.with(Vec::len);
        self.failure.get().map(|error| {
            if located > 0 && located == error.items().len() {
                "Corrigez ce qui est signalé dans le formulaire.".to_owned()
            } else {
                error.message()
            }
        })
    }

    /// Id of what shows the failure.
    pub fn alert_id(self) -> String {
        self.alert_id.get_value()
    }

    /// Whether the form may be sent. Where something is wrong with an input, it takes the focus.
    pub fn is_ready(self) -> bool {
        if self.is_sending.get_untracked() {
            return false;
        }
        self.is_tried.set(true);
        self.forget_answer();
        match self.first(&self.own_errors.get_untracked()) {
            Some(id) => {
                browser::focus(&id);
                false
            }
            None => true,
        }
    }

    /// Makes the call; `on_done` gets what it returns.
    pub fn send<T: 'static>(self, call: Answer<T>, on_done: impl FnOnce(T) + 'static) {
        self.send_then(call, move |answer| {
            if let Ok(value) = answer {
                on_done(value);
            }
        });
    }

    /// Makes the call; `then` gets its result, after a refusal is shown.
    pub fn send_then<T: 'static>(self, call: Answer<T>, then: impl FnOnce(Result<T, ApiError>) + 'static) {
        if self.begin() {
            let (waiting, read) = call.apart();
            finish(
                waiting,
                Box::new(move |raw| {
                    let answer = raw.and_then(read);
                    if self.end(answer.as_ref().err()) {
                        then(answer);
                    }
                }),
            );
        }
    }

    /// Clears every error.
    pub fn clear(self) {
        self.is_tried.set(false);
        self.forget_answer();
    }

    fn forget_answer(self) {
        self.server_errors.set(Vec::new());
        self.failure.set(None);
    }

    fn begin(self) -> bool {
        if self.is_sending.get_untracked() {
            return false;
        }
        self.forget_answer();
        self.is_sending.set(true);
        true
    }

    /// Whether the form is still in the page.
    fn end(self, error: Option<&ApiError>) -> bool {
        if self.is_sending.try_set(false).is_some() {
            return false;
        }
        match error {
            None => self.is_tried.set(false),
            Some(error) => self.refuse(error),
        }
        true
    }

    /// Shows what is wrong, and goes to the first input that is, or to the alert where the server said no to the whole.
    /// Without an answer the focus stays on the button, which offers to try again.
    fn refuse(self, error: &ApiError) {
        let errors = self.inputs.with_value(|inputs| located(inputs, error.items()));
        let first = self.first(&errors);
        self.server_errors.set(errors);
        self.failure.set(Some(error.clone()));
        if let Some(id) = first.or_else(|| (!error.is_passing()).then(|| self.alert_id())) {
            browser::focus_soon(id);
        }
    }

    /// Id of the first input in the form that is wrong.
    fn first(self, errors: &InputErrors) -> Option<String> {
        self.inputs.with_value(|inputs| {
            let is_wrong = |pointer| errors.iter().any(|(wrong, _)| *wrong == pointer);
            inputs.iter().find(|(pointer, _)| is_wrong(*pointer)).map(|(_, id)| id.clone())
        })
    }
}

/// Waits, outside of what is generic: it exists once in the bundle.
fn finish(waiting: Waiting, done: Box<dyn FnOnce(Result<Raw, ApiError>)>) {
    spawn_local(async move { done(waiting.await) });
}

/// The errors that an input of the form shows: those of its member, and of what is within.
fn located(inputs: &Inputs, items: &[ErrorItem]) -> InputErrors {
    let input_of = |item: &ErrorItem| {
        let is_within = |own: &str| {
            let rest = item.pointer().and_then(|pointer| pointer.strip_prefix(own));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        inputs.iter().map(|(pointer, _)| *pointer).find(|pointer| is_within(pointer))
    };
    items.iter().filter_map(|item| Some((input_of(item)?, item.detail.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use shared::problem::{ItemCode, Place};

    use super::*;

    #[test]
    fn an_error_of_the_server_goes_to_its_input() {
        let inputs = vec![("/name", "a".to_owned()), ("/redirect_uris", "b".to_owned())];
        let found = |place| located(&inputs, &[ErrorItem::new(place, ItemCode::Format, "Corrigez.")]);
        let at = |pointer: &str| found(Place::Pointer(pointer.to_owned()));
        assert_eq!(at("/redirect_uris/1"), [("/redirect_uris", "Corrigez.".to_owned())]);
        assert_eq!(at("/name"), [("/name", "Corrigez.".to_owned())]);
        assert_eq!(at("/names"), []);
        assert_eq!(at("/scopes/0"), []);
        assert_eq!(found(Place::Parameter("name".to_owned())), []);
    }
}
