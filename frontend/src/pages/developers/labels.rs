//! The words for webhooks and what they tell.

use leptos::prelude::*;
use shared::webhook::{DeliveryState, GrantingEvent, WebhookState};
use shared::workflow::EventName;

/// What happened, in words.
pub const fn event(event: EventName) -> &'static str {
    match event {
        EventName::Create => "Brouillon commencé",
        EventName::Update => "Brouillon modifié",
        EventName::Submit => "Demande soumise",
        EventName::RequestChanges => "Modifications demandées",
        EventName::Validate => "Habilitation accordée",
        EventName::Refuse => "Demande refusée",
        EventName::Revoke => "Habilitation révoquée",
        EventName::Archive => "Demande archivée",
        EventName::Delete => "Brouillon supprimé",
        EventName::Restore => "Brouillon rétabli",
        EventName::Withdraw => "Demande reprise par le demandeur",
        EventName::Reopen => "Mise à jour commencée",
        EventName::CancelReopening => "Mise à jour abandonnée",
        EventName::OfferPartialGrant => "Accord partiel proposé",
        EventName::AcceptOffer => "Accord partiel accepté",
        EventName::DeclineOffer => "Accord partiel décliné",
        EventName::Copy => "Demande renouvelée",
        EventName::Reminder | EventName::ReminderBeforeArchive => "Demandeur relancé",
        EventName::Correct => "Demande corrigée",
        EventName::CorrectContacts => "Coordonnées corrigées",
        EventName::Transfer => "Demande transmise à un autre demandeur",
    }
}

/// What happened, by the name that the receiver is told.
pub fn told(name: &str) -> &str {
    if name == GrantingEvent::Approve.as_str() {
        return event(EventName::Validate);
    }
    match name.parse() {
        Ok(known) => event(known),
        Err(_) => name,
    }
}

/// What a webhook tells, in one line.
pub fn events(asked: &[EventName]) -> String {
    let words: Vec<&str> = asked.iter().copied().map(event).collect();
    words.join("\u{a0}; ")
}

/// What a grant is called.
pub const fn granting_event(name: GrantingEvent) -> &'static str {
    match name {
        GrantingEvent::Approve => "approve, le nom que les services connaissent",
        GrantingEvent::Validate => "validate, le nom de la première version de DataPass",
    }
}

/// Whether a webhook is called.
pub fn state_badge(state: WebhookState) -> AnyView {
    let class = match state {
        WebhookState::On => "fr-badge fr-badge--sm fr-badge--success fr-badge--no-icon",
        WebhookState::Off => "fr-badge fr-badge--sm fr-badge--no-icon",
        WebhookState::Disabled => "fr-badge fr-badge--sm fr-badge--error fr-badge--no-icon",
    };
    view! { <span class=class>{state.label()}</span> }.into_any()
}

/// Where a delivery stands.
pub fn delivery_badge(state: DeliveryState) -> AnyView {
    let class = match state {
        DeliveryState::Pending => "fr-badge fr-badge--sm fr-badge--no-icon",
        DeliveryState::Failing => "fr-badge fr-badge--sm fr-badge--warning fr-badge--no-icon",
        DeliveryState::Delivered => "fr-badge fr-badge--sm fr-badge--success fr-badge--no-icon",
        DeliveryState::GivenUp => "fr-badge fr-badge--sm fr-badge--error fr-badge--no-icon",
    };
    view! { <span class=class>{state.label()}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_can_be_asked_for_is_told_apart() {
        let words: BTreeSet<&str> = shared::webhook::EVENTS.iter().copied().map(event).collect();
        assert_eq!(words.len(), shared::webhook::EVENTS.len());
    }

    #[test]
    fn a_grant_is_known_by_both_its_names() {
        assert_eq!(told("approve"), "Habilitation accordée");
        assert_eq!(told("validate"), "Habilitation accordée");
        assert_eq!(told("submit"), "Demande soumise");
        assert_eq!(told("test"), "test");
    }
}
