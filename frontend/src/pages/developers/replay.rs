//! Has what a webhook was told in a span of days told again.

use chrono::{DateTime, Days, NaiveDate, Utc};
use leptos::prelude::*;
use shared::webhook::Replay;

use crate::api::webhooks;
use crate::components::field::TextInput;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::{InputErrors, Submission};

const FROM: &str = "rejouer-du";
const UNTIL: &str = "rejouer-au";

/// The beginning of that day, or of one so many days later; `None` where the text is no day.
fn start(day: &str, later: u64) -> Option<DateTime<Utc>> {
    let day = day.parse::<NaiveDate>().ok()?.checked_add_days(Days::new(later))?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// Both days count, whole.
fn span(from: &str, until: &str) -> Replay {
    Replay { delivery: None, from: start(from, 0), until: start(until, 1) }
}

fn errors(from: &str, until: &str) -> InputErrors {
    match (span(from, until), from > until) {
        (Replay { from: None, until: None, .. }, _) => vec![("/from", "Indiquez au moins une date.".to_owned())],
        (Replay { from: Some(_), until: Some(_), .. }, true) => {
            vec![("/until", "Indiquez un jour qui suit le premier.".to_owned())]
        }
        _ => Vec::new(),
    }
}

#[component]
pub fn ReplayForm(
    /// Number of the webhook.
    id: String,
    /// Called with how many are told again.
    on_replayed: Callback<usize>,
) -> impl IntoView {
    let (from, until) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submission = Submission::new("rejouer-une-periode", &[("/from", FROM), ("/until", UNTIL)], move || {
        from.with(|from| until.with(|until| errors(from, until)))
    });
    let id = StoredValue::new(id);
    let send = move || {
        if submission.is_ready() {
            let replay = span(&from.get_untracked(), &until.get_untracked());
            submission.send(webhooks::replay(id.get_value(), replay), move |replayed| on_replayed.run(replayed.count));
        }
    };
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby="rejouer-une-periode"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h3 class="fr-h5" id="rejouer-une-periode">
                "Rejouer une période"
            </h3>
            <p>
                "Après une panne de votre service, redemandez les envois de ces jours-là. Ils gardent leur numéro et leur ordre\u{a0}: il reconnaît ainsi ceux qu’il a déjà traités."
            </p>
            <RefusalAlert submission title="Les envois n’ont pas été rejoués" />
            <div class="dp-filters">
                <TextInput
                    id=FROM
                    label="Du"
                    hint="À 0\u{a0}h, temps universel"
                    kind="date"
                    value=from
                    error=submission.error_at("/from")
                    on_input=Callback::new(move |text| from.set(text))
                />
                <TextInput
                    id=UNTIL
                    label="Au"
                    hint="Ce jour compris"
                    kind="date"
                    value=until
                    error=submission.error_at("/until")
                    on_input=Callback::new(move |text| until.set(text))
                />
            </div>
            <SubmitButton submission label="Rejouer cette période" class="fr-btn fr-btn--secondary fr-mt-2w" />
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_count() {
        let text = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
        let Replay { from, until, .. } = span("2026-02-27", "2026-02-28");
        assert_eq!((text(from), text(until)), ("2026-02-27T00:00:00+00:00".into(), "2026-03-01T00:00:00+00:00".into()));
        assert_eq!(span("", "jamais"), Replay::default());
    }

    #[test]
    fn a_span_has_a_bound_and_runs_forward() {
        let pointers = |from, until| errors(from, until).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
        assert_eq!(pointers("", ""), ["/from"]);
        assert_eq!(pointers("2026-03-02", "2026-03-01"), ["/until"]);
        assert!(pointers("2026-03-01", "2026-03-01").is_empty() && pointers("", "2026-03-01").is_empty());
    }
}
