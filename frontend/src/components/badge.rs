//! Badges: the status of a request, unread messages.

use leptos::prelude::*;
use shared::workflow::Status;

/// The status of a request. The word says it; the colour only repeats it.
#[component]
pub fn StatusBadge(
    status: Status,
    /// It updates an authorisation that is in force.
    #[prop(optional)]
    reopening: bool,
    /// The applicant has a partial grant to accept or to decline.
    #[prop(optional)]
    offered: bool,
) -> impl IntoView {
    let class = match status {
        Status::Draft | Status::Archived | Status::Deleted => "fr-badge",
        Status::Submitted => "fr-badge fr-badge--info fr-badge--no-icon",
        Status::ChangesRequested => "fr-badge fr-badge--new fr-badge--no-icon",
        Status::Validated => "fr-badge fr-badge--success fr-badge--no-icon",
        Status::Refused | Status::Revoked => "fr-badge fr-badge--error fr-badge--no-icon",
    };
    let label = if offered {
        "Accord partiel proposé"
    } else if reopening {
        status.update_label()
    } else {
        status.label()
    };
    view! { <span class=class>{label}</span> }
}

/// How many messages wait to be read; nothing where none does.
pub fn unread_badge(count: i64) -> Option<AnyView> {
    (count > 0).then(|| {
        view! { <span class="fr-badge fr-badge--sm fr-badge--info fr-badge--no-icon">{unread(count)}</span> }.into_any()
    })
}

/// « 2 messages non lus ».
pub fn unread(count: i64) -> String {
    if count == 1 { "1 message non lu".to_owned() } else { format!("{count} messages non lus") }
}

/// How many points were left as they are; nothing where none was.
pub fn unanswered_badge(count: i64) -> Option<AnyView> {
    (count > 0).then(|| {
        view! { <span class="fr-badge fr-badge--sm fr-badge--warning fr-badge--no-icon">{unanswered(count)}</span> }
            .into_any()
    })
}

fn unanswered(count: i64) -> String {
    if count == 1 { "1 point non traité".to_owned() } else { format!("{count} points non traités") }
}

/// A neutral word.
#[component]
pub fn Badge(
    /// The word.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <span class="fr-badge fr-badge--sm fr-badge--no-icon">{label}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_messages_are_counted_in_words() {
        assert_eq!(unread(1), "1 message non lu");
        assert_eq!(unread(2), "2 messages non lus");
    }
}
