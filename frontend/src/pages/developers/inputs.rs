//! The inputs of a webhook, for who makes one and for who changes one.

use leptos::prelude::*;
use shared::webhook::{EVENTS, GrantingEvent, NewWebhook};
use shared::workflow::EventName;

use super::labels;
use crate::components::choice::{CheckboxGroup, Choice, RadioGroup};
use crate::components::field::TextInput;
use crate::submission::{InputErrors, Submission};

const URL: &str = "webhook-url";
const EVENT_BOXES: &str = "webhook-evenements";

/// The input of the API.
pub const TARGET_API: &str = "webhook-api";

/// One for that API, before anything is typed.
pub fn blank(target_api: String) -> NewWebhook {
    NewWebhook {
        target_api,
        url: String::new(),
        events: vec![EventName::Validate, EventName::Revoke],
        granting_event: GrantingEvent::default(),
    }
}

/// The submission of a form with these inputs.
pub fn submission(name: &str, input: RwSignal<NewWebhook>) -> Submission {
    let inputs = [("/target_api", TARGET_API), ("/url", URL), ("/events", EVENT_BOXES)];
    Submission::new(name, &inputs, move || input.with(errors))
}

/// What can be seen to be missing here. The server has more to say.
fn errors(input: &NewWebhook) -> InputErrors {
    let mut errors = Vec::new();
    if input.target_api.is_empty() {
        errors.push(("/target_api", "Choisissez une API.".to_owned()));
    }
    if input.url.is_empty() {
        errors.push(("/url", "Indiquez l’adresse à appeler.".to_owned()));
    }
    if input.events.is_empty() {
        errors.push(("/events", "Choisissez au moins un événement.".to_owned()));
    }
    errors
}

#[component]
pub fn WebhookInputs(input: RwSignal<NewWebhook>, submission: Submission) -> impl IntoView {
    let event =
        |event: &EventName| Choice { hint: event.to_string(), ..Choice::new(event.as_str(), labels::event(*event)) };
    let chosen = Signal::derive(move || input.with(|input| input.events.iter().map(ToString::to_string).collect()));
    let on_event = Callback::new(move |(name, is_ticked): (String, bool)| {
        input.update(|input| {
            input.events.retain(|other| other.as_str() != name);
            if is_ticked {
                input.events.extend(name.parse::<EventName>());
            }
        });
    });
    let grants =
        GrantingEvent::ALL.iter().map(|name| Choice::new(name.as_str(), labels::granting_event(*name))).collect();
    view! {
        <TextInput
            id=URL
            label="Adresse à appeler"
            hint="En https, sans identifiant ni mot de passe. Exemple\u{a0}: https://service.exemple.fr/datapass"
            kind="url"
            inputmode="url"
            autocomplete="off"
            required=true
            value=Signal::derive(move || input.with(|input| input.url.clone()))
            error=submission.error_at("/url")
            on_input=Callback::new(move |text: String| input.update(|input| text.trim().clone_into(&mut input.url)))
        />
        <CheckboxGroup
            id=EVENT_BOXES
            legend="Événements"
            hint="Ce dont votre service veut être prévenu. Sous chacun, son nom dans l’appel."
            choices=EVENTS.iter().map(event).collect()
            chosen
            error=submission.error_at("/events")
            on_change=on_event
        />
        <RadioGroup
            id="webhook-accord"
            legend="Nom de l’événement «\u{a0}Habilitation accordée\u{a0}» dans l’appel"
            choices=grants
            value=Signal::derive(move || input.with(|input| input.granting_event.to_string()))
            on_change=Callback::new(move |name: String| {
                input.update(|input| input.granting_event = name.parse().unwrap_or(input.granting_event));
            })
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_found_before_it_is_sent() {
        let pointers = |input: &NewWebhook| errors(input).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
        let mut input = blank(String::new());
        assert_eq!(pointers(&input), ["/target_api", "/url"]);
        input.target_api = "api_particulier".to_owned();
        input.url = "https://exemple.fr/".to_owned();
        assert!(pointers(&input).is_empty());
        input.events.clear();
        assert_eq!(pointers(&input), ["/events"]);
    }
}
